"""Connections and the pool beneath all sessions, against a server that answers byte by byte as the test says."""

from __future__ import annotations

import asyncio

import pytest

from mcpctl.errors import ConnectError, McpctlError, ProtocolError
from mcpctl.wire import pool as pools
from mcpctl.wire.dial import Route
from mcpctl.wire.http import MAX_HEAD, Exchange, Headers
from mcpctl.wire.pool import Lane, lease
from tests.servers.http_scripted import Asked, Handler, Scripted, serving
from tests.support import run

GET = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"


class Once(Exchange):
    """Collects a response; `outcome` is its body or what went wrong."""

    def __init__(self) -> None:
        super().__init__()
        self.status = 0
        self.reply: Headers = {}
        self.chunks: list[bytes] = []
        self.heard = asyncio.Event()
        self.ended: asyncio.Future[bytes | McpctlError] = asyncio.get_running_loop().create_future()

    def headed(self, status: int, headers: Headers) -> None:
        self.status = status
        self.reply = headers

    def received(self, chunk: bytes) -> None:
        self.chunks.append(chunk)
        self.heard.set()

    def finished(self) -> None:
        self.ended.set_result(b"".join(self.chunks))

    def failed(self, error: McpctlError) -> None:
        self.ended.set_result(error)


async def fetch(lane: Lane, request: bytes = GET) -> bytes | McpctlError:
    exchange = Once()
    lane.send(exchange, request)
    return await exchange.ended


def route(server: Scripted) -> Route:
    return Route(scheme="http", host="127.0.0.1", port=server.port)


def answers(*replies: bytes | None) -> Handler:
    """One reply per request, in order; none hangs up."""
    queue = list(replies)

    async def handler(asked: Asked) -> None:
        reply = queue.pop(0)
        if reply is None:
            await asked.hang_up()
        else:
            await asked.raw(reply)

    return handler


def ok(body: bytes = b"ok", *headers: bytes) -> bytes:
    lines = [b"HTTP/1.1 200 OK", b"Content-Length: %d" % len(body), *headers]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


async def one(reply: bytes, *, close: bool = False) -> tuple[Once, bytes | McpctlError]:
    async def handler(asked: Asked) -> None:
        await asked.raw(reply)
        if close:
            await asked.hang_up()

    async with serving(handler) as server:
        lane = lease(route(server))
        exchange = Once()
        lane.send(exchange, GET)
        outcome = await exchange.ended
        lane.leave()
        return exchange, outcome


def test_a_connection_is_used_again() -> None:
    async def main() -> None:
        async with serving(answers(ok(), ok(), ok())) as server:
            lane = lease(route(server))
            assert [await fetch(lane) for _ in range(3)] == [b"ok"] * 3
            assert server.connections == 1
            lane.leave()

    run(main())


def test_requests_at_once_get_connections_of_their_own_and_leave_them_to_the_next() -> None:
    async def main() -> None:
        async with serving(answers(*[ok()] * 8)) as server:
            lane = lease(route(server))
            await asyncio.gather(*(fetch(lane) for _ in range(4)))
            await asyncio.gather(*(fetch(lane) for _ in range(4)))
            assert server.connections == 4
            lane.leave()

    run(main())


def test_sessions_to_one_place_share_connections_and_the_last_closes_them() -> None:
    async def main() -> None:
        async with serving(answers(ok(), ok())) as server:
            first, second = lease(route(server)), lease(route(server))
            assert first is second
            await fetch(first)
            first.leave()
            await fetch(second)
            assert server.connections == 1
            connection = next(iter(second._idle))
            second.leave()
            assert not connection.usable
            assert lease(route(server)) is not second

    run(main())


def test_a_connection_that_the_server_closed_meanwhile_gets_no_request() -> None:
    async def main() -> None:
        async def handler(asked: Asked) -> None:
            await asked.raw(ok())
            await asked.hang_up()

        async with serving(handler) as server:
            lane = lease(route(server))
            for _ in range(5):
                assert await fetch(lane) == b"ok"
            assert len(server.asked) == 5
            lane.leave()

    run(main())


def test_a_request_that_was_written_is_never_written_again() -> None:
    async def main() -> None:
        async with serving(answers(ok(), None)) as server:
            lane = lease(route(server))
            await fetch(lane)
            error = await fetch(lane)
            assert isinstance(error, ConnectError)
            assert error.code == "connect.reset"
            assert error.kind == "connection_lost"
            assert len(server.asked) == 2
            lane.leave()

    run(main())


def test_bytes_that_nobody_asked_for_never_become_an_answer() -> None:
    async def main() -> None:
        async with serving(answers(ok(b"one") + ok(b"smuggled"), ok(b"two"))) as server:
            lane = lease(route(server))
            assert await fetch(lane) == b"one"
            assert await fetch(lane) == b"two"
            assert server.connections == 2
            lane.leave()

    run(main())


def test_bytes_on_an_idle_connection_close_it() -> None:
    async def main() -> None:
        async def handler(asked: Asked) -> None:
            await asked.raw(ok())
            if len(server.asked) == 1:
                await sent.wait()
                await asked.raw(b"HTTP/1.1 200 OK\r\n")
                await asked.gone()
                closed.set()

        sent, closed = asyncio.Event(), asyncio.Event()
        async with serving(handler) as server:
            lane = lease(route(server))
            await fetch(lane)
            sent.set()
            await closed.wait()
            assert await fetch(lane) == b"ok"
            lane.leave()

    run(main())


@pytest.mark.parametrize(
    ("reply", "body"),
    [
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1;x=y\r\nc\r\n0\r\nX: y\r\n\r\n",
            b"abc",
        ),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + ok(), b"ok"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", b""),
        (ok(b"", b"Content-Encoding: identity"), b""),
    ],
    ids=["chunked", "interim", "empty", "identity"],
)
def test_every_kind_of_body_is_read(reply: bytes, body: bytes) -> None:
    exchange, outcome = run(one(reply))
    assert outcome == body
    assert exchange.status in (200, 204)


def test_a_body_without_a_length_ends_with_the_connection() -> None:
    _, outcome = run(one(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nto the end", close=True))
    assert outcome == b"to the end"


def test_headers_are_found_in_lower_case_and_challenges_are_kept_all() -> None:
    reply = ok(b"", b"X-A: 1", b"X-A: 2", b"WWW-Authenticate: Basic", b"WWW-Authenticate: Bearer")
    exchange, _ = run(one(reply))
    assert exchange.reply[b"x-a"] == b"2"
    assert exchange.reply[b"www-authenticate"] == b"Basic, Bearer"


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (b"HTTP/1.1 200 OK\r\nX: " + b"y" * (10 * MAX_HEAD), f"over the limit of {MAX_HEAD} bytes"),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX: "
            + b"y" * (10 * MAX_HEAD),
            f"over the limit of {MAX_HEAD} bytes",
        ),
        (b"220 smtp.example ESMTP\r\n", "does not speak HTTP, it sent `220 smtp.example ESMTP`"),
        (b"\x15\x03\x01\x00\x02", "does not speak HTTP"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "breaks the rules of HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc", "breaks the rules of HTTP"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
            "breaks the rules of HTTP",
        ),
        (ok(b"x", b"Content-Encoding: gzip"), "encoded as `gzip`"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", "transfer coding `gzip`"),
        (b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", "another protocol"),
    ],
    ids=["headers", "trailers", "smtp", "tls", "chunk", "lengths", "smuggling", "gzip", "te", "upgrade"],
)
def test_an_answer_that_is_not_what_it_should_be_is_named(reply: bytes, words: str) -> None:
    _, outcome = run(one(reply))
    assert isinstance(outcome, ProtocolError)
    assert words in outcome.message


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (b"", "closed the connection without answering"),
        (b"HTTP/1.1 200 OK\r\nContent-", "in the middle of an answer's headers"),
        (ok(b"abc")[:-1], "in the middle of an answer, after 40 bytes"),
    ],
    ids=["nothing", "headers", "body"],
)
def test_an_answer_cut_short_says_where(reply: bytes, words: str) -> None:
    _, outcome = run(one(reply, close=True))
    assert isinstance(outcome, ConnectError)
    assert outcome.code == "connect.reset"
    assert words in outcome.message


def test_what_an_exchange_refuses_closes_its_connection_and_no_other() -> None:
    class Picky(Once):
        def received(self, chunk: bytes) -> None:
            raise ProtocolError("not to my taste")

    async def main() -> None:
        async with serving(answers(ok(), ok())) as server:
            lane = lease(route(server))
            exchange = Picky()
            lane.send(exchange, GET)
            outcome = await exchange.ended
            assert isinstance(outcome, ProtocolError)
            assert await fetch(lane) == b"ok"
            assert server.connections == 2
            lane.leave()

    run(main())


def test_a_mistake_of_ours_in_an_exchange_ends_only_that_exchange() -> None:
    class Broken(Once):
        def received(self, chunk: bytes) -> None:
            raise ZeroDivisionError

    async def main() -> None:
        async with serving(answers(ok(), ok())) as server:
            lane = lease(route(server))
            exchange = Broken()
            lane.send(exchange, GET)
            outcome = await exchange.ended
            assert isinstance(outcome, McpctlError)
            assert outcome.code == "bug"
            assert await fetch(lane) == b"ok"
            lane.leave()

    run(main())


def test_an_answer_before_the_whole_request_was_read_ends_the_connection() -> None:
    async def main() -> None:
        async def handler(asked: Asked) -> None:
            await asked.raw(ok())

        async with serving(handler) as server:
            lane = lease(route(server))
            # The server reads no body, so most of it stays on our side.
            assert await fetch(lane, GET + b"x" * (32 << 20)) == b"ok"
            assert not lane._idle
            lane.leave()

    run(main())


def test_an_abandoned_exchange_hears_nothing_more() -> None:
    async def main() -> None:
        async def handler(asked: Asked) -> None:
            await asked.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\npart")
            await asked.gone()
            closed.set()

        closed = asyncio.Event()
        async with serving(handler) as server:
            lane = lease(route(server))
            exchange = Once()
            lane.send(exchange, GET)
            await exchange.heard.wait()
            exchange.abandon()
            await closed.wait()
            assert not exchange.ended.done()
            assert not lane._open
            lane.leave()

    run(main())


def test_at_the_cap_requests_wait_for_their_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pools, "MAX_CONNECTIONS", 2)

    async def main() -> None:
        async with serving(answers(*[ok()] * 10)) as server:
            lane = lease(route(server))
            assert await asyncio.gather(*(fetch(lane) for _ in range(10))) == [b"ok"] * 10
            assert server.connections == 2
            lane.leave()

    run(main())


def test_a_turn_that_nobody_takes_goes_to_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pools, "MAX_CONNECTIONS", 1)

    async def main() -> None:
        async def handler(asked: Asked) -> None:
            await gate.wait()
            await asked.raw(ok())

        gate = asyncio.Event()
        async with serving(handler) as server:
            lane = lease(route(server))
            exchanges = [Once() for _ in range(4)]
            for exchange in exchanges:
                lane.send(exchange, GET)
            while not server.asked:
                await asyncio.sleep(0.001)
            exchanges[1].abandon()
            gate.set()
            assert await exchanges[0].ended == b"ok"
            exchanges[2].abandon()
            assert await exchanges[3].ended == b"ok"
            lane.leave()

    run(main())


def test_idle_connections_are_closed_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pools, "IDLE_SECONDS", 0.05)

    async def main() -> None:
        async with serving(answers(ok(), ok())) as server:
            lane = lease(route(server))
            await asyncio.gather(fetch(lane), fetch(lane))
            while lane._open:
                await asyncio.sleep(0.005)
            assert not lane._idle
            lane.leave()

    run(main())


def test_failing_to_connect_frees_the_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pools, "MAX_CONNECTIONS", 1)

    async def main() -> None:
        async with serving(answers()) as server:
            dead = route(server)
        lane = lease(dead)
        outcomes = await asyncio.gather(*(fetch(lane) for _ in range(3)))
        assert [outcome.code for outcome in outcomes if isinstance(outcome, McpctlError)] == [
            "connect.refused"
        ] * 3
        lane.leave()

    run(main())
