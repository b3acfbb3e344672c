"""The serving side of HTTP/1.1: connections, and requests that are read whole; `reply` answers them.

Bounded in time, size and number. Knows neither paths nor MCP, and speaks no TLS: a proxy in front brings that.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from typing import Final, cast

import httptools

from mcpctl.errors import ConnectError
from mcpctl.model.value import NamedTuple
from mcpctl.wire.reply import Reply, response_head

MAX_HEAD: Final = 64 << 10
"""Bytes of a request before its body: as much as other servers take."""

MAX_BEHIND: Final = 64 << 20
"""Bytes kept for a client that does not take its answer; beyond it the connection is cut."""

MAX_QUEUED: Final = 8
"""Requests that a client may send ahead while one of them is worked on."""

CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"


class Request(NamedTuple):
    method: str
    path: str
    headers: Mapping[bytes, bytes]
    """By lower-case name."""
    body: bytes


class Bounds(NamedTuple):
    body: int
    """Bytes of one request's body."""
    clients: int
    """Connections at once; one more is turned away."""
    patience: float
    """Seconds that a connection may take to bring a whole request."""
    head: int = MAX_HEAD
    lasting: bool = True
    """Whether a connection may carry one request after the other."""


Handle = Callable[[Request, Reply], None]
"""Must not block; answers at once or later."""


class HttpServer:
    def __init__(self, handle: Handle, bounds: Bounds) -> None:
        self.handle = handle
        self.bounds = bounds
        self.clients: set[_Connection] = set()
        self._server: asyncio.Server | None = None

    async def start(self, host: str, port: int) -> str:
        """The address, with the port that was really taken. Raises `ConnectError`."""
        loop = asyncio.get_running_loop()
        try:
            self._server = await loop.create_server(lambda: _Connection(self), host, port)
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
        for client in tuple(self.clients):
            client.close()
        await asyncio.sleep(0)  # lets the connections notice that they are closed


class _Connection(asyncio.Protocol):
    __slots__ = (
        "_body",
        "_fault",
        "_head_size",
        "_headers",
        "_parser",
        "_queue",
        "_reply",
        "_said",
        "_server",
        "_size",
        "_target",
        "_timer",
        "_transport",
    )

    def __init__(self, server: HttpServer) -> None:
        self._server = server
        self._transport: asyncio.Transport | None = None
        self._parser: httptools.HttpRequestParser | None = httptools.HttpRequestParser(self)
        self._queue: deque[tuple[Request, Reply]] = deque()
        self._reply: Reply | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._fault = 0
        self._head_size = 0
        """Bytes since the last request, or the last bytes of a body."""
        self._begin()

    # -- from the loop ---------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        if len(self._server.clients) >= self._server.bounds.clients:
            self._transport.abort()
            return
        self._server.clients.add(self)
        self._be_patient()

    def data_received(self, data: bytes) -> None:
        if self._parser is None or self._fault:
            return
        self._head_size += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserUpgrade, httptools.HttpParserError):
            self._fault = 400
        if self._head_size > self._server.bounds.head and not self._fault:
            self._fault = 431  # the parser keeps a header to itself until it is whole
        if self._fault:
            self._refuse()
        elif self._reply is None:
            self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._server.clients.discard(self)
        self._rest()
        self._parser = None  # it holds this object's methods, and so itself
        self._transport = None
        self._queue.clear()
        if self._reply is not None:
            reply, self._reply = self._reply, None
            reply.lost()

    # -- from the parser -------------------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        self._begin()

    def on_url(self, url: bytes) -> None:
        self._target += url
        self._weigh()

    def on_header(self, name: bytes, value: bytes) -> None:
        name = name.lower()
        if name == b"host" and name in self._headers:
            self._fault = 400
        self._headers[name] = value.strip(b" \t")
        self._said += len(name) + len(value)
        self._weigh()

    def on_headers_complete(self) -> None:
        length = self._headers.get(b"content-length", b"0")
        if length.isdigit() and int(length) > self._server.bounds.body:
            self._fault = 413
        elif self._headers.get(b"expect", b"").lower() == b"100-continue" and self._reply is None:
            self.write(CONTINUE)

    def on_body(self, chunk: bytes) -> None:
        self._head_size = 0
        self._size += len(chunk)
        if self._size > self._server.bounds.body:
            self._fault = 413
        elif not self._fault:
            self._body.append(chunk)

    def on_message_complete(self) -> None:
        parser = self._parser
        if parser is None or self._fault:
            return
        self._head_size = 0
        method = parser.get_method().decode("latin-1")
        path = bytes(self._target).partition(b"?")[0].decode("latin-1")
        modern = parser.get_http_version() == "1.1"
        reply = Reply(
            self,
            keep=self._server.bounds.lasting and bool(parser.should_keep_alive()),
            chunked=modern,
            only_head=method == "HEAD",
        )
        self._queue.append((Request(method, path, self._headers, b"".join(self._body)), reply))
        if len(self._queue) > MAX_QUEUED:
            self._fault = 429

    # -- from replies ----------------------------------------------------------------------------------------------

    def write(self, data: bytes) -> None:
        transport = self._transport
        if transport is not None and not transport.is_closing():
            transport.write(data)
            if transport.get_write_buffer_size() > MAX_BEHIND:
                transport.abort()

    def answered(self, *, keep: bool) -> None:
        self._reply = None
        if not keep:
            self.close()
        elif self._queue:
            asyncio.get_running_loop().call_soon(self._next)
        else:
            self._be_patient()

    def close(self) -> None:
        """Let go of it once what was written has been taken, or patience is at its end."""
        transport = self._transport
        if transport is not None and not transport.is_closing():
            transport.close()
            if transport.get_write_buffer_size():
                asyncio.get_running_loop().call_later(self._server.bounds.patience, transport.abort)

    # -- details ---------------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        self._target = bytearray()
        self._headers: dict[bytes, bytes] = {}
        self._body: list[bytes] = []
        self._size = 0
        self._said = 0
        """Bytes of headers."""

    def _weigh(self) -> None:
        if len(self._target) + self._said > self._server.bounds.head:
            self._fault = 431

    def _next(self) -> None:
        if not self._queue or self._reply is not None:
            return
        self._rest()
        request, self._reply = self._queue.popleft()
        reply = self._reply
        try:
            self._server.handle(request, reply)
        except Exception:  # one request that breaks us must not take the others with it
            reply.respond(500, close=True)

    def _refuse(self) -> None:
        """Say why, and let the client finish: closed in the middle of what it sends, it would not get to read that."""
        transport = self._transport
        assert transport is not None
        if self._reply is not None:
            transport.abort()
        elif not transport.is_closing():
            self.write(response_head(self._fault, {"content-length": "0"}, keep=False))
            transport.write_eof()

    def _be_patient(self) -> None:
        self._rest()
        assert self._transport is not None
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(self._server.bounds.patience, self._transport.abort)

    def _rest(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
