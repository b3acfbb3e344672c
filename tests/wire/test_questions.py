"""What a server asks and tells."""

from __future__ import annotations

import asyncio
from typing import Any

from mcpctl.errors import ConnectError
from mcpctl.wire.jsonrpc import RpcError
from tests.support import run
from tests.wire.scenes import Wire


def test_a_ping_is_answered_in_place() -> None:
    async def scene() -> None:
        wire = Wire()
        wire.peer.receive(b'{"jsonrpc":"2.0","id":"p","method":"ping"}')
        assert wire.said() == [{"jsonrpc": "2.0", "id": "p", "result": {}}]

    run(scene())


def test_a_server_that_does_not_read_gets_no_more_answers() -> None:
    async def scene() -> None:
        wire = Wire()
        wire.congested = True
        for _ in range(100):
            wire.peer.receive(b'{"jsonrpc":"2.0","id":"p","method":"ping"}')
        assert wire.sent == []

    run(scene())


def test_requests_of_the_server_are_answered_refused_or_failed() -> None:
    async def scene() -> None:
        wire = Wire()

        async def answers(method: str) -> Any:
            if method == "roots/list":
                return {"roots": []}
            if method == "broken":
                raise ZeroDivisionError
            raise RpcError(-32601, "Method not found", {"method": method})

        wire.answers = answers
        for method in (b"roots/list", b"broken", b"evil"):
            wire.peer.receive(b'{"jsonrpc":"2.0","id":"%b","method":"%b"}' % (method, method))
        await asyncio.sleep(0)
        said = {message["id"]: message for message in wire.said()}
        assert said["roots/list"]["result"] == {"roots": []}
        assert said["broken"]["error"]["code"] == -32603
        assert said["evil"]["error"] == {
            "code": -32601,
            "message": "Method not found",
            "data": {"method": "evil"},
        }

    run(scene())


def test_questions_are_bounded_and_end_with_the_connection() -> None:
    async def scene() -> None:
        wire = Wire()
        ended: list[str] = []

        async def never(method: str) -> Any:
            try:
                await asyncio.Event().wait()
            finally:
                ended.append(method)

        wire.answers = never
        for number in range(100):
            wire.peer.receive(b'{"jsonrpc":"2.0","id":%d,"method":"ask"}' % number)
        assert len(wire.sent) == 36
        await asyncio.sleep(0)
        wire.peer.fail_all(ConnectError("gone"))
        await asyncio.sleep(0)
        assert len(ended) == 64

    run(scene())


def test_a_server_can_take_its_question_back() -> None:
    async def scene() -> None:
        wire = Wire()

        async def never(method: str) -> Any:
            await asyncio.Event().wait()

        wire.answers = never
        wire.peer.receive(b'{"jsonrpc":"2.0","id":"q","method":"ask"}')
        await asyncio.sleep(0)
        wire.peer.receive(b'{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"q"}}')
        await asyncio.sleep(0)
        wire.peer.receive(b'{"jsonrpc":"2.0","id":"q","method":"ping"}')
        assert [message["id"] for message in wire.said()] == ["q"]
        assert wire.notified[0][0] == "notifications/cancelled"

    run(scene())


def test_notifications_come_in_order_with_their_text() -> None:
    async def scene() -> None:
        wire = Wire()
        for number in range(100_000):
            wire.peer.receive(b'{"jsonrpc":"2.0","method":"n","params":{"n": %d}}' % number)
        assert wire.notified[:2] == [("n", b'{"n": 0}'), ("n", b'{"n": 1}')]
        assert len(wire.notified) == 100_000

    run(scene())


def test_a_request_that_is_malformed_is_told_so() -> None:
    async def scene() -> None:
        wire = Wire()
        wire.peer.receive(b'{"id":"q","method":"ask"}')
        assert wire.said()[0]["error"]["code"] == -32600

    run(scene())
