"""The older transport: one stream that brings all answers, and an address for messages that the server names."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from mcpctl.errors import AuthError, ConnectError, DeadlineError, McpctlError, ProtocolError
from mcpctl.model.server import ServerSpec
from mcpctl.transports import sse
from mcpctl.transports.sse import SseChannel
from tests.servers.http_scripted import Asked, serving
from tests.support import run
from tests.transports.remotes import WAIT, Recorder, call, failure

Answer = Callable[[Asked, Asked], Awaitable[None]]


async def result(asked: Asked, stream: Asked) -> None:
    await asked.reply(202, b"Accepted", kind="text/plain")
    if "id" in asked.rpc and "method" in asked.rpc:
        await stream.event(asked.message(result={"said": asked.rpc["method"]}).decode())


def old_server(
    answer: Answer = result, *, endpoint: str = "/messages?id=1"
) -> Callable[[Asked], Awaitable[None]]:
    streams: list[Asked] = []

    async def handler(asked: Asked) -> None:
        if asked.method == "GET":
            streams.append(asked)
            await asked.stream()
            await asked.event(endpoint, "event: endpoint")
            await asked.gone()
        else:
            await answer(asked, streams[-1])

    return handler


@asynccontextmanager
async def channel(url: str, *, inbox: Recorder | None = None, **more: Any) -> AsyncIterator[SseChannel]:
    spec = ServerSpec(name="old", transport="sse", url=url, headers=more.pop("headers", {}))
    opened = SseChannel(spec, inbox or Recorder(), env={}, **more)
    await opened.open()
    try:
        yield opened
    finally:
        await opened.aclose()


def test_messages_go_where_the_stream_says_and_answers_come_on_it() -> None:
    async def main() -> None:
        async with serving(old_server()) as server:
            async with channel(server.url("/sse"), headers={"x-key": "k"}) as old:
                answers = await asyncio.gather(*(call(old) for _ in range(5)))
                assert [json.loads(answer) for answer in answers] == [{"said": "tools/call"}] * 5
                await old.notify("notifications/initialized", None)
                assert old.alive
            assert server.asked[0].target == "/sse"
            assert server.asked[0].headers["accept"] == "text/event-stream"
            assert {one.target for one in server.asked[1:]} == {"/messages?id=1"}
            assert all(one.headers["x-key"] == "k" for one in server.asked)

    run(main())


def test_questions_on_the_stream_are_answered() -> None:
    async def main() -> None:
        async def asking(asked: Asked, stream: Asked) -> None:
            if asked.rpc.get("method"):
                await stream.event({"jsonrpc": "2.0", "id": 4, "method": "sampling/createMessage"})
                await stream.event({"jsonrpc": "2.0", "method": "notifications/message", "params": {}})
            await result(asked, stream)

        inbox = Recorder()
        async with serving(old_server(asking)) as server, channel(server.url(), inbox=inbox) as old:
            await call(old)
            assert inbox.heard == [("notifications/message", b"{}")]
            while not server.named("answer"):
                await asyncio.sleep(0.001)
            assert server.named("answer")[0].rpc["result"] == {"answer": "sampling/createMessage"}

    run(main())


def test_an_endpoint_on_another_origin_is_refused() -> None:
    async def main() -> None:
        async with serving(old_server(endpoint="http://localhost:1/steal?token=t")) as server:
            with pytest.raises(ProtocolError) as caught:
                async with channel(server.url()):
                    pass
            assert caught.value.code == "protocol.foreign_endpoint"
            assert "`http://localhost:1/steal`" in caught.value.message
            assert caught.value.server == "old"

    run(main())


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (401, "text/plain", "auth.required"),
        (404, "text/plain", "connect.http_status"),
        (503, "text/plain", "connect.busy"),
        (200, "application/json", "protocol.malformed"),
    ],
)
def test_a_stream_that_does_not_open_says_why(status: int, kind: str, code: str) -> None:
    async def main() -> None:
        async def handler(asked: Asked) -> None:
            await asked.reply(status, b"{}", kind=kind)

        async with serving(handler) as server:
            with pytest.raises((AuthError, ConnectError, ProtocolError)) as caught:
                async with channel(server.url()):
                    pass
            assert caught.value.code == code

    run(main())


def test_a_stream_that_ends_before_its_endpoint_is_no_session() -> None:
    async def main() -> None:
        async def handler(asked: Asked) -> None:
            await asked.stream()
            await asked.end()

        async with serving(handler) as server:
            with pytest.raises(ConnectError, match="before it named an endpoint"):
                async with channel(server.url()):
                    pass

    run(main())


def test_a_stream_that_stays_silent_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse, "OPEN_TIMEOUT", 0.1)

    async def main() -> None:
        async def handler(asked: Asked) -> None:
            await asked.stream()
            await asked.gone()

        async with serving(handler) as server:
            with pytest.raises(DeadlineError) as caught:
                async with channel(server.url()):
                    pass
            assert caught.value.step == "start"

    run(main())


def test_credentials_are_asked_for_when_the_stream_is_refused() -> None:
    async def main() -> None:
        polite = old_server()

        async def guarded(asked: Asked) -> None:
            if asked.headers.get("authorization"):
                await polite(asked)
            else:
                await asked.reply(401)

        async def authorize(status: int, challenge: str | None) -> dict[str, str]:
            return {"authorization": f"Bearer {status}"}

        async with serving(guarded) as server, channel(server.url(), authorize=authorize) as old:
            assert await call(old)

    run(main())


def test_credentials_that_cannot_be_had_are_an_error_and_no_silence() -> None:
    async def main() -> None:
        async def refuse(asked: Asked) -> None:
            await asked.reply(401)

        async def authorize(status: int, challenge: str | None) -> dict[str, str]:
            raise ZeroDivisionError

        async with serving(refuse) as server:
            with pytest.raises(McpctlError, match="ZeroDivisionError"):
                async with channel(server.url(), authorize=authorize):
                    pass

    run(main())


def test_the_end_of_the_stream_is_the_end_of_the_channel() -> None:
    async def main() -> None:
        async def ending(asked: Asked, stream: Asked) -> None:
            await asked.reply(202)
            await stream.hang_up()

        inbox = Recorder()
        async with serving(old_server(ending)) as server, channel(server.url(), inbox=inbox) as old:
            errors = await asyncio.gather(*(failure(call(old, timeout=None)) for _ in range(3)))
            assert {error.code for error in errors} <= {"connect.reset", "connect.stream_cut"}
            assert not old.alive
            assert len(inbox.losses) == 1
            assert (await failure(call(old))).code == inbox.losses[0].code

    run(main())


def test_a_message_that_is_refused_costs_its_one_call() -> None:
    async def main() -> None:
        async def refusing(asked: Asked, stream: Asked) -> None:
            if asked.rpc["method"] == "tools/call":
                await asked.reply(500, b"oops", kind="text/plain")
            else:
                await result(asked, stream)

        async with serving(old_server(refusing)) as server, channel(server.url()) as old:
            error = await failure(call(old))
            assert isinstance(error, ConnectError)
            assert (error.http_status, error.server) == (500, "old")
            assert await old.request("tools/list", {}, timeout=WAIT)

    run(main())


def test_a_session_that_the_server_forgot_is_lost() -> None:
    async def main() -> None:
        async def forgetful(asked: Asked, stream: Asked) -> None:
            await asked.reply(404, b"no session", kind="text/plain")

        inbox = Recorder()
        async with serving(old_server(forgetful)) as server, channel(server.url(), inbox=inbox) as old:
            assert (await failure(call(old))).code == "connect.session_lost"
            assert not old.alive
            assert len(inbox.losses) == 1

    run(main())


def test_a_call_given_up_is_cancelled_by_a_message() -> None:
    async def main() -> None:
        async def silent(asked: Asked, stream: Asked) -> None:
            await asked.reply(202)

        async with serving(old_server(silent)) as server, channel(server.url()) as old:
            assert isinstance(await failure(call(old, timeout=0.1, request_id="mine")), DeadlineError)
            while not server.named("notifications/cancelled"):
                await asyncio.sleep(0.001)
            assert server.named("notifications/cancelled")[0].rpc["params"]["requestId"] == "mine"

    run(main())
