"""A small HTTP server inside the test's own event loop: the test writes what it answers, down to single bytes."""

from __future__ import annotations

import asyncio
import contextlib
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

JSON = "application/json"
INITIALIZED = {
    "protocolVersion": "2025-11-25",
    "capabilities": {"tools": {}},
    "serverInfo": {"name": "scripted", "version": "0"},
}


@dataclass(slots=True, kw_only=True)
class Asked:
    """One request, and the means to answer it."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    connection: int

    @property
    def rpc(self) -> dict[str, Any]:
        return json.loads(self.body) if self.body else {}

    async def raw(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def head(self, status: int, *headers: str) -> None:
        await self.raw("\r\n".join([f"HTTP/1.1 {status} X", *headers, "", ""]).encode())

    async def reply(self, status: int, body: bytes = b"", *headers: str, kind: str = JSON) -> None:
        fields = [f"content-type: {kind}"] if kind else []
        await self.head(status, *fields, f"content-length: {len(body)}", *headers)
        await self.raw(body)

    async def result(self, value: Any, *headers: str) -> None:
        await self.reply(200, self.message(result=value), *headers)

    async def stream(self, *headers: str) -> None:
        await self.head(200, "content-type: text/event-stream", "transfer-encoding: chunked", *headers)

    async def event(self, data: Any = None, *fields: str) -> None:
        text = data if isinstance(data, str) else json.dumps(data)
        event = (
            "".join(f"{line}\n" for line in fields) + (f"data: {text}\n" if data is not None else "") + "\n"
        )
        await self.raw(b"%x\r\n%b\r\n" % (len(event.encode()), event.encode()))

    async def end(self) -> None:
        await self.raw(b"0\r\n\r\n")

    async def hang_up(self) -> None:
        self.writer.close()

    async def gone(self) -> None:
        """Wait until the client closed the connection."""
        with contextlib.suppress(ConnectionError):
            while await self.reader.read(1 << 16):
                pass

    def message(self, **members: Any) -> bytes:
        return json.dumps({"jsonrpc": "2.0", "id": self.rpc.get("id"), **members}).encode()


Handler = Callable[[Asked], Awaitable[None]]


@dataclass(slots=True, kw_only=True)
class Scripted:
    port: int
    scheme: str = "http"
    asked: list[Asked] = field(default_factory=list)
    connections: int = 0

    def url(self, path: str = "/mcp", *, host: str = "127.0.0.1") -> str:
        return f"{self.scheme}://{host}:{self.port}{path}"

    def methods(self) -> list[str]:
        """What arrived, in order: the JSON-RPC method of a POST, else the HTTP method."""
        return [one.rpc.get("method", "answer") if one.method == "POST" else one.method for one in self.asked]

    def named(self, method: str) -> list[Asked]:
        return [one for one, name in zip(self.asked, self.methods(), strict=True) if name == method]


@asynccontextmanager
async def serving(
    handler: Handler, *, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1"
) -> AsyncIterator[Scripted]:
    scripted = Scripted(port=0, scheme="https" if tls else "http")
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        scripted.connections += 1
        number = scripted.connections
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                while not writer.is_closing():
                    asked = await _request(reader, writer, number)
                    scripted.asked.append(asked)
                    await handler(asked)
        except asyncio.CancelledError:
            pass
        finally:
            tasks.discard(task)
            writer.transport.abort()

    server = await asyncio.start_server(serve, host, 0, ssl=tls, limit=1 << 22)
    scripted.port = server.sockets[0].getsockname()[1]
    try:
        yield scripted
    finally:
        server.close()
        for task in tuple(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()


async def _request(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, connection: int) -> Asked:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.strip().split("\r\n")
    method, target, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Asked(
        method=method,
        target=target,
        headers=headers,
        body=body,
        reader=reader,
        writer=writer,
        connection=connection,
    )


async def polite(asked: Asked) -> None:
    """A well-behaved server of the handshake era, with a session and without a standing stream."""
    rpc = asked.rpc
    if asked.method == "DELETE":
        await asked.reply(200)
    elif asked.method != "POST":
        await asked.reply(405)
    elif "id" not in rpc or "method" not in rpc:
        await asked.reply(202)
    elif rpc["method"] == "initialize":
        await asked.result(INITIALIZED, "mcp-session-id: s1")
    else:
        await asked.result({"said": rpc["method"]})


def with_calls(call: Handler) -> Handler:
    """A polite server that answers `tools/call` in its own way."""

    async def handler(asked: Asked) -> None:
        if asked.method == "POST" and asked.rpc.get("method") == "tools/call":
            await call(asked)
        else:
            await polite(asked)

    return handler
