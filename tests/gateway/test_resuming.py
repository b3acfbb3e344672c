"""Hosts whose connection breaks in the middle of a stream, and who come back for what they missed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mcpctl.gateway.replay import EventId, Replay, event_id
from tests.gateway.http_host import HttpHost, Response, facing
from tests.gateway.test_sharing import said, talking
from tests.supervisor.places import until
from tests.support import run

ASK = {"name": "ask", "arguments": {}, "_meta": {"progressToken": 0}}


async def answer_of(stream: Response) -> Any:
    while (message := await stream.event()) is not None:
        if "id" in message and "method" not in message:
            assert await stream.event() is None
            return message["result"]["content"][0]["text"]
    return None


async def broken_call(host: HttpHost) -> tuple[Any, str]:
    """A call whose connection breaks after its first event: what the server asked, and the id of that event."""
    call = await host.begin("call", "tools/call", ASK)
    assert (await call.event())["method"] == "notifications/progress"
    first = call.last_id
    question = await call.event()
    assert event_id(call.last_id.encode()) == (2, 2)
    call.leave()
    return question, first


def test_a_host_that_comes_back_hears_the_rest_as_it_happens(tmp_path: Path) -> None:
    async def check() -> None:
        async with facing(tmp_path, talking(tmp_path)) as (url, _):
            host = HttpHost(url)
            await host.greet()
            question, first = await broken_call(host)
            back = await host.listen(last_event_id=first)
            assert (back.status, back.headers["content-type"]) == (200, "text/event-stream")
            assert await back.event() == question  # it was sent, and got lost
            await host.post({"id": question["id"], "result": {"roots": []}})
            assert json.loads(await answer_of(back)) == {"roots": []}

    run(check())


def test_an_answer_that_came_while_the_host_was_away_is_kept_for_it(tmp_path: Path) -> None:
    async def check() -> None:
        async with facing(tmp_path, talking(tmp_path)) as (url, kept):
            host = HttpHost(url)
            await host.greet()
            question, first = await broken_call(host)
            await host.post({"id": question["id"], "result": {"roots": []}})
            await until(lambda: not kept.status("talking").in_flight)
            for _ in range(2):  # and if that connection breaks too
                back = await host.listen(last_event_id=first)
                assert await back.event() == question
                assert json.loads(await answer_of(back)) == {"roots": []}
            nothing = await host.listen(last_event_id=back.last_id)
            assert (nothing.status, await nothing.event()) == (200, None)

    run(check())


def test_an_answer_that_is_too_large_to_keep_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mcpctl.gateway.replay.MOST_BYTES", 1000)

    async def check() -> None:
        async with facing(tmp_path, talking(tmp_path)) as (url, kept):
            host = HttpHost(url)
            await host.greet()
            question, first = await broken_call(host)
            roots = {"roots": [{"uri": "file:///" + "x" * 1000}]}
            await host.post({"id": question["id"], "result": roots})
            await until(lambda: not kept.status("talking").in_flight)
            refused = await host.listen(last_event_id=first)
            assert refused.status == 400
            assert "not kept" in (await refused.json())["error"]["message"]

    run(check())


@pytest.mark.parametrize("odd", ["x", "9-1", "1", "-1-1", "1-99", "1-" + "9" * 5000])
def test_events_that_were_never_sent_are_refused(tmp_path: Path, odd: str) -> None:
    async def check() -> None:
        async with facing(tmp_path, talking(tmp_path)) as (url, _):
            host = HttpHost(url)
            await host.greet()
            refused = await host.listen(last_event_id=odd)
            assert refused.status == 400
            refused.leave()

    run(check())


def test_no_session_hears_what_was_said_to_another(tmp_path: Path) -> None:
    async def check() -> None:
        async with facing(tmp_path, talking(tmp_path)) as (url, _):
            host, stranger = HttpHost(url), HttpHost(url)
            await host.greet()
            await stranger.greet()
            _, first = await broken_call(host)
            assert (await stranger.listen(last_event_id=first)).status == 400

    run(check())


def test_the_standing_stream_goes_on_where_it_broke(tmp_path: Path) -> None:
    async def check() -> None:
        async with facing(tmp_path, talking(tmp_path)) as (url, _):
            host, teller = HttpHost(url), HttpHost(url)
            await host.greet()
            await teller.greet()

            async def tell(*words: str) -> None:
                say = [said("notifications/message", level="info", data=word) for word in words]
                await teller.ask(1, "tools/call", {"name": "say", "arguments": {"say": say}})

            stream = await host.listen()
            await tell("a", "b")
            assert (await stream.event())["params"]["data"] == "a"
            after_a = stream.last_id
            again = await host.listen(last_event_id=after_a)  # nobody has noticed that the first one broke
            assert (await again.event())["params"]["data"] == "b"
            assert (await stream.event())["params"]["data"] == "b"  # it had been sent there as well
            assert await stream.event() is None
            again.leave()
            await host.ask(2, "ping")
            fresh = await host.listen()
            await tell("c")
            assert (await fresh.event())["params"]["data"] == "c"
            fresh.leave()

    run(check())


@pytest.mark.parametrize(("version", "ids"), [("2025-06-18", ["0-1"]), ("2025-11-25", ["0-0", "0-1"])])
def test_only_hosts_of_newer_versions_get_an_id_before_the_first_event(
    tmp_path: Path, version: str, ids: list[str]
) -> None:
    async def check() -> None:
        async with facing(tmp_path, talking(tmp_path)) as (url, _):
            host, teller = HttpHost(url), HttpHost(url)
            await host.greet()
            await teller.greet()
            stream = await host.listen(mcp_protocol_version=version)
            say = [said("notifications/message", level="info", data=1)]
            await teller.ask(1, "tools/call", {"name": "say", "arguments": {"say": say}})
            await stream.event()
            assert stream.ids == ids
            stream.leave()

    run(check())


def test_what_is_kept_is_bounded_in_number_and_bytes() -> None:
    replay = Replay()
    for number in range(1, 1001):
        replay.keep(EventId(1, number), b"x" * 10)
    assert [each.identity.number for each in replay.after(EventId(1, 0))] == list(range(745, 1001))
    replay.keep(EventId(2, 1), b"x" * (1 << 20))
    assert replay.after(EventId(1, 0)) == []
    assert [each.identity for each in replay.after(EventId(2, 0))] == [(2, 1)]
    replay.keep(EventId(2, 2), b"x" * ((1 << 20) + 1))
    assert replay.after(EventId(2, 0)) == []
