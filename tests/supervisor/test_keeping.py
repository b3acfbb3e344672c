"""Servers that are kept running: deaths, reloads, stops, and calls that notice nothing of it."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from mcpctl.errors import ConfigError, ConnectError, McpctlError
from mcpctl.model.events import Event
from mcpctl.model.protocol import Change, Listing
from mcpctl.model.running import LastExit, Reloaded, ReloadFailed, StateChanged
from mcpctl.model.server import ServerSpec
from mcpctl.session import Handlers
from mcpctl.session.connection import Connection
from mcpctl.supervisor.keeper import HOLD_LIMIT, RESTART_DRAIN
from tests.session.places import hostile
from tests.supervisor.places import build, call, fleet, until, write_build
from tests.support import run


def states(events: list[Event]) -> list[str]:
    return [event.state for event in events if isinstance(event, StateChanged)]


def test_what_somebody_else_keeps_running_is_tried_for_ever(tmp_path: Path) -> None:
    async def check() -> None:
        remote = ServerSpec(name="far", transport="http", url="http://127.0.0.1:9/mcp")
        near = build(tmp_path / "server.py", name="near")
        async with fleet(tmp_path, remote, near) as kept:
            for name, state in (("far", "backoff"), ("near", "failed")):
                machine = kept.keeper(name).machine
                for _ in range(6):
                    machine.died(LastExit(at=0.0, reason="it refused"), needed=True)
                assert machine.state == state

    run(check())


def test_a_killed_server_comes_back_by_itself(tmp_path: Path) -> None:
    async def check() -> None:
        events: list[Event] = []
        write_build(tmp_path / "server.py", "v1")
        async with fleet(tmp_path, build(tmp_path / "server.py"), events=events) as kept:
            await kept.start(["build"])
            first = kept.status("build")
            assert first.pid is not None
            os.kill(first.pid, signal.SIGKILL)
            await until(
                lambda: kept.status("build").restarts == 1 and kept.status("build").state == "running"
            )
            second = kept.status("build")
            assert second.pid != first.pid
            assert second.last_exit is not None
            assert second.last_exit.signal == "SIGKILL"
            assert "build v1 boots" in second.last_exit.stderr_tail
        assert states(events) == ["starting", "running", "backoff", "starting", "running"]

    run(check())


def test_a_crash_costs_only_calls_that_must_not_be_repeated(tmp_path: Path) -> None:
    async def check() -> None:
        write_build(tmp_path / "server.py", "v1")
        async with fleet(tmp_path, build(tmp_path / "server.py")) as kept:
            await kept.start(["build"])
            harmless = [asyncio.create_task(call(kept, seconds=0.5)) for _ in range(5)]
            risky = asyncio.create_task(call(kept, "once", seconds=0.5))
            connection = kept.keeper("build").current
            assert connection is not None
            await until(lambda: connection.users >= 12)
            os.kill(kept.status("build").pid or 0, signal.SIGKILL)
            assert len(set(await asyncio.gather(*harmless))) == 1
            with pytest.raises(ConnectError, match="SIGKILL"):
                await risky

    run(check())


def test_a_server_that_dies_all_the_time_is_given_up_and_says_why(tmp_path: Path) -> None:
    async def check() -> None:
        async with fleet(tmp_path, hostile("exit3")) as kept:
            await kept.start(["exit3"])
            await until(lambda: kept.status("exit3").state == "failed")
            status = kept.status("exit3")
            assert status.starts <= 10  # each start may be two: one for either era
            assert "too often" in status.reason
            with pytest.raises(ConnectError, match="exited with code 3"):
                await call(kept, server="exit3")

    run(check())


def test_a_server_that_is_lost_as_soon_as_it_is_there_does_not_make_its_keeper_wait_for_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def check() -> None:
        write_build(tmp_path / "server.py", "v1")
        async with fleet(tmp_path, build(tmp_path / "server.py")) as kept:
            keeper = kept.keeper("build")
            install = keeper.install

            def install_and_lose(connection: Connection, listing: Listing | None = None) -> None:
                install(connection, listing)
                keeper.slot.install(None)

            monkeypatch.setattr(keeper, "install", install_and_lose)
            async with asyncio.timeout(HOLD_LIMIT / 2):
                await kept.start(["build"])

    run(check())


def test_a_server_that_never_lists_its_tools_holds_nobody_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def check() -> None:
        monkeypatch.setattr("mcpctl.supervisor.charge.TOOLS_PATIENCE", 0.05)
        server = tmp_path / "server.py"
        write_build(server, "v1")
        listing = 'if method == "tools/list":\n'
        server.write_text(server.read_text().replace(listing, listing + "        time.sleep(99)\n"))
        async with fleet(tmp_path, build(server)) as kept:
            async with asyncio.timeout(RESTART_DRAIN / 2):
                await kept.start(["build"])
                assert kept.status("build").state == "running"
                await kept.keeper("build").ask("rest", "a test")
                await kept.restart(["build"])
                await kept.stop(["build"])
            assert kept.status("build").state == "stopped"

    run(check())


def test_a_stop_takes_the_place_of_all_that_was_ordered_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def check() -> None:
        monkeypatch.setattr("mcpctl.supervisor.keeper.RESTART_DRAIN", 0.1)
        write_build(tmp_path / "server.py", "v1")
        async with fleet(tmp_path, build(tmp_path / "server.py", reload="restart")) as kept:
            await kept.start(["build"])
            calling = asyncio.create_task(call(kept, seconds=HOLD_LIMIT))
            await until(lambda: kept.status("build").in_flight)
            keeper = kept.keeper("build")
            first = keeper.reload_soon("one")
            await until(lambda: kept.status("build").state == "draining")
            second = keeper.reload_soon("two")
            async with asyncio.timeout(HOLD_LIMIT / 2):
                await kept.stop(["build"])
                await asyncio.gather(first, second)
            assert kept.status("build").state == "stopped"
            with pytest.raises(ConnectError):
                await calling

    run(check())


def test_nobody_waits_for_a_keeper_that_has_ended(tmp_path: Path) -> None:
    async def check() -> None:
        write_build(tmp_path / "server.py", "v1", boot=HOLD_LIMIT)
        async with fleet(tmp_path, build(tmp_path / "server.py", start_timeout=HOLD_LIMIT)) as kept:
            keeper = kept.keeper("build")
            waiting = [
                *(asyncio.create_task(keeper.ask(kind, "a test")) for kind in ("start", "rest")),
                asyncio.create_task(keeper.connection()),
            ]
            await until(lambda: kept.status("build").starts == 1)
            async with asyncio.timeout(HOLD_LIMIT / 2):
                await keeper.aclose()
                *_, refused = await asyncio.gather(*waiting, return_exceptions=True)
                await keeper.ask("restart", "too late")
                with pytest.raises(ConnectError):
                    await keeper.connection()
            assert isinstance(refused, ConnectError)

    run(check())


def test_servers_that_hang_while_they_start_hold_no_other_one_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def check() -> None:
        monkeypatch.setattr("mcpctl.session.manager.STARTS_PER_CORE", 1)
        monkeypatch.setattr("mcpctl.session.turns.PATIENCE", 0.1)
        names = [f"silent{number}" for number in range(os.cpu_count() or 1)]
        write_build(tmp_path / "silent.py", "v1", boot=HOLD_LIMIT)
        write_build(tmp_path / "server.py", "v1")
        silent = [build(tmp_path / "silent.py", name, start_timeout=HOLD_LIMIT) for name in names]
        async with fleet(tmp_path, *silent, build(tmp_path / "server.py")) as kept:
            starting = asyncio.create_task(kept.start(names))
            await until(lambda: all(kept.status(name).starts for name in names))
            async with asyncio.timeout(HOLD_LIMIT / 4):
                assert (await call(kept)).startswith("v1")
            starting.cancel()

    run(check())


def test_whoever_calls_a_server_that_cannot_start_hears_it_at_once(tmp_path: Path) -> None:
    async def check() -> None:
        async with fleet(tmp_path, build(tmp_path / "nothing.py")) as kept:
            with pytest.raises(ConnectError, match="exited with code 2"):
                await call(kept)

    run(check())


def test_a_stopped_server_stays_stopped_until_it_is_restarted(tmp_path: Path) -> None:
    async def check() -> None:
        write_build(tmp_path / "server.py", "v1")
        async with fleet(tmp_path, build(tmp_path / "server.py")) as kept:
            first = await call(kept)
            await kept.stop(["build"])
            assert (kept.status("build").pid, kept.status("build").uptime) == (None, None)
            with pytest.raises(ConnectError, match="was stopped"):
                await call(kept)
            await kept.restart(["build"])
            assert await call(kept) != first

    run(check())


def test_a_new_build_takes_over_and_tells_what_changed(tmp_path: Path) -> None:
    async def check() -> None:
        events: list[Event] = []
        changes: list[Change] = []
        write_build(tmp_path / "server.py", "v1", tools=("old",))
        async with fleet(tmp_path, build(tmp_path / "server.py"), events=events) as kept:
            await kept.start(["build"])
            slow = asyncio.create_task(call(kept, seconds=0.6))
            await until(lambda: kept.status("build").in_flight)
            write_build(tmp_path / "server.py", "v2", tools=("new",))
            async with kept.sessions.open("build", Handlers(on_change=changes.append)):
                await kept.reload(["build"], "server.py changed")
            assert (await call(kept)).startswith("v2")
            assert not slow.done()
            assert (await slow).startswith("v1")
            await until(lambda: len(kept.keeper("build").connections()) == 1)
        told = next(event for event in events if isinstance(event, Reloaded))
        assert (told.strategy, told.tools.added, told.tools.removed) == ("swap", ("new",), ("old",))
        assert told.tools.changed["work"] == ("description",)
        assert [change.kind for change in changes] == ["tools"]

    run(check())


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        ("raise SystemExit('no such module')", "no such module"),
        ("sys.exit(3)", "code 3"),
        ("time.sleep(60)", "within 1 s"),
    ],
)
def test_a_broken_build_changes_nothing(tmp_path: Path, extra: str, said: str) -> None:
    async def check() -> None:
        events: list[Event] = []
        write_build(tmp_path / "server.py", "v1")
        spec = build(tmp_path / "server.py", start_timeout=1.0)
        async with fleet(tmp_path, spec, events=events) as kept:
            before = await call(kept)
            write_build(tmp_path / "server.py", "v2", extra=extra)
            await kept.reload(["build"], "server.py changed")
            assert await call(kept) == before
        told = next(event for event in events if isinstance(event, ReloadFailed))
        assert told.serving
        assert said in told.message

    run(check())


def test_a_server_that_owns_a_port_is_restarted_without_losing_calls(tmp_path: Path) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    async def check() -> None:
        events: list[Event] = []
        write_build(tmp_path / "server.py", "v1", port=port, work=0.05)
        async with fleet(tmp_path, build(tmp_path / "server.py"), events=events) as kept:
            await kept.start(["build"])
            seen, stop = await hammer(kept, callers=10)
            write_build(tmp_path / "server.py", "v2", port=port, work=0.05)
            await kept.reload(["build"], "server.py changed")
            await until(lambda: seen["v2"] > 10)
            await stop()
            assert set(seen) == {"v1", "v2"}
        assert [event.strategy for event in events if isinstance(event, Reloaded)] == ["restart"]

    run(check())


@pytest.mark.parametrize("strategy", ["swap", "restart"])
def test_reloads_and_broken_builds_lose_no_call(tmp_path: Path, strategy: Any) -> None:
    async def check() -> None:
        events: list[Event] = []
        write_build(tmp_path / "server.py", "v0", work=0.02)
        spec = build(tmp_path / "server.py", reload=strategy)
        async with fleet(tmp_path, spec, events=events) as kept:
            await kept.start(["build"])
            seen, stop = await hammer(kept, callers=50)
            for number in range(1, 7):
                broken = number in (2, 4)
                extra = "sys.exit('broken')" if broken else ""
                write_build(tmp_path / "server.py", f"v{number}", work=0.02, extra=extra)
                await kept.reload(["build"], "server.py changed")
                if not broken:
                    await until(lambda version=f"v{number}": seen[version])
            await stop()
            assert {"v1", "v3", "v5", "v6"} <= set(seen)
            assert {"v2", "v4", "failed"} & set(seen) == set()
        failed = [event for event in events if isinstance(event, ReloadFailed)]
        assert len(failed) == 2

    run(check(), 30)


def test_many_reloads_asked_for_at_once_are_two(tmp_path: Path) -> None:
    async def check() -> None:
        events: list[Event] = []
        write_build(tmp_path / "server.py", "v1", boot=0.1)
        async with fleet(tmp_path, build(tmp_path / "server.py"), events=events) as kept:
            await kept.start(["build"])
            first = kept.keeper("build").reload_soon("one")
            await asyncio.sleep(0)
            await asyncio.gather(first, *(kept.keeper("build").reload_soon("more") for _ in range(20)))
        assert len([event for event in events if isinstance(event, Reloaded)]) <= 2

    run(check())


async def hammer(kept: Any, *, callers: int) -> tuple[Counter[str], Any]:
    """Callers without a pause. What is counted is the build that answered, and `failed`."""
    seen: Counter[str] = Counter()
    going = True

    async def caller() -> None:
        while going:
            try:
                seen[(await call(kept)).split()[0]] += 1
            except McpctlError as error:
                seen["failed"] += 1
                seen[error.message] += 1

    tasks = [asyncio.create_task(caller()) for _ in range(callers)]
    await until(lambda: sum(seen.values()) > callers)

    async def stop() -> None:
        nonlocal going
        going = False
        await asyncio.gather(*tasks)

    return seen, stop


def test_a_server_that_does_not_answer_is_degraded_until_it_does(tmp_path: Path) -> None:
    async def check() -> None:
        events: list[Event] = []
        write_build(tmp_path / "server.py", "v1")
        spec = build(tmp_path / "server.py", call_timeout=0.1)
        async with fleet(tmp_path, spec, events=events) as kept:
            for _ in range(3):
                await call(kept)
            for _ in range(4):
                with pytest.raises(McpctlError):
                    await call(kept, seconds=0.3)
            assert kept.status("build").state == "degraded"
            assert "deadline" in kept.status("build").reason
            for _ in range(3):
                await call(kept)
            assert kept.status("build").state == "running"

    run(check())


def test_a_remote_server_that_was_away_is_tried_again_by_the_next_call(tmp_path: Path) -> None:
    async def check() -> None:
        spec = ServerSpec(name="far", transport="http", url="http://127.0.0.1:9/mcp")
        async with fleet(tmp_path, spec) as kept:
            await kept.start(["far"])
            await until(lambda: kept.status("far").state == "backoff" and kept.status("far").starts > 2)
            starts = kept.status("far").starts
            with pytest.raises(ConnectError):
                await call(kept, server="far")
            assert kept.status("far").starts > starts

    run(check())


def test_what_must_be_mended_by_hand_is_not_tried_again_and_keeps_its_name(tmp_path: Path) -> None:
    async def check() -> None:
        write_build(tmp_path / "server.py", "v1")
        spec = build(tmp_path / "server.py", env={"TOKEN": "${NO_SUCH_VARIABLE}"})
        async with fleet(tmp_path, spec) as kept:
            await kept.start(["build"])
            assert kept.status("build").state == "failed"
            with pytest.raises(ConfigError):
                await call(kept)
            assert kept.status("build").starts == 0

    run(check())


def test_calls_wait_for_the_build_that_mends_a_broken_one(tmp_path: Path) -> None:
    async def check() -> None:
        write_build(tmp_path / "server.py", "v1")
        async with fleet(tmp_path, build(tmp_path / "server.py", reload="restart")) as kept:
            await kept.start(["build"])
            write_build(tmp_path / "server.py", "v2", extra="sys.exit(78)")
            await kept.reload(["build"], "a test")
            starts = kept.status("build").starts
            waiting = [asyncio.create_task(call(kept)) for _ in range(5)]
            await asyncio.sleep(0.3)
            assert not any(each.done() for each in waiting)
            assert kept.status("build").starts == starts
            write_build(tmp_path / "server.py", "v3")
            await kept.reload(["build"], "a test")
            assert {text.split()[0] for text in await asyncio.gather(*waiting)} == {"v3"}

    run(check())
