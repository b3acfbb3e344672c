"""`python -m tests.real.install`: fetch the real servers once, into a cache that the tests find and never fill themselves.

Needs the package index of Python, and npm with its registry for the servers in JavaScript. What cannot be fetched is
said and skipped: tests of it are skipped too.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "mcpctl-tests"

PYTHON_SERVERS = ("mcp-server-time", "mcp-server-git", "mcp-server-fetch")
NODE_SERVERS = tuple(
    f"@modelcontextprotocol/server-{name}" for name in ("everything", "filesystem", "memory")
)

PATIENCE = 300.0
"""Seconds for each installer."""


def main() -> int:
    CACHE.mkdir(parents=True, exist_ok=True)
    done = [_python(), _node()]
    sys.stderr.write(f"real servers are in {CACHE}\n" if any(done) else "no real server could be fetched\n")
    return 0


def _python() -> bool:
    home = CACHE / "python"
    if all(program(name) is not None for name in PYTHON_SERVERS):
        return True
    try:
        venv.create(home, with_pip=True)
    except (OSError, subprocess.CalledProcessError) as error:
        sys.stderr.write(f"no environment for servers in Python: {error}\n")
        return False
    return _ran([str(home / "bin/python"), "-m", "pip", "install", "--quiet", *PYTHON_SERVERS])


def _node() -> bool:
    npm = shutil.which("npm")
    if all(program(name) is not None for name in NODE_SERVERS):
        return True
    if npm is None:
        sys.stderr.write("there is no npm: servers in JavaScript are left out\n")
        return False
    return _ran(
        [
            npm,
            "install",
            "--silent",
            "--no-audit",
            "--no-fund",
            "--prefix",
            str(CACHE / "node"),
            *NODE_SERVERS,
        ]
    )


def program(package: str) -> Path | None:
    """Where a server was installed, if it was."""
    if package.startswith("@"):
        path = CACHE / "node/node_modules/.bin" / f"mcp-{package.rpartition('/')[2]}"
    else:
        path = CACHE / "python/bin" / package
    return path if path.exists() else None


def _ran(words: list[str]) -> bool:
    try:
        done = subprocess.run(
            words, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        sys.stderr.write(f"{words[0]}: {error}\n")
        return False
    if done.returncode:
        sys.stderr.write(
            f"`{' '.join(words[:4])} ...` failed: {(done.stderr or done.stdout).strip()[-500:]}\n"
        )
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
