"""CPU and memory of calls over Streamable HTTP, at the channel: against the SDK's client, and against the floor.

The floor is a bare protocol that writes prepared bytes and parses the answer: what asyncio and the kernel cost alone.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from typing import Any

import httptools

from mcpctl.model.server import ServerSpec
from mcpctl.transports.http import HttpChannel
from tests.bench.frame import ROOT, Cost, Row, Samples, Stopwatch, interleaved_async, median, ratio, resident

CALLS = {1: 1000, 64: 6400}
"""Calls of one sample, by how many are in flight."""
SDK_SHARE = 16
"""The SDK's client gets a fraction of the calls, for it takes that much longer."""
ROUNDS = 5
FIRST_SESSIONS = 50
"""Opened before the memory is looked at, so that what is loaded once is not charged to the next ones."""
MORE_SESSIONS = 500

ARGUMENTS = {"name": "echo", "arguments": {"text": "hello"}}
BODY = b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"text":"hello"}}}'

Call = Callable[[], Awaitable[Any]]


def measure() -> list[Row]:
    with _server() as port:
        url = f"http://127.0.0.1:{port}"
        memory = asyncio.run(_memory_of_sessions(f"{url}/json"))  # before the SDK leaves free pages behind
        rows = (asyncio.run(_cpu_of_calls(f"{url}/{kind}", kind)) for kind in ("json", "sse"))
        return [*(row for some in rows for row in some), memory]


class Deaf:
    """An inbox for servers that say nothing unasked."""

    def notified(self, method: str, params: bytes | None) -> None:
        raise AssertionError(method)

    async def asked(self, method: str, params: bytes | None) -> Any:
        raise AssertionError(method)

    def lost(self, error: Exception) -> None:
        raise error


class Bare(asyncio.Protocol):
    """One connection, one call at a time, nothing checked."""

    def __init__(self, request: bytes) -> None:
        self.request = request
        self.answer: asyncio.Future[bytes] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.parser = httptools.HttpResponseParser(self)
        self.body = b""

    def data_received(self, data: bytes) -> None:
        self.parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        body, self.body = self.body, b""
        assert self.answer is not None
        self.answer.set_result(body)

    async def call(self) -> bytes:
        self.answer = asyncio.get_running_loop().create_future()
        self.transport.write(self.request)
        return await self.answer


@contextmanager
def _server() -> Iterator[int]:
    command = [sys.executable, "-m", "tests.servers.http_echo"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        try:
            yield int(server.stdout.readline())
        finally:
            server.kill()


@asynccontextmanager
async def _channel(url: str) -> AsyncIterator[HttpChannel]:
    channel = HttpChannel(ServerSpec(name="echo", transport="http", url=url), Deaf(), env={})
    await channel.open()
    try:
        await channel.request("initialize", {}, timeout=30)
        channel.adopt("2025-11-25", stateless=False)
        await channel.notify("notifications/initialized", None)
        yield channel
    finally:
        await channel.aclose()


@asynccontextmanager
async def _floor(url: str, width: int) -> AsyncIterator[Call]:
    authority, _, path = url.removeprefix("http://").partition("/")
    host, _, port = authority.partition(":")
    head = f"POST /{path} HTTP/1.1\r\nhost: {authority}\r\ncontent-type: application/json\r\n"
    request = head.encode() + b"content-length: %d\r\n\r\n%b" % (len(BODY), BODY)
    loop = asyncio.get_running_loop()
    opened = [await loop.create_connection(lambda: Bare(request), host, int(port)) for _ in range(width)]
    idle = [protocol for _, protocol in opened]

    async def call() -> None:
        protocol = idle.pop()
        await protocol.call()
        idle.append(protocol)

    try:
        yield call
    finally:
        for transport, _ in opened:
            transport.close()


async def _cpu_of_calls(url: str, kind: str) -> list[Row]:
    from mcp import Client

    rows = []
    async with _channel(url) as channel, Client(url) as sdk:
        for width, count in CALLS.items():
            async with _floor(url, width) as floor:
                ours = partial(channel.request, "tools/call", ARGUMENTS, timeout=30)
                theirs = partial(sdk.call_tool, "echo", {"text": "hello"})
                candidates = {
                    "floor": partial(_calls, floor, count=count, width=width),
                    "ours": partial(_calls, ours, count=count, width=width),
                    "sdk": partial(_calls, theirs, count=count // SDK_SHARE, width=width),
                }
                samples = await interleaved_async(candidates, rounds=ROUNDS)
            rows += _rows(samples, kind=kind, width=width)
    return rows


async def _calls(call: Call, *, count: int, width: int) -> Cost:
    """What one call costs, with `width` of them in flight."""
    left = count

    async def worker() -> None:
        nonlocal left
        while left > 0:
            left -= 1
            await call()

    with Stopwatch() as watch:
        await asyncio.gather(*(worker() for _ in range(width)))
    return Cost(wall=watch.cost.wall / count, cpu=watch.cost.cpu / count)


def _rows(samples: Samples, *, kind: str, width: int) -> list[Row]:
    # A single call is mostly two switches between processes, on both sides: its ratio is told, not promised.
    each = ", ".join(f"{name} {median(samples, name, kind='cpu') * 1e6:.0f} us" for name in samples)
    name = f"CPU of a call over HTTP, {kind}, {width} in flight"
    return [
        Row(
            name=name,
            value=ratio(samples, "sdk", "ours", kind="cpu"),
            unit="x less",
            reference="mcp.Client.call_tool",
            limit=15 if width > 1 else None,
            better="more",
            note=each,
        ),
        Row(
            name=name, value=ratio(samples, "ours", "floor", kind="cpu"), reference="a bare protocol", limit=3
        ),
    ]


async def _memory_of_sessions(url: str) -> Row:
    from contextlib import AsyncExitStack

    async with AsyncExitStack() as stack:
        for _ in range(FIRST_SESSIONS):
            await stack.enter_async_context(_channel(url))
        before = resident()
        for _ in range(MORE_SESSIONS):
            await stack.enter_async_context(_channel(url))
        each = (resident() - before) / MORE_SESSIONS
    return Row(name="memory of an idle session over HTTP", value=each / 1000, unit="kB", limit=12)
