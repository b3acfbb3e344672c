"""One HTTP/1.1 connection under load: one request in flight, its answer recognised by bytes seen before.

Servers repeat their response heads to the byte, so a head is parsed once and then looked up. What was not seen before,
comes in chunks or as an event stream goes through llhttp, which misses nothing.
"""

from __future__ import annotations

import asyncio
from time import monotonic_ns
from typing import Protocol, cast

import httptools

from mcpctl.errors import ConnectError, McpctlError
from mcpctl.loadtest.ledger import Book, Shot
from mcpctl.model.value import NamedTuple
from mcpctl.wire.events import EventParser

_MAX_HEADS = 512
"""Heads remembered for one server; a date makes one a second, so all of them are forgotten now and then."""
_LEARNT_STATUS = 200
_END = b"\r\n\r\n"

Headers = dict[bytes, bytes]


class Reply(NamedTuple):
    status: int
    headers: Headers
    body: bytes


class Known(NamedTuple):
    size: int
    events: bool


class Owner(Protocol):
    """The lane."""

    heads: dict[bytes, Known]
    limit: int

    def answered(self, wire: HttpWire, body: bytes, now: int, *, events: bool) -> None:
        """The whole body of a good status; the wire is free again."""

    def told(self, wire: HttpWire, message: bytes, now: int) -> None:
        """One event of a stream that is not over yet."""

    def replied(self, wire: HttpWire, reply: Reply, now: int) -> None:
        """Any other answer, in full; the wire is free again if it is still open."""

    def dropped(self, wire: HttpWire, words: str, now: int) -> None:
        """The connection is gone."""


class HttpWire(Shot, asyncio.Protocol):
    """Is itself the entry of the request that it carries."""

    __slots__ = ("_chunks", "_missing", "_parser", "number", "owner", "transport", "waiter")

    def __init__(self, owner: Owner, book: Book) -> None:
        super().__init__(book, 0, 1)
        self.owner = owner
        self.number = 0
        """Of the request in flight; 0 for none."""
        self.transport: asyncio.Transport | None = None
        self.waiter: asyncio.Future[Reply] | None = None
        """Set while an exchange of the session itself, and not of the load, is under way."""
        self._chunks: list[bytes] = []
        self._missing = 0
        self._parser: _Parser | None = None

    @property
    def open(self) -> bool:
        return self.transport is not None and not self.transport.is_closing()

    def write(self, data: bytes) -> None:
        assert self.transport is not None
        self.transport.write(data)

    async def exchange(self, data: bytes) -> Reply:
        """A request outside of the load, such as the handshake. Raises `McpctlError`."""
        self.waiter = asyncio.get_running_loop().create_future()
        self.write(data)
        try:
            return await self.waiter
        finally:
            self.waiter = None

    def abort(self) -> None:
        """Close it, and hear nothing more of it."""
        self.number = 0
        if self.transport is not None:
            self.transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # Not to be asked by `isinstance`: the transports of uvloop are no subclasses.
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        now = monotonic_ns()
        if self._chunks:
            self._collect(data, now)
            return
        if self._parser is None and self.waiter is None:
            cut = data.find(_END)
            known = self.owner.heads.get(data[:cut]) if cut > 0 else None
            if known is not None:
                body = data[cut + 4 :]
                missing = known.size - len(body)
                if not missing:
                    self.owner.answered(self, body, now, events=known.events)
                    return
                if missing > 0:
                    self._chunks.append(b"events" if known.events else b"")
                    self._chunks.append(body)
                    self._missing = missing
                    return
        self._carefully(data, now)

    def connection_lost(self, exc: Exception | None) -> None:
        now = monotonic_ns()
        self.transport = None
        parser, self._parser = self._parser, None
        how = "reset the connection" if exc is not None else "closed the connection"
        if parser is not None and parser.ends_with_connection and exc is None:
            self._deliver(parser, now)
            how = ""
        if self.waiter is not None and not self.waiter.done():
            self.waiter.set_exception(
                ConnectError(f"the server {how} without answering", code="connect.reset")
            )
        self.owner.dropped(self, f"the server {how}", now)

    def _collect(self, data: bytes, now: int) -> None:
        self._missing -= len(data)
        self._chunks.append(data)
        if self._missing > 0:
            return
        events, *chunks = self._chunks
        self._chunks.clear()
        body = b"".join(chunks)
        if self._missing < 0:
            self._surplus()
            body = body[: self._missing]
        self.owner.answered(self, body, now, events=bool(events))

    def _surplus(self) -> None:
        """Bytes that nobody asked for: they must not be taken for the next answer."""
        if self.transport is not None:
            self.transport.close()

    def _carefully(self, data: bytes, now: int) -> None:
        parser = self._parser
        if parser is None:
            if not self.number and self.waiter is None:
                self._surplus()
                return
            self._parser = parser = _Parser(self)
        try:
            parser.feed(data, now)
        except httptools.HttpParserError as error:
            self._broken(f"the answer breaks the rules of HTTP: {error}", now)
            return
        except McpctlError as error:
            self._broken(error.message, now)
            return
        if parser.complete:
            self._parser = None
            if parser.surplus or not parser.keeps:
                self._surplus()
            self._deliver(parser, now)

    def _deliver(self, parser: _Parser, now: int) -> None:
        reply = Reply(parser.status, parser.headers, b"".join(parser.chunks))
        if self.waiter is not None and not self.waiter.done():
            self.waiter.set_result(reply)
            return
        known = parser.learnt()
        if known is not None:
            heads = self.owner.heads
            if len(heads) >= _MAX_HEADS:
                heads.clear()
            heads[parser.head] = known
        self.owner.replied(self, reply, now)

    def _broken(self, words: str, now: int) -> None:
        self._parser = None
        if self.waiter is not None and not self.waiter.done():
            self.waiter.set_exception(ConnectError(words, code="protocol.malformed"))
        self.owner.replied(self, Reply(0, {}, words.encode()), now)
        if self.transport is not None:
            self.transport.abort()


class _Parser:
    """llhttp's callbacks for one response."""

    def __init__(self, wire: HttpWire) -> None:
        self._wire = wire
        self._parser: httptools.HttpResponseParser | None = httptools.HttpResponseParser(self)
        self._events: EventParser | None = None
        self._now = 0
        self._size = 0
        self._began = False
        self.head = b""
        self.status = 0
        self.headers: Headers = {}
        self.chunks: list[bytes] = []
        self.complete = False
        self.surplus = False
        self.keeps = False

    @property
    def ends_with_connection(self) -> bool:
        framed = b"content-length" in self.headers or b"transfer-encoding" in self.headers
        return bool(self.status) and not framed

    def feed(self, data: bytes, now: int) -> None:
        self._now = now
        cut = data.find(_END)
        if not self._began and cut > 0:
            self.head = data[:cut]
        self._began = True
        assert self._parser is not None
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserCallbackError as error:
            cause = error.__context__
            raise cause if isinstance(cause, McpctlError) else error from None
        if self.complete:
            self._parser = None  # it holds this object's methods, and so itself

    def learnt(self) -> Known | None:
        """What the same head will mean the next time; None where it must be parsed again."""
        headers = self.headers
        size = headers.get(b"content-length", b"")
        kind = headers.get(b"content-type", b"")
        plain = self.keeps and b"transfer-encoding" not in headers and b"mcp-session-id" not in headers
        if not self.head or self.status != _LEARNT_STATUS or not plain or not size.isdigit():
            return None
        events = kind.startswith(b"text/event-stream")
        return Known(int(size), events) if events or kind.startswith(b"application/json") else None

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers[name.lower()] = value

    def on_headers_complete(self) -> None:
        assert self._parser is not None
        self.status = self._parser.get_status_code()
        streamed = self.headers.get(b"content-type", b"").startswith(b"text/event-stream")
        if streamed and self.status == _LEARNT_STATUS:
            self._events = EventParser(self._wire.owner.limit)

    def on_body(self, chunk: bytes) -> None:
        self._size += len(chunk)
        if self._events is None:
            self.chunks.append(chunk)
            if self._size > self._wire.owner.limit:
                raise ConnectError(f"an answer is larger than {self._wire.owner.limit} bytes")
            return
        for event in self._events.feed(chunk):
            if self._wire.waiter is None:
                self._wire.owner.told(self._wire, event.data, self._now)
            else:
                self.chunks = [event.data]

    def on_message_begin(self) -> None:
        if self.complete:
            self.surplus = True

    def on_message_complete(self) -> None:
        assert self._parser is not None
        if self.status >= _LEARNT_STATUS:
            self.complete = True
            self.keeps = self._parser.should_keep_alive()
        else:  # an interim response, such as 103
            self.headers = {}
            self.status = 0
