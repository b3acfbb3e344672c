"""What a command must be like at its end, whatever the server did: the verdict on one cell of the matrix."""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from mcpctl.cli.helptext import EXIT_CODES
from mcpctl.transports.sweep import TAG
from tests.security.scene import leaked, unsafe

CODES = {int(code) for code, _ in EXIT_CODES} - {70, 74, 130}


TRACEBACK = re.compile(r"Traceback \(most recent call last\):\s+File ")
"""One of Python's; servers write a shorter one of their own."""


class Ended(NamedTuple):
    code: int
    out: str
    err: str
    seconds: float
    left: list[str]
    """Processes that were not there before."""


def fault(ended: Ended, *, streams: bool = False, screen: bool = False, relay: bool = False) -> str:
    """The first thing that is wrong; empty where all is well. `relay` puts messages on stdout in place of an answer."""
    return (
        _ending(ended)
        or _words(ended)
        or ("" if screen or relay else _answer(ended, streams=streams))
        or (f"left {', '.join(ended.left)}" if ended.left else "")
    )


def _ending(ended: Ended) -> str:
    if ended.code not in CODES:
        return f"exit code {ended.code}: {(ended.err or ended.out)[-400:]}"
    return ""


def _words(ended: Ended) -> str:
    both = ended.out + ended.err
    if TRACEBACK.search(both):
        return f"a traceback: {both[-600:]}"
    if drawn := unsafe(ended.out.replace("\r\n", "\n")) or unsafe(ended.err):
        return f"draws on the terminal: {drawn!r}"
    if names := leaked(both):
        return f"tells {', '.join(names)}"
    return ""


def _answer(ended: Ended, *, streams: bool) -> str:
    lines = ended.out.splitlines()
    if not lines or (len(lines) > 1 and not streams):
        return f"{len(lines)} lines of JSON: {ended.out[:300]!r}"
    try:
        *events, envelope = [json.loads(line, object_pairs_hook=_sorted) for line in lines]
    except (ValueError, RecursionError) as error:
        return f"no JSON: {error}: {ended.out[-300:]!r}"
    if [each for each in events if "type" not in each]:
        return "an event has no type"
    return _envelope(envelope, ended.code)


def _sorted(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    if keys != sorted(set(keys)):
        raise ValueError(f"keys are not sorted: {keys[:20]}")
    return dict(pairs)


def _envelope(envelope: Any, code: int) -> str:
    if set(envelope) != {"mcpctl", "command", "status", "exit_code", "data", "errors"}:
        return f"no envelope: {sorted(envelope)}"
    if envelope["exit_code"] != code:
        return f"says {envelope['exit_code']} and exits with {code}"
    if envelope["status"] not in ({"failed", "error"} if code else {"ok"}):
        return f"says `{envelope['status']}` and exits with {code}"
    if code and not (envelope["errors"] or envelope["data"]):
        return f"names no cause of {code}"
    if [each for each in envelope["errors"] if not (each["code"] and each["message"])]:
        return "an error has no code or says nothing"
    return ""


def children_of(pids: Iterable[int]) -> list[str]:
    """Processes that carry the mark of a command's children; known on Linux only."""
    marks = tuple(f"{TAG}={pid}.".encode() for pid in pids)
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            if any(entry.startswith(marks) for entry in path.read_bytes().split(b"\0")):
                found.append(path.parent.name)
    return found


def living_in(folder: Path) -> list[str]:
    """Processes whose home a folder is: servers of workers too, which carry another mark. Known on Linux only."""
    home = f"HOME={folder}".encode()
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            if home in path.read_bytes().split(b"\0"):
                found.append(path.parent.name)
    return found


def session_of(pid: int) -> list[str]:
    """Processes of the terminal session that a command led, itself excepted; known on Linux only."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, IndexError, ValueError):
            fields = path.read_text().rpartition(")")[2].split()
            if int(fields[3]) == pid and fields[0] not in "ZX" and int(path.parent.name) != os.getpid():
                found.append(path.parent.name)
    return found
