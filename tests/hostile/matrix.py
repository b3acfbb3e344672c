"""Every verb that meets a server against every hostile one, as a user would: processes, exit codes, both streams.

A cell is good when the command ended in time with a documented exit code, told no traceback and no bug, drew nothing on
the terminal, printed one JSON object, and left no process behind.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from mcpctl.cli.helptext import EXIT_CODES
from mcpctl.transports.sweep import TAG
from tests.security.scene import unsafe
from tests.support import PYTHON, ROOT

SERVERS = Path(__file__).parent / "servers"

TIMEOUT = 6
"""Seconds that each command is given by `--timeout`."""

LIMIT = TIMEOUT + 12
"""Seconds after which a command has failed to end: it may take five to stop servers, on a machine that is busy."""

CODES = {int(code) for code, _ in EXIT_CODES} - {70, 74, 130}

VERBS: Mapping[str, tuple[str, ...]] = {
    "inspect": (),
    "tools": (),
    "call": ("echo", "x=1"),
    "resources": (),
    "read": ("x://a",),
    "prompts": (),
    "prompt": ("p",),
    "complete": ("p", "a=b"),
    "listen": (),
    "rpc": ("ping",),
    "health": ("--level", "list"),
    "loadtest": ("echo", "x=1", "-n", "20", "-c", "2", "-d", "2s"),
}
"""What is typed behind each verb and its server."""

BY_NAME: Mapping[str, tuple[str, ...]] = {
    "search": ("search", "echo"),
    "validate --connect": ("validate", "--connect"),
    "run": ("run", "bad", "--for", "1s"),
    "login": ("login", "bad"),
}
"""Verbs that find servers in a configuration; whole command lines."""

SMALLER = {
    "giant_line": "40",
    "stderr_flood": "10",
    "garbage_flood": "20000",
    "slow_init": "1",
    "spin": "2",
    "tools_10k": "2000",
}
"""Arguments that keep a mode's point and spare the machine."""


class Cell(NamedTuple):
    verb: str
    mode: str
    code: int
    fault: str
    """Empty where all is well."""


def modes(script: str) -> list[str]:
    listed = subprocess.run(
        [PYTHON, str(SERVERS / script), "--list"], capture_output=True, text=True, check=True
    )
    return [line.split()[0] for line in listed.stdout.splitlines() if line.strip()]


def verbs() -> list[str]:
    return [*VERBS, *BY_NAME]


def matrix(
    chosen: Iterable[str], servers: Mapping[str, Mapping[str, object]], *, at_once: int = 2
) -> Iterator[Cell]:
    """`servers` are entries of a configuration by mode; cells come as they are done, mode by mode."""
    chosen = list(chosen)
    with ThreadPoolExecutor(at_once) as pool:
        pairs = [(verb, mode, entry) for mode, entry in servers.items() for verb in chosen]
        yield from pool.map(lambda pair: cell(*pair), pairs)


def stdio_servers(names: Iterable[str]) -> dict[str, dict[str, object]]:
    return {
        mode: {
            "command": sys.executable,
            "args": [str(SERVERS / "stdio.py"), mode, *([SMALLER[mode]] if mode in SMALLER else [])],
        }
        for mode in names
    }


def cell(verb: str, mode: str, entry: Mapping[str, object]) -> Cell:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "mcpctl.json").write_text(json.dumps({"servers": {"bad": entry}}))
        words = [*BY_NAME[verb]] if verb in BY_NAME else [verb, "bad", *VERBS[verb]]
        argv = [PYTHON, "-m", "mcpctl", *words, "--timeout", f"{TIMEOUT}s", "--json", "-vv"]
        home = {"HOME": folder, "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
        child = subprocess.Popen(
            argv,
            cwd=folder,
            env=home,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        try:
            out, err = child.communicate(timeout=LIMIT)
        except subprocess.TimeoutExpired:
            child.kill()
            child.communicate()
            return Cell(verb, mode, child.returncode, f"did not end within {LIMIT} s")
        left = children_of(child.pid)
        return Cell(verb, mode, child.returncode, fault(child.returncode, out.decode(), err.decode(), left))


def fault(code: int, out: str, err: str, left: list[str]) -> str:
    """The first thing that is wrong."""
    if code not in CODES:
        return f"exit code {code}: {(out or err)[-300:]}"
    if "Traceback" in err:
        return f"a traceback: {err[-300:]}"
    if unsafe(out) or unsafe(err):
        return f"draws on the terminal: {unsafe(out) or unsafe(err)!r}"
    try:
        envelope = json.loads(out.splitlines()[-1])
    except (ValueError, IndexError):
        return f"no JSON: {out[-200:]!r}"
    if envelope["exit_code"] != code:
        return f"says {envelope['exit_code']} and exits with {code}"
    if code in {3, 4, 5, 6, 7} and not (envelope["errors"] or envelope["data"]):
        return f"names no cause of {code}"
    return f"left {', '.join(left)}" if left else ""


def children_of(pid: int) -> list[str]:
    """Processes that carry the mark of a command's children; known on Linux only."""
    mark = f"{TAG}={pid}.".encode()
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            if any(entry.startswith(mark) for entry in path.read_bytes().split(b"\0")):
                found.append(path.parent.name)
    return found
