"""Every hostile server through the session manager: connect, list, call, call again, close.

Whatever happens is an outcome in time: an answer, or an error of ours that names its cause. Nothing is left running,
and the memory of this process stays bounded.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from mcpctl.errors import McpctlError
from mcpctl.model.server import ServerSpec
from mcpctl.model.settings import Settings
from mcpctl.session import Session, SessionManager
from mcpctl.transports.sweep import TAG
from tests.hostile.__main__ import address
from tests.support import run, world

SERVERS = Path(__file__).parent / "servers"
DEADLINE = 2.0
"""Seconds for each step: many servers misbehave at the same time here, on two cores."""

PATIENCE = 30.0
"""The same for servers that do answer in the end, however busy this machine is."""

SLACK = 15.0
"""Seconds that an outcome may come after its deadline."""

MEMORY = 250 << 20
"""Bytes that this process may grow to by all hostile servers together, and so by each of them."""

SMALLER = {
    "giant_line": "40",
    "stderr_flood": "10",
    "garbage_flood": "50000",
    "slow_init": "0.3",
    "spin": "0.3",
    "memory_hog": "50",
}
"""Arguments that keep a mode's point and spare the machine."""

NEVER_UP = {"no_init": 0.5}
"""Seconds for a server that fails at every step for lack of time: waiting longer proves no more."""

IMPATIENCE = 0.5
"""Seconds for calls of which it is known that they will never be answered."""

UNANSWERED = frozenset(
    """
    hang_call unknown_ids slow_loris never_reads_stdin progress_forever silent slow_body sse_silent sse_notifs
    """.split()
)
"""Modes in which calls run out of time, and nothing else happens to them."""

Step = Callable[[Session, float], Awaitable[object]]
STEPS: dict[str, Step] = {
    "connect": lambda session, _: session.connect(),
    "list": lambda session, _: session.tools(),
    "call": lambda session, limit: session.call_tool("echo", {"x": "1"}, timeout=limit),
    "call again": lambda session, limit: session.call_tool("echo", {"x": "1"}, timeout=limit),
}

USABLE_AGAIN = frozenset(
    """
    ok garbage invalid_utf8_line crlf_bom ls_ps dup_ids string_ids batch dup_keys sampling_abuse ansi recursive_schema
    bad_schema missing_structured memory_hog env_dump discover_hang garbage_flood stderr_flood
    """.split()
)
"""Modes in which a second call must succeed: at most one message was bad, or none."""


def modes(script: str) -> list[str]:
    listed = subprocess.run(
        [sys.executable, str(SERVERS / script), "--list"], capture_output=True, text=True, check=True
    )
    return [line.split()[0] for line in listed.stdout.splitlines() if line.strip()]


def patience(mode: str) -> float:
    """For the start, and for calls that may be answered."""
    return NEVER_UP.get(mode) or (PATIENCE if mode in USABLE_AGAIN | UNANSWERED else DEADLINE)


async def misuse(manager: SessionManager, name: str) -> dict[str, str]:
    """Outcome by step: `ok`, or the error's code. Anything that is not ours is raised."""
    limit = patience(name)
    called = IMPATIENCE if name in UNANSWERED else limit
    outcomes: dict[str, str] = {}
    async with manager.open(name) as session:
        for step, do in STEPS.items():
            try:
                # The start of a server that lost its first process counts once more.
                await asyncio.wait_for(do(session, called), 2 * limit + SLACK)
                outcomes[step] = "ok"
            except McpctlError as error:
                outcomes[step] = error.code if error.message and error.server == name else "unnamed"
            except TimeoutError:
                outcomes[step] = "endless"
    return outcomes


def swarm(tmp_path: Path, specs: list[ServerSpec], limit: float) -> dict[str, dict[str, str]]:
    async def check() -> dict[str, dict[str, str]]:
        settings = Settings(servers={spec.name: spec for spec in specs})
        manager = SessionManager(settings, world(tmp_path))
        try:
            found = await asyncio.gather(*(misuse(manager, spec.name) for spec in specs))
        finally:
            await asyncio.wait_for(manager.aclose(), SLACK + 2)
        return {spec.name: outcomes for spec, outcomes in zip(specs, found, strict=True)}

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    outcomes = run(check(), timeout=limit)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown * (1 if sys.platform == "darwin" else 1024) < MEMORY
    return outcomes


def nameless(outcomes: dict[str, dict[str, str]]) -> list[tuple[str, str]]:
    """Steps without an end, or whose end does not say who is to blame."""
    return [
        (mode, step)
        for mode, steps in outcomes.items()
        for step, outcome in steps.items()
        if outcome in ("unnamed", "endless")
    ]


def test_every_hostile_process_comes_to_an_end_that_can_be_named(tmp_path: Path) -> None:
    specs = [
        ServerSpec(
            name=mode,
            command=sys.executable,
            args=(str(SERVERS / "stdio.py"), mode, *([SMALLER[mode]] if mode in SMALLER else [])),
            start_timeout=patience(mode),
        )
        for mode in modes("stdio.py")
    ]
    outcomes = swarm(tmp_path, specs, limit=240)
    assert {outcomes[mode]["call"] for mode in UNANSWERED & outcomes.keys()} == {"deadline.call"}
    assert {mode for mode in USABLE_AGAIN if outcomes[mode]["call again"] != "ok"} == set()
    assert nameless(outcomes) == []
    assert children_left() == []


def children_left() -> list[str]:
    """Processes that carry the mark of this one's children."""
    mark = f"{TAG}={os.getpid()}.".encode()
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            if any(entry.startswith(mark) for entry in path.read_bytes().split(b"\0")):
                found.append(path.parent.name)
    return found


@pytest.fixture(scope="module")
def hostile_http() -> Iterator[str]:
    with address("http.py") as at:
        yield at


def test_every_hostile_address_comes_to_an_end_that_can_be_named(tmp_path: Path, hostile_http: str) -> None:
    specs = [
        ServerSpec(name=mode, transport="http", url=f"{hostile_http}/{mode}", start_timeout=patience(mode))
        for mode in modes("http.py")
    ]
    outcomes = swarm(tmp_path, specs, limit=240)
    assert {outcomes[mode]["call"] for mode in UNANSWERED & outcomes.keys()} == {"deadline.call"}
    assert nameless(outcomes) == []
    assert outcomes["ok"] == dict.fromkeys(STEPS, "ok")
    assert outcomes["ok_sse"]["call again"] == "ok"
    assert outcomes["401_any"]["connect"] == "auth.required"
    assert outcomes["429_call"]["call"] == outcomes["429_call"]["call again"]
