"""The page that a browser comes back to after a login: one small server on this machine, for one answer.

Takes only what belongs to the login it was opened for, says nothing of what it got, and is gone afterwards.
"""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlsplit

from mcpctl.errors import UsageError

HOST = "127.0.0.1"
"""A literal, as RFC 8252 asks: a name could be made to lead elsewhere."""

PATH = "/callback"

MAX_REQUEST = 32 << 10
"""Bytes of a request's head; codes and states are a few hundred."""

READ_TIMEOUT = 10.0
"""Seconds for a browser to send one request."""

_PAGE = (
    b"HTTP/1.1 %b\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: %d\r\nconnection: close\r\n"
    b"cache-control: no-store\r\nreferrer-policy: no-referrer\r\ncontent-security-policy: default-src 'none'\r\n\r\n%b"
)


class Loopback:
    """Open it, have its `redirect_uri` visited through `visit`, close it."""

    def __init__(self, *, port: int | None, wish: int | None = None, show: Callable[[str], None]) -> None:
        """`show` tells a person which page to open. Without a `port` it is `wish`, or else any that is free."""
        self.redirect_uri = ""
        self._port = port
        self._wish = wish
        self._show = show
        self._state: str | None = None
        self._answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        try:
            self._server = await self._open()
        except OSError as error:
            taken = error.errno == errno.EADDRINUSE
            why = "something else listens there" if taken else (error.strerror or str(error)).lower()
            raise UsageError(
                f"port {self._port} cannot be used to come back from the browser: {why}",
                code="usage.port",
                hint="name another with `--port`, or log in with `--headless`",
            ) from error
        self.redirect_uri = f"http://{HOST}:{self._server.sockets[0].getsockname()[1]}{PATH}"
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def visit(self, page: str) -> str:
        self._state = _first(page, "state")
        self._show(page)
        return await self._answer

    async def _open(self) -> asyncio.Server:
        if self._port is None and self._wish is not None:
            with suppress(OSError):
                return await asyncio.start_server(self._serve, HOST, self._wish, limit=MAX_REQUEST)
        return await asyncio.start_server(self._serve, HOST, self._port or 0, limit=MAX_REQUEST)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            async with asyncio.timeout(READ_TIMEOUT):
                head = await reader.readuntil(b"\r\n\r\n")
                status, words = self._judge(head)
                page = f"<!doctype html><title>mcpctl</title><p>{words}".encode()
                writer.write(_PAGE % (status, len(page), page))
                await writer.drain()
        writer.close()

    def _judge(self, head: bytes) -> tuple[bytes, str]:
        """What the browser is told; an answer with the right state ends the wait."""
        method, _, rest = head.partition(b"\r\n")[0].decode("latin-1").partition(" ")
        target = rest.partition(" ")[0]
        if method != "GET" or urlsplit(target).path != PATH:
            return b"404 Not Found", "There is nothing here."
        if self._state is None or _first(target, "state") != self._state:
            return b"400 Bad Request", "This does not belong to the login that mcpctl waits for."
        if not self._answer.done():
            self._answer.set_result(target)
        if _first(target, "error") is not None:
            return b"200 OK", "The login was refused. You can close this page and go back to the terminal."
        return b"200 OK", "You can close this page and go back to the terminal."


def free_port() -> int:
    """One that nobody listens on now."""
    import socket

    with socket.create_server((HOST, 0)) as probe:
        return int(probe.getsockname()[1])


def _first(url: str, name: str) -> str | None:
    values = parse_qs(urlsplit(url).query).get(name)
    return values[0] if values else None
