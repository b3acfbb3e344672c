"""A fast Streamable HTTP server for benchmarks: answers from memory, as JSON on `/json`, as an event stream on `/sse`.

`python -m tests.servers.http_echo` prints its port and serves until its stdin closes.
"""

from __future__ import annotations

import asyncio
import sys

import httptools
import msgspec

INITIALIZED = b'{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"http-echo","version":"0"}}'
TOOLS = b'{"tools":[{"name":"echo","description":"echo","inputSchema":{"type":"object"}}]}'
CALLED = b'{"content":[{"type":"text","text":"hello"}]}'
RESULTS = {"initialize": INITIALIZED, "tools/list": TOOLS, "tools/call": CALLED}
ACCEPTED = b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n"
NO_STREAM = b"HTTP/1.1 405 Method Not Allowed\r\ncontent-length: 0\r\n\r\n"


class Envelope(msgspec.Struct):
    method: str
    id: int | str | None = None


decode = msgspec.json.Decoder(Envelope).decode


class Echo(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.parser = httptools.HttpRequestParser(self)
        self.body = b""
        self.url = b""

    def data_received(self, data: bytes) -> None:
        self.parser.feed_data(data)

    def on_url(self, url: bytes) -> None:
        self.url = url

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        body, self.body = self.body, b""
        assert isinstance(self.transport, asyncio.Transport)
        self.transport.write(self.answer(body) if self.parser.get_method() == b"POST" else NO_STREAM)

    def answer(self, body: bytes) -> bytes:
        envelope = decode(body)
        if envelope.id is None:
            return ACCEPTED
        result = RESULTS.get(envelope.method)
        if result is None:
            content = b'{"jsonrpc":"2.0","id":%b,"error":{"code":-32601,"message":"Method not found"}}'
            content %= msgspec.json.encode(envelope.id)
        else:
            content = b'{"jsonrpc":"2.0","id":%b,"result":%b}' % (msgspec.json.encode(envelope.id), result)
        if self.url.startswith(b"/sse"):
            event = b"event: message\ndata: %b\n\n" % content
            return (
                b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncache-control: no-store\r\n"
                b"transfer-encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(event), event)
            )
        return b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (
            len(content),
            content,
        )


async def main() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Echo, "127.0.0.1", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
