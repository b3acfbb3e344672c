"""Every hostile server through the session manager: connect, list, call, call again, close.

Whatever happens is an outcome in time: an answer, or an error of ours that names its cause. Nothing is left running,
and the memory of this process stays bounded.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from mcpctl.errors import McpctlError
from mcpctl.model.server import ServerSpec
from mcpctl.model.settings import Settings
from mcpctl.session import Session, SessionManager
from mcpctl.transports.sweep import TAG
from tests.support import run, world

SERVERS = Path(__file__).parent / "servers"
DEADLINE = 2.0
"""Seconds for each step: many servers misbehave at the same time here, on two cores."""

SLACK = 5.0
"""Seconds that an outcome may come after its deadline."""

MEMORY = 250 << 20
"""Bytes that this process may grow to by all hostile servers together, and so by each of them."""

SMALLER = {
    "giant_line": "40",
    "stderr_flood": "10",
    "garbage_flood": "50000",
    "slow_init": "0.3",
    "spin": "1",
}
"""Arguments that keep a mode's point and spare the machine."""

Step = Callable[[Session], Awaitable[object]]
STEPS: dict[str, Step] = {
    "connect": lambda session: session.connect(),
    "list": lambda session: session.tools(),
    "call": lambda session: session.call_tool("echo", {"x": "1"}, timeout=DEADLINE),
    "call again": lambda session: session.call_tool("echo", {"x": "1"}, timeout=DEADLINE),
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


async def misuse(manager: SessionManager, name: str) -> dict[str, str]:
    """Outcome by step: `ok`, or the error's code. Anything that is not ours is raised."""
    outcomes: dict[str, str] = {}
    async with manager.open(name) as session:
        for step, do in STEPS.items():
            began = time.monotonic()
            try:
                await do(session)
                outcomes[step] = "ok"
            except McpctlError as error:
                outcomes[step] = error.code if error.message and error.server == name else "unnamed"
            # The start of a server that lost its first process counts once more.
            assert time.monotonic() - began < 2 * DEADLINE + SLACK, (name, step)
    return outcomes


def swarm(tmp_path: Path, specs: list[ServerSpec], limit: float) -> dict[str, dict[str, str]]:
    async def check() -> dict[str, dict[str, str]]:
        settings = Settings(servers={spec.name: spec for spec in specs})
        manager = SessionManager(settings, world(tmp_path))
        try:
            found = await asyncio.gather(*(misuse(manager, spec.name) for spec in specs))
        finally:
            began = time.monotonic()
            await manager.aclose()
            assert time.monotonic() - began < SLACK + 2
        return {spec.name: outcomes for spec, outcomes in zip(specs, found, strict=True)}

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    outcomes = run(check(), timeout=limit)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown * (1 if sys.platform == "darwin" else 1024) < MEMORY
    return outcomes


def test_every_hostile_process_comes_to_an_end_that_can_be_named(tmp_path: Path) -> None:
    specs = [
        ServerSpec(
            name=mode,
            command=sys.executable,
            args=(str(SERVERS / "stdio.py"), mode, *([SMALLER[mode]] if mode in SMALLER else [])),
            start_timeout=DEADLINE,
        )
        for mode in modes("stdio.py")
    ]
    outcomes = swarm(tmp_path, specs, limit=90)
    assert {mode for mode in USABLE_AGAIN if outcomes[mode]["call again"] != "ok"} == set()
    assert [mode for mode, steps in outcomes.items() if "unnamed" in steps.values()] == []
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
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen([sys.executable, str(SERVERS / "http.py"), str(port)])
    try:
        for _ in range(500):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.01)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def test_every_hostile_address_comes_to_an_end_that_can_be_named(tmp_path: Path, hostile_http: str) -> None:
    specs = [
        ServerSpec(name=mode, transport="http", url=f"{hostile_http}/{mode}", start_timeout=DEADLINE)
        for mode in modes("http.py")
    ]
    outcomes = swarm(tmp_path, specs, limit=90)
    assert [mode for mode, steps in outcomes.items() if "unnamed" in steps.values()] == []
    assert outcomes["ok"] == dict.fromkeys(STEPS, "ok")
    assert outcomes["ok_sse"]["call again"] == "ok"
    assert outcomes["401_any"]["connect"] == "auth.required"
    assert outcomes["429_call"]["call"] == outcomes["429_call"]["call again"]
