"""The one way to a server: shared starts, eras, restarts, and nothing left behind."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from mcpctl.errors import ConfigError, ConnectError, DeadlineError, ProtocolError, UsageError
from mcpctl.model.events import CallFinished, Connected, Event, FellBack, Retried
from mcpctl.model.server import BreakerSpec, CacheSpec, RateClass, RateLimitSpec, RetrySpec
from mcpctl.model.settings import Settings
from mcpctl.session import SessionManager
from mcpctl.session.slot import Slot
from tests.session.places import echo, hostile, managing
from tests.support import run, world


def test_a_server_starts_once_for_all_who_ask_at_the_same_time(tmp_path: Path) -> None:
    async def check() -> None:
        async with managing(tmp_path, echo()) as manager:

            async def ask(number: int) -> str:
                async with manager.open("echo") as session:
                    result = await session.call_tool("echo", {"text": str(number)})
                    return str(result.content[0]["text"])

            answers = await asyncio.gather(*(ask(number) for number in range(20)))
            assert answers == [str(number) for number in range(20)]
            assert manager.slot("echo").starts == 1

    run(check())


@pytest.mark.parametrize(("flag", "era"), [((), "handshake"), (("--modern",), "stateless")])
def test_the_era_is_found_and_remembered(tmp_path: Path, flag: tuple[str, ...], era: str) -> None:
    async def check() -> None:
        for _ in range(2):
            async with managing(tmp_path, echo("echo", *flag)) as manager, manager.open("echo") as session:
                identity = await session.connect()
                assert identity.era == era
                assert (await session.call_tool("echo", {"text": "hi"})).content[0]["text"] == "hi"

    run(check())
    assert era in (tmp_path / "home/.cache/mcpctl/eras.json").read_text()


def test_a_server_that_drops_the_discovery_costs_its_silence_once(tmp_path: Path) -> None:
    async def connected() -> float:
        events: list[Event] = []
        opened = managing(tmp_path, hostile("discover_hang"), events=events)
        async with opened as manager, manager.open("discover_hang") as session:
            await session.connect()
        return next(event.seconds for event in events if isinstance(event, Connected))

    first, second = run(connected()), run(connected())
    assert 0.9 < first < 4
    assert second < first / 2


def test_a_silent_server_is_greeted_before_its_time_is_over(tmp_path: Path) -> None:
    async def check() -> None:
        opened = managing(tmp_path, hostile("no_init", start_timeout=0.5))
        async with opened as manager, manager.open("no_init") as session:
            with pytest.raises(DeadlineError, match="`initialize` was not answered") as caught:
                await session.connect()
        assert caught.value.hint is not None
        assert "start_timeout" in caught.value.hint

    run(check())


def test_a_dead_server_names_its_exit_code_and_last_words(tmp_path: Path) -> None:
    async def check() -> None:
        async with managing(tmp_path, hostile("exit3")) as manager, manager.open("exit3") as session:
            with pytest.raises(ConnectError, match="exited with code 3") as caught:
                await session.connect()
            assert caught.value.exit_status == 3
            assert "ModuleNotFoundError" in str(caught.value)
            assert caught.value.server == "exit3"

    run(check())


def test_a_server_that_died_is_started_again_on_the_next_use(tmp_path: Path) -> None:
    async def check() -> None:
        async with managing(tmp_path, hostile("crash_midcall")) as manager:
            async with manager.open("crash_midcall") as session:
                for _ in range(2):
                    with pytest.raises(ConnectError, match="exited with code 9"):
                        await session.call_tool("echo", {"x": "1"})
            assert manager.slot("crash_midcall").starts == 2

    run(check())


def test_a_list_is_read_once_for_all_who_ask_at_the_same_time(tmp_path: Path) -> None:
    sent: list[bytes] = []

    async def check() -> None:
        settings = Settings(servers={"echo": echo()})
        manager = SessionManager(settings, world(tmp_path), tap=lambda *about: sent.append(about[2]))
        async with manager.open("echo") as session:
            await asyncio.gather(*(session.call_tool("echo", {"text": "hi"}) for _ in range(5)))
        await manager.aclose()

    run(check())
    assert sum(b'"tools/list"' in message for message in sent) == 1


def test_an_idle_server_is_closed_and_comes_back(tmp_path: Path) -> None:
    async def check() -> None:
        async with managing(tmp_path, echo(idle_timeout=0.05)) as manager:
            slot = manager.slot("echo")
            for starts in (1, 2):
                async with manager.open("echo") as session:
                    await session.connect()
                assert slot.starts == starts
                while slot.live is not None:
                    await asyncio.sleep(0.01)

    run(check())


def test_a_start_that_nobody_waits_for_any_more_is_given_up(tmp_path: Path) -> None:
    async def check() -> None:
        async with managing(tmp_path, hostile("no_init", start_timeout=60)) as manager:

            async def ask() -> None:
                async with manager.open("no_init") as session:
                    await session.connect()

            asking = asyncio.create_task(ask())
            while manager.slot("no_init").starts == 0:
                await asyncio.sleep(0.01)
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)
            assert manager.slot("no_init").live is None

    run(check())


def test_a_server_that_dies_of_any_first_question_is_not_started_twice_each_time(tmp_path: Path) -> None:
    mark = tmp_path / "installed"
    program = f"import os, sys; os.path.exists({str(mark)!r}) or sys.exit('no module'); exec(open(sys.argv[1]).read())"
    spec = replace(echo(), args=("-c", program, *echo().args))

    async def check() -> None:
        async with managing(tmp_path, spec) as manager:
            for starts in (2, 3, 4):
                async with manager.open("echo") as session:
                    with pytest.raises(ConnectError, match="no module"):
                        await session.connect()
                assert manager.slot("echo").starts == starts
            mark.touch()
            async with manager.open("echo") as session:
                await session.connect()

    run(check())


def test_an_unknown_server_is_refused_with_the_nearest_name(tmp_path: Path) -> None:
    async def check() -> None:
        async with managing(tmp_path, echo("weather")) as manager:
            with pytest.raises(ConfigError) as caught:
                async with manager.open("wether"):
                    pass
            assert "weather" in (caught.value.hint or "")

    run(check())


def test_an_unknown_tool_is_refused_with_the_nearest_name(tmp_path: Path) -> None:
    async def check() -> None:
        async with managing(tmp_path, echo()) as manager, manager.open("echo") as session:
            with pytest.raises(UsageError, match="has no tool `ecko`") as caught:
                await session.call_tool("ecko", {})
            assert "`echo`" in (caught.value.hint or "")

    run(check())


def test_arguments_are_checked_before_anything_is_sent(tmp_path: Path) -> None:
    async def check() -> None:
        async with managing(tmp_path, echo()) as manager, manager.open("echo") as session:
            with pytest.raises(UsageError, match="do not fit tool `add`") as caught:
                await session.call_tool("add", {"a": "one"})
            assert len(caught.value.related) == 1
            assert (await session.call_tool("add", {"a": 1, "b": 2})).structured == {"sum": 3}

    run(check())


def test_a_fallback_steps_in_for_a_server_that_does_not_start(tmp_path: Path) -> None:
    events: list[Event] = []

    async def check() -> None:
        primary = hostile("exit3", fallback=("echo",))
        opened = managing(tmp_path, primary, echo(), events=events)
        async with opened as manager, manager.open("exit3") as session:
            result = await session.call_tool("echo", {"text": "hi"})
        assert result.served_by == "echo"

    run(check())
    assert any(isinstance(event, FellBack) and event.to == "echo" for event in events)


def test_a_fallback_has_attempts_of_its_own(tmp_path: Path) -> None:
    events: list[Event] = []
    retry = RetrySpec(attempts=2, initial=0.01, unsafe=True)

    async def check() -> None:
        other = hostile("crash_midcall", retry=retry)
        primary = replace(other, name="first", fallback=(other.name,))
        opened = managing(tmp_path, primary, other, events=events)
        async with opened as manager, manager.open("first") as session:
            with pytest.raises(ConnectError):
                await session.call_tool("echo", {"x": "1"})

    run(check())
    assert [event.server for event in events if isinstance(event, Retried)] == ["first", "crash_midcall"]


def test_a_fallback_that_must_not_call_the_tool_hides_no_failure(tmp_path: Path) -> None:
    async def check() -> None:
        primary = hostile("exit3", fallback=("echo",))
        opened = managing(tmp_path, primary, echo(deny_tools=("echo",)))
        async with opened as manager, manager.open("exit3") as session:
            with pytest.raises(ConnectError) as caught:
                await session.call_tool("echo", {"text": "hi"})
        assert caught.value.exit_status == 3

    run(check())


def test_retries_reach_only_tools_that_may_be_called_twice(tmp_path: Path) -> None:
    events: list[Event] = []

    async def check() -> None:
        retry = RetrySpec(attempts=3, initial=0.01)
        async with managing(tmp_path, hostile("crash_midcall", retry=retry), events=events) as manager:
            async with manager.open("crash_midcall") as session:
                with pytest.raises(ConnectError):
                    await session.call_tool("echo", {"x": "1"})
            assert manager.slot("crash_midcall").starts == 1
        unsafe = RetrySpec(attempts=3, initial=0.01, unsafe=True)
        async with managing(tmp_path, hostile("crash_midcall", retry=unsafe), events=events) as manager:
            async with manager.open("crash_midcall") as session:
                with pytest.raises(ConnectError):
                    await session.call_tool("echo", {"x": "1"})
            assert manager.slot("crash_midcall").starts == 3

    run(check())
    assert sum(isinstance(event, Retried) for event in events) == 2
    finished = [event for event in events if isinstance(event, CallFinished)]
    assert [event.attempts for event in finished] == [1, 3]


def test_a_cached_answer_costs_no_call(tmp_path: Path) -> None:
    async def check() -> None:
        cached = echo(cache=CacheSpec(tools={"echo": 60.0}))
        async with managing(tmp_path, cached) as manager, manager.open("echo") as session:
            first = await session.call_tool("echo", {"text": "hi"})
            second = await session.call_tool("echo", {"text": "hi"})
            fresh = await session.call_tool("echo", {"text": "hi"}, use_cache=False)
        assert (first.cached, second.cached, fresh.cached) == (False, True, False)
        assert second.attempts == 0

    run(check())


def test_a_used_up_rate_tells_when_to_come_back(tmp_path: Path) -> None:
    async def check() -> None:
        limited = echo(rate_limit=RateLimitSpec(classes={"default": RateClass(limit=1, per=60)}))
        async with managing(tmp_path, limited) as manager, manager.open("echo") as session:
            await session.call_tool("echo", {"text": "hi"})
            with pytest.raises(ConnectError) as caught:
                await session.call_tool("echo", {"text": "hi"})
        assert caught.value.code == "policy.rate_limited"
        assert caught.value.retry_after is not None
        assert 50 < caught.value.retry_after <= 60

    run(check())


def test_an_open_breaker_leaves_the_server_alone(tmp_path: Path) -> None:
    async def check() -> None:
        breaker = BreakerSpec(threshold=1, reset=60)
        async with managing(tmp_path, hostile("crash_midcall", breaker=breaker)) as manager:
            async with manager.open("crash_midcall") as session:
                for code in ("connect.exited", "policy.breaker_open"):
                    with pytest.raises(ConnectError) as caught:
                        await session.call_tool("echo", {"x": "1"})
                    assert caught.value.code == code
                assert 50 < caught.value.data()["retry_after"] <= 60
            assert manager.slot("crash_midcall").starts == 1
            assert manager.chains.breaker(manager.slot("crash_midcall").spec) == "open"

    run(check())


@pytest.mark.parametrize(
    "keys", [{"deny_tools": ("ec*",)}, {"allow_tools": ("add",)}, {"read_only": True}], ids=str
)
def test_a_forbidden_tool_names_the_rule(tmp_path: Path, keys: dict[str, object]) -> None:
    async def check() -> None:
        async with managing(tmp_path, echo(**keys)) as manager, manager.open("echo") as session:
            tool = "add" if "read_only" in keys else "echo"
            with pytest.raises(UsageError, match=next(iter(keys))) as caught:
                await session.call_tool(tool, {"a": 1, "b": 2} if tool == "add" else {"text": "x"})
            assert caught.value.code == "usage.denied"

    run(check())


def test_one_bad_answer_leaves_the_session_usable(tmp_path: Path) -> None:
    async def check() -> None:
        async with managing(tmp_path, hostile("wrong_types_call")) as manager:
            async with manager.open("wrong_types_call") as session:
                for _ in range(2):
                    with pytest.raises(ProtocolError, match="`content`"):
                        await session.call_tool("echo", {"x": "1"})
                assert len(await session.tools()) == 1
            assert manager.slot("wrong_types_call").starts == 1

    run(check())


@pytest.mark.parametrize(("mode", "count"), [("pages_100x100", 10_000), ("page_loop", 2)])
def test_lists_are_read_to_their_end_and_no_further(tmp_path: Path, mode: str, count: int) -> None:
    async def check() -> None:
        async with managing(tmp_path, hostile(mode)) as manager, manager.open(mode) as session:
            assert len((await session.list("tools/list")).items) == count

    run(check())


def test_a_breaker_opens_for_a_server_that_does_not_start(tmp_path: Path) -> None:
    async def check() -> None:
        dead = hostile("exit3", breaker=BreakerSpec(threshold=2, reset=60))
        async with managing(tmp_path, dead) as manager, manager.open("exit3") as session:
            codes = []
            for _ in range(3):
                with pytest.raises(ConnectError) as caught:
                    await session.call_tool("echo", {"x": "1"})
                codes.append(caught.value.code)
            assert codes == ["connect.exited", "connect.exited", "policy.breaker_open"]

    run(check())


def test_a_start_that_fails_is_retried_whatever_the_tool_does(tmp_path: Path) -> None:
    events: list[Event] = []

    async def check() -> None:
        dead = hostile("exit3", retry=RetrySpec(attempts=3, initial=0.01))
        async with managing(tmp_path, dead, events=events) as manager, manager.open("exit3") as session:
            with pytest.raises(ConnectError):
                await session.call_tool("echo", {"x": "1"})

    run(check())
    assert sum(isinstance(event, Retried) for event in events) == 2


def test_a_server_that_no_configuration_describes_ends_with_its_lease_where_others_are_kept(
    tmp_path: Path,
) -> None:
    async def check() -> None:
        kept: list[Slot] = []
        settings = Settings(servers={"echo": echo()})
        manager = SessionManager(settings, world(tmp_path), adopt=kept.append)
        changed = replace(echo(), env={"MORE": "1"})
        try:
            for server, stays in (("echo", True), (echo(), True), (changed, False), (echo("other"), False)):
                async with manager.open(server) as session:
                    pid = (await session.facts()).pid
                    assert pid is not None
                while not stays and Path(f"/proc/{pid}").exists():
                    await asyncio.sleep(0.01)
            assert [slot.spec.name for slot in kept] == ["echo"]
        finally:
            await manager.aclose()

    run(check())
