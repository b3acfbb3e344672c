"""The serving side of HTTP: what clients of every kind get, and how little they can take."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import pytest

from mcpctl.errors import ConnectError
from mcpctl.wire.reply import Reply
from mcpctl.wire.serving import Bounds, HttpServer, Request
from tests.support import run

BOUNDS = Bounds(body=1000, clients=4, patience=5.0)
GET = b"GET /x HTTP/1.1\r\nhost: a\r\n\r\n"


def echo(request: Request, reply: Reply) -> None:
    reply.respond(200, request.path.encode() + b" " + request.body)


@asynccontextmanager
async def serving(
    handle: Callable[[Request, Reply], None] = echo, bounds: Bounds = BOUNDS
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter, int]]:
    server = HttpServer(handle, bounds)
    port = int((await server.start("127.0.0.1", 0)).rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer, port
    finally:
        writer.close()
        await server.aclose()


async def answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    size = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length"))
    return int(head.split()[1]), await reader.readexactly(int(size.split()[1]))


def test_one_connection_carries_one_request_after_the_other() -> None:
    async def check() -> None:
        async with serving() as (reader, writer, _):
            for number in range(3):
                body = b"x" * number
                writer.write(b"POST /%d HTTP/1.1\r\ncontent-length: %d\r\n\r\n" % (number, number) + body)
                assert await answer(reader) == (200, b"/%d " % number + body)
            for byte in GET:
                writer.write(bytes([byte]))
                await asyncio.sleep(0)
            assert await answer(reader) == (200, b"/x ")

    run(check())


def test_requests_sent_ahead_are_answered_in_order_and_not_without_end() -> None:
    waiting: list[Reply] = []

    async def check() -> None:
        async with serving(lambda request, reply: waiting.append(reply)) as (reader, writer, port):
            del port
            writer.write(GET * 3)
            for number in range(3):
                while len(waiting) <= number:
                    await asyncio.sleep(0)
                waiting[number].respond(200, b"%d" % number)
                assert await answer(reader) == (200, b"%d" % number)
            writer.write(GET * 20)
            assert (await answer(reader))[0] == 429

    run(check())


def test_a_stream_comes_as_it_is_written_and_ends_in_both_versions() -> None:
    def stream(request: Request, reply: Reply) -> None:
        del request
        reply.begin(200, {"content-type": "text/plain"})
        for part in (b"one", b"", b"two"):
            reply.write(part)
        reply.end()

    async def check() -> None:
        async with serving(stream) as (reader, writer, port):
            writer.write(GET)
            head = await reader.readuntil(b"\r\n\r\n")
            assert b"transfer-encoding: chunked" in head
            assert await reader.readuntil(b"0\r\n\r\n") == b"3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n"
            old, line = await asyncio.open_connection("127.0.0.1", port)
            line.write(b"GET / HTTP/1.0\r\n\r\n")
            assert (await old.read()).endswith(b"\r\n\r\nonetwo")
            line.close()

    run(check())


def test_whoever_leaves_is_missed_and_answers_for_him_go_nowhere() -> None:
    gone = asyncio.Event()
    replies: list[Reply] = []

    def slow(request: Request, reply: Reply) -> None:
        del request
        reply.gone = gone.set
        replies.append(reply)

    async def check() -> None:
        async with serving(slow) as (_, writer, _port):
            writer.write(GET)
            while not replies:
                await asyncio.sleep(0)
            writer.close()
            await gone.wait()
            assert not replies[0].open
            replies[0].begin(200, {})
            replies[0].write(b"x")
            replies[0].end()
            replies[0].respond(200)

    run(check())


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"rubbish\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\ncontent-length: 1001\r\n\r\n", 413),
        (b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n400\r\n" + b"x" * 1024 + b"\r\n", 413),
        (b"GET / HTTP/1.1\r\na: " + b"x" * 70_000 + b"\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\na: " + b"x" * 70_000, 431),
        (b"POST / HTTP/1.1\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n", 400),
    ],
)
def test_what_breaks_the_rules_is_refused_and_the_connection_closed(request_: bytes, status: int) -> None:
    async def check() -> None:
        async with serving() as (reader, writer, _):
            writer.write(request_)
            assert int((await reader.readline()).split()[1]) == status
            await reader.read()

    run(check())


def test_a_client_that_dawdles_and_one_too_many_are_turned_away() -> None:
    async def check() -> None:
        hasty = Bounds(body=10, clients=1, patience=0.1)
        async with serving(bounds=hasty) as (reader, writer, port):
            late, line = await asyncio.open_connection("127.0.0.1", port)
            with suppress(ConnectionResetError):
                assert await late.read() == b""
            line.close()
            writer.write(GET[:10])
            with suppress(ConnectionResetError):
                assert await reader.read() == b""

    run(check())


def test_a_mistake_of_ours_costs_one_request() -> None:
    def broken(request: Request, reply: Reply) -> None:
        if request.path == "/x":
            raise ValueError(request.path)
        echo(request, reply)

    async def check() -> None:
        async with serving(broken) as (reader, writer, port):
            writer.write(GET)
            assert (await answer(reader))[0] == 500
            again, line = await asyncio.open_connection("127.0.0.1", port)
            line.write(GET.replace(b"/x", b"/y"))
            assert await answer(again) == (200, b"/y ")
            line.close()

    run(check())


def test_a_port_that_is_taken_is_named() -> None:
    async def check() -> None:
        async with serving() as (_, _writer, port):
            with pytest.raises(ConnectError, match=f"cannot listen on `127.0.0.1:{port}`"):
                await HttpServer(echo, BOUNDS).start("127.0.0.1", port)

    run(check())
