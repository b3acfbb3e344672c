"""A tiny HTTP server for a handful of fixed pages: one request a connection, bounded in time, size and number.

Knows GET and HEAD, no ranges, no TLS, nothing that changes anything: a proxy in front brings what is missing.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from http import HTTPStatus

from mcpctl.errors import ConnectError, UsageError
from mcpctl.health.pages import JSON, Page, Pages

LOOPBACK = "127.0.0.1"

MAX_HEAD = 16 << 10
"""Bytes of a request; a probe sends two hundred."""

REQUEST_TIME = 5.0
"""Seconds that a client has to say what it wants, and to take the answer."""

MAX_CLIENTS = 64
"""At once; one more is turned away."""


def parse_listen(text: str) -> tuple[str, int]:
    """`HOST:PORT`, `[::1]:PORT` or `PORT`. Without a host it is this machine alone."""
    host, _, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise UsageError(
            f"`{text}` is no address to listen on",
            code="usage.invalid_value",
            hint="write `9090` or `127.0.0.1:9090`",
        )
    return host or LOOPBACK, int(port)


class PageServer:
    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._server: asyncio.Server | None = None
        self._clients: set[asyncio.Task[None]] = set()

    async def start(self, host: str, port: int) -> str:
        """The address, with the port that was really taken. Raises `ConnectError`."""
        try:
            self._server = await asyncio.start_server(self._accepted, host, port, limit=MAX_HEAD)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise ConnectError(
                f"cannot listen on `{host}:{port}`: {reason}",
                code="connect.listen",
                hint="choose another port",
            ) from error
        name, taken = self._server.sockets[0].getsockname()[:2]
        return f"http://[{name}]:{taken}" if ":" in name else f"http://{name}:{taken}"

    async def aclose(self) -> None:
        if self._server is not None:
            self._server.close()
        for client in tuple(self._clients):
            client.cancel()
        await asyncio.gather(*self._clients, return_exceptions=True)

    def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._clients) >= MAX_CLIENTS:
            writer.transport.abort()
            return
        task = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._clients.add(task)
        task.add_done_callback(self._clients.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError):
                async with asyncio.timeout(REQUEST_TIME):
                    head = await reader.readuntil(b"\r\n\r\n")
                    writer.write(self._answer(head))
                    await writer.drain()
                    writer.close()
                    await writer.wait_closed()
        finally:
            writer.transport.abort()

    def _answer(self, head: bytes) -> bytes:
        words = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
        method, target = (words[0], words[1]) if len(words) == 3 else ("", "")
        page = self._page(method, target.partition("?")[0])
        head_only = method == "HEAD"
        lines = [
            f"HTTP/1.1 {page.status} {HTTPStatus(page.status).phrase}",
            f"content-type: {page.content_type}",
            f"content-length: {len(page.body)}",
            "cache-control: no-store",
            "x-content-type-options: nosniff",
            "connection: close",
        ]
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + (b"" if head_only else page.body)

    def _page(self, method: str, path: str) -> Page:
        if method not in ("GET", "HEAD"):
            return Page(405 if method.isalpha() else 400, JSON, b'{"error": "only GET and HEAD"}\n')
        answer = self._pages.get(path)
        if answer is None:
            return Page(404, JSON, b'{"error": "no such page"}\n')
        try:
            return answer()
        except Exception as error:  # a page that breaks must not take the others with it
            return Page(500, JSON, f'{{"error": "{type(error).__name__}"}}\n'.encode())
