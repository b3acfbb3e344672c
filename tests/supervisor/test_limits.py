"""Servers that use more than they may, and servers that nobody uses."""

from __future__ import annotations

from pathlib import Path

import pytest

from mcpctl.errors import ConnectError
from mcpctl.model.events import Event
from mcpctl.model.running import StateChanged
from mcpctl.model.server import LimitsSpec
from tests.supervisor.places import build, call, fleet, until, write_build
from tests.support import run

GREEDY = """
if VERSION == "greedy":
    threading.Timer(0.2, lambda: globals().update(hoard=bytearray(96 << 20))).start()
"""


def test_a_server_that_uses_too_much_memory_is_started_anew_and_told_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mcpctl.transports.weight.EVERY", 0.05)

    async def check() -> None:
        server = tmp_path / "server.py"
        write_build(server, "greedy", extra=GREEDY)
        events: list[Event] = []
        spec = build(server, limits=LimitsSpec(memory=64 << 20))
        async with fleet(tmp_path, spec, events=events) as kept:
            await kept.start(["build"])
            write_build(server, "modest")
            await until(lambda: [each for each in events if getattr(each, "state", "") == "backoff"])
            told = next(each for each in events if isinstance(each, StateChanged) and each.state == "backoff")
            assert "more than its `limits.memory` of 64 MiB" in told.reason
            assert (await call(kept)).startswith("modest")
            assert kept.status("build").restarts == 1

    run(check())


def test_a_server_that_used_up_its_processor_time_says_so(tmp_path: Path) -> None:
    async def check() -> None:
        server = tmp_path / "server.py"
        busy = "threading.Timer(0.2, lambda: [None for _ in iter(int, 1)]).start()"
        write_build(server, "busy", extra=busy)
        async with fleet(tmp_path, build(server, limits=LimitsSpec(cpu_seconds=1))) as kept:
            with pytest.raises(ConnectError, match=r"SIGXCPU.*`limits.cpu_seconds`, 1"):
                await call(kept, "once", seconds=8)

    run(check())


def test_a_server_may_open_no_more_files_than_it_is_allowed(tmp_path: Path) -> None:
    async def check() -> None:
        server = tmp_path / "server.py"
        write_build(
            server, "v", extra="import resource; VERSION = str(resource.getrlimit(resource.RLIMIT_NOFILE))"
        )
        async with fleet(tmp_path, build(server, limits=LimitsSpec(open_files=77))) as kept:
            assert (await call(kept)).startswith("(77, 77)")

    run(check())


def test_a_server_that_nobody_calls_is_stopped_and_the_next_call_starts_it(tmp_path: Path) -> None:
    async def check() -> None:
        server = tmp_path / "server.py"
        write_build(server, "v1")
        async with fleet(tmp_path, build(server, idle_timeout=0.2)) as kept:
            await kept.start(["build"])
            assert (await call(kept, seconds=0.5)).startswith("v1")  # longer than it may be idle
            await until(lambda: kept.status("build").state == "stopped")
            assert kept.status("build").reason == "nobody has called it for 200ms"
            assert kept.status("build").pid is None
            assert (await call(kept)).startswith("v1")
            assert (kept.status("build").state, kept.status("build").starts) == ("running", 2)
            async with kept.sessions.open("build"):  # somebody is there, though he says nothing
                await until(lambda: kept.status("build").uptime > 0.5)
            await until(lambda: kept.status("build").state == "stopped")

    run(check())
