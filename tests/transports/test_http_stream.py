"""Streams that are cut and resumed, and the standing stream of a session."""

from __future__ import annotations

import asyncio
import json

import pytest

from mcpctl.errors import ConnectError, DeadlineError
from mcpctl.model.server import LimitsSpec
from mcpctl.transports import http_stream
from mcpctl.wire.events import EventParser
from tests.servers.http_scripted import Asked, polite, serving, with_calls
from tests.support import run
from tests.transports.remotes import MODERN, Recorder, call, channel, failure

NOTE = {"jsonrpc": "2.0", "method": "notifications/message", "params": {}}


async def cut(asked: Asked, *fields: str) -> None:
    """Open a stream, send one event without data, and hang up."""
    await asked.stream()
    if fields:
        await asked.event("", *fields)
    await asked.hang_up()


def resuming(*answers: object) -> tuple[list[str | None], object]:
    """A server that cuts the stream of every call, and continues it by the given answers, one for each GET."""
    resumed: list[str | None] = []
    script = list(answers)
    calls: list[Asked] = []

    async def handler(asked: Asked) -> None:
        if asked.method == "GET":
            resumed.append(asked.headers.get("last-event-id"))
            await script.pop(0)(asked, calls[0])  # type: ignore[operator]
        elif asked.rpc.get("method") == "tools/call":
            calls.append(asked)
            await cut(asked, "id: e1", "retry: 1")
        else:
            await polite(asked)

    return resumed, handler


async def finishes(asked: Asked, original: Asked) -> None:
    await asked.stream()
    await asked.event(NOTE, "id: e2")
    await asked.event(original.message(result={"late": True}).decode(), "id: e3")
    await asked.gone()


async def goes_on(asked: Asked, original: Asked) -> None:
    await asked.stream()
    await asked.event("", f"id: after-{asked.headers['last-event-id']}")
    await asked.end()


async def brings_nothing(asked: Asked, original: Asked) -> None:
    await asked.stream()
    await asked.end()


async def hangs_up(asked: Asked, original: Asked) -> None:
    await asked.hang_up()


async def refuses(asked: Asked, original: Asked) -> None:
    await asked.reply(405)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_stream, "MIN_DELAY", 0.001)


def test_a_cut_stream_is_resumed_behind_its_last_event() -> None:
    async def main() -> None:
        resumed, handler = resuming(finishes)
        inbox = Recorder()
        async with serving(handler) as server, channel(server.url(), inbox=inbox, shake_hands=True) as http:
            assert json.loads(await call(http)) == {"late": True}
            assert resumed == ["e1"]
            assert [method for method, _ in inbox.heard] == ["notifications/message"]
            assert server.named("GET")[0].headers["mcp-session-id"] == "s1"
            assert server.named("GET")[0].headers["accept"] == "text/event-stream"
        assert server.methods().count("tools/call") == 1

    run(main())


def test_every_new_event_buys_new_patience() -> None:
    async def main() -> None:
        steps = (brings_nothing, goes_on, hangs_up, goes_on, finishes)
        resumed, handler = resuming(*steps)
        async with serving(handler) as server, channel(server.url(), shake_hands=True) as http:
            assert json.loads(await call(http)) == {"late": True}
        assert resumed == ["e1", "e1", "after-e1", "after-e1", "after-after-e1"]

    run(main())


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ((refuses,), "resuming it failed (HTTP 405)"),
        ((brings_nothing, brings_nothing), "resuming it brought nothing"),
        ((hangs_up, hangs_up), "resuming it failed"),
    ],
)
def test_a_stream_that_cannot_be_resumed_fails_its_one_call(steps: tuple[object, ...], words: str) -> None:
    async def main() -> None:
        resumed, handler = resuming(*steps)
        async with serving(handler) as server, channel(server.url(), shake_hands=True) as http:
            error = await failure(call(http))
            assert isinstance(error, ConnectError)
            assert error.code == "connect.stream_cut"
            assert words in error.message
            assert len(resumed) == len(steps)
            assert await http.request("tools/list", {}, timeout=30)

    run(main())


def test_a_server_that_resumes_for_ever_meets_the_deadline() -> None:
    async def main() -> None:
        resumed, handler = resuming(*[goes_on] * 10_000)
        async with serving(handler) as server, channel(server.url(), shake_hands=True) as http:
            assert isinstance(await failure(call(http, timeout=0.3)), DeadlineError)
            assert len(resumed) > 1
            seen = len(resumed)
            await http.request("tools/list", {}, timeout=30)
            assert len(resumed) <= seen + 1

    run(main())


@pytest.mark.parametrize("fields", [(), ("id: e1",)])
def test_without_an_id_or_in_the_stateless_era_a_cut_stream_is_the_end(fields: tuple[str, ...]) -> None:
    async def main() -> None:
        async def handler(asked: Asked) -> None:
            await cut(asked, *fields)

        async with serving(with_calls(handler)) as server, channel(server.url()) as http:
            http.adopt(MODERN, stateless=bool(fields))
            error = await failure(call(http))
            assert error.code in ("connect.stream_cut", "connect.reset")
            assert server.methods() == ["tools/call"]

    run(main())


def test_an_event_over_the_cap_fails_its_call_and_is_not_asked_for_again() -> None:
    async def main() -> None:
        async def handler(asked: Asked) -> None:
            await asked.stream()
            await asked.event("", "id: e1")
            await asked.event("x" * 5000)
            await asked.gone()

        limits = LimitsSpec(max_message=1000)
        handler_ = with_calls(handler)
        async with (
            serving(handler_) as server,
            channel(server.url(), limits=limits, shake_hands=True) as http,
        ):
            error = await failure(call(http))
            assert error.code == "protocol.too_large"
            assert "GET" not in server.methods()

    run(main())


def test_a_stream_of_junk_says_how_much_of_it_there_was() -> None:
    async def main() -> None:
        async def handler(asked: Asked) -> None:
            await asked.stream()
            await asked.event("not json")
            await asked.event("[1, 2]")
            await asked.end()

        async with serving(with_calls(handler)) as server, channel(server.url()) as http:
            error = await failure(call(http))
            assert error.message.endswith("before the answer came, and 2 of its messages could not be read")

    run(main())


def listening(*streams: object) -> object:
    script = list(streams)

    async def handler(asked: Asked) -> None:
        if asked.method == "GET" and script:
            await script.pop(0)(asked)  # type: ignore[operator]
        elif asked.method == "GET":
            await asked.reply(405)
        else:
            await polite(asked)

    return handler


def test_the_standing_stream_brings_what_nobody_asked_for() -> None:
    async def main() -> None:
        async def stream(asked: Asked) -> None:
            await asked.stream()
            await asked.event(NOTE)
            await asked.event({"jsonrpc": "2.0", "id": 1, "method": "roots/list"})
            await asked.gone()

        inbox = Recorder()
        async with serving(listening(stream)) as server:
            async with channel(server.url(), inbox=inbox, shake_hands=True) as http:
                http.listen()
                http.listen()
                await inbox.arrived.wait()
                while not server.named("answer"):
                    await asyncio.sleep(0.001)
                assert inbox.questions == ["roots/list"]
            assert server.methods().count("GET") == 1
            assert server.methods()[-1] == "DELETE"

    run(main())


def test_the_standing_stream_comes_back_where_it_was_cut() -> None:
    async def main() -> None:
        async def first(asked: Asked) -> None:
            await asked.stream()
            await asked.event(NOTE, "id: n1", "retry: 1")
            await asked.hang_up()

        async def down(asked: Asked) -> None:
            await asked.reply(503)

        async def again(asked: Asked) -> None:
            seen.set_result(asked.headers.get("last-event-id"))
            await asked.stream()
            await asked.gone()

        seen: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        handler = listening(first, down, again)
        async with serving(handler) as server, channel(server.url(), shake_hands=True) as http:
            http.listen()
            assert await seen == "n1"
            assert http.alive

    run(main())


@pytest.mark.parametrize("status", [405, 404, 401, 200])
def test_a_server_without_a_standing_stream_is_asked_once(status: int) -> None:
    async def main() -> None:
        async def none(asked: Asked) -> None:
            await asked.reply(status, b"<html>", kind="text/html")

        async with serving(listening(none)) as server, channel(server.url(), shake_hands=True) as http:
            http.listen()
            assert http._listener is not None
            await http._listener
            assert await call(http)
            assert http.alive
            assert server.methods().count("GET") == 1

    run(main())


def test_the_stateless_era_has_no_standing_stream() -> None:
    async def main() -> None:
        async with serving(polite) as server, channel(server.url()) as http:
            http.listen()
            http.adopt(MODERN, stateless=True)
            http.listen()
            await call(http)
        assert "GET" not in server.methods()

    run(main())


@pytest.mark.parametrize(("retry", "seconds"), [(None, 1.0), (b"0", 0.001), (b"200", 0.2), (b"999999", 30.0)])
def test_a_server_names_the_pause_within_reason(retry: bytes | None, seconds: float) -> None:
    events = EventParser(1000)
    if retry is not None:
        events.feed(b"retry: " + retry + b"\n\n")
    assert http_stream.delay(events) == seconds
