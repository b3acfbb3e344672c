"""The echo server over Streamable HTTP, on a free port that it prints: one read, one answer, one write."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

if __package__ in {None, ""}:
    sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from tests.bench.servers.echo import answer

HEADER_END = b"\r\n\r\n"


class Echo(asyncio.Protocol):
    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._pending = b""

    def data_received(self, data: bytes) -> None:
        self._pending += data
        while (end := self._pending.find(HEADER_END)) >= 0:
            head = self._pending[:end].lower()
            stop = end + len(HEADER_END) + _length(head)
            if len(self._pending) < stop:
                return
            body = self._pending[end + len(HEADER_END) : stop]
            self._pending = self._pending[stop:]
            self._transport.write(_respond(head, body))


def _length(head: bytes) -> int:
    found = head.find(b"content-length:")
    return int(head[found + 15 :].split(b"\r\n", 1)[0]) if found >= 0 else 0


def _respond(head: bytes, body: bytes) -> bytes:
    if not head.startswith(b"post "):
        return b"HTTP/1.1 405 Method Not Allowed\r\ncontent-length: 0\r\n\r\n"
    response = answer(body)
    if response is None:
        return b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n"
    return b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (
        len(response),
        response,
    )


async def main() -> None:
    server = await asyncio.get_running_loop().create_server(Echo, "127.0.0.1", 0, backlog=1024)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/mcp", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    import uvloop

    uvloop.run(main())
