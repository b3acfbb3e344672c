"""One HTTP/1.1 connection: an exchange at a time, parsed by llhttp, handed on as it comes.

Bounded: the header block has a cap, a content encoding is refused (so nothing is there to unpack a bomb), and bytes
that no request asked for end the connection, so that no answer is taken for another one's. Time is the caller's to
bound.
"""

from __future__ import annotations

import asyncio
import select
import ssl
from abc import ABC, abstractmethod
from typing import Final, Protocol, cast

import httptools

from mcpctl.errors import BugError, ConnectError, McpctlError, ProtocolError
from mcpctl.wire.tls import tls_reason

MAX_HEAD = 64 << 10
"""Bytes of headers, or of trailers; servers themselves allow 8 to 64 KiB."""
SAMPLE = 60
"""Bytes of something that is not HTTP that are shown: enough to tell a mail server from a database."""
CHALLENGE = b"www-authenticate"
MAX_CHALLENGE = 8 << 10
"""Bytes of challenges that are kept; a server sends one or two of a hundred."""
SWITCHING_PROTOCOLS = 101
FIRST_FINAL_STATUS = 200

IDLE: Final = 0
HEAD: Final = 1
BODY: Final = 2
DONE: Final = 3
SURPLUS: Final = 4
"""Answered, and then more bytes came: the answer counts, the connection does not."""
CLOSED: Final = 5

Headers = dict[bytes, bytes]
"""By lower-case name. What came more than once counts as it came last, but all challenges are kept."""


class Exchange(ABC):
    """Whoever sent a request and hears of its response: `headed`, then `received`, then `finished` or `failed`, once.

    `headed` and `received` may raise a `McpctlError`: the connection is closed and the error comes back in `failed`.
    """

    __slots__ = ("connection", "pending")

    def __init__(self) -> None:
        self.connection: Connection | None = None
        """Set while the exchange is on the wire."""
        self.pending: asyncio.Task[None] | None = None
        """What must be done before it is sent, such as opening a connection."""

    @abstractmethod
    def headed(self, status: int, headers: Headers) -> None: ...

    @abstractmethod
    def received(self, chunk: bytes) -> None: ...

    @abstractmethod
    def finished(self) -> None: ...

    @abstractmethod
    def failed(self, error: McpctlError) -> None: ...

    def abandon(self) -> None:
        """Close the connection; nothing more is heard of the response."""
        if self.pending is not None:
            self.pending.cancel()
            self.pending = None
        if self.connection is not None:
            self.connection.abort()


class Owner(Protocol):
    """Whoever hands out connections and takes them back."""

    def freed(self, connection: Connection) -> None:
        """Its exchange is over and it can carry another one."""

    def lost(self, connection: Connection) -> None:
        """It is closed; told once."""


class Connection(asyncio.Protocol):
    __slots__ = (
        "_exchange",
        "_fault",
        "_headers",
        "_keep",
        "_overhead",
        "_owner",
        "_parser",
        "_poll",
        "_received",
        "_stage",
        "_transport",
        "_until_close",
        "idle_since",
        "loss",
    )

    def __init__(self, owner: Owner) -> None:
        self.idle_since = 0.0
        self.loss: ConnectError | None = None
        """Why it is closed, where the server did that."""
        self._owner = owner
        self._transport: asyncio.Transport | None = None
        self._poll = select.poll()
        self._parser: httptools.HttpResponseParser | None = httptools.HttpResponseParser(self)
        self._exchange: Exchange | None = None
        self._stage = IDLE
        self._headers: Headers = {}
        self._received = 0
        self._overhead = 0
        """Bytes since the last ones of a body: headers, trailers, chunk extensions."""
        self._keep = False
        self._until_close = False
        self._fault: McpctlError | None = None

    @property
    def open(self) -> bool:
        transport = self._transport
        return self._stage == IDLE and transport is not None and not transport.is_closing()

    @property
    def usable(self) -> bool:
        """Whether it can be used again: the server has neither closed it nor said something unasked meanwhile."""
        return self.open and not self._poll.poll(0)

    def send(self, exchange: Exchange, request: bytes) -> None:
        """Write a whole request on a connection that is new or `usable`."""
        assert self._transport is not None
        self._exchange = exchange
        exchange.connection = self
        self._stage = HEAD
        self._received = self._overhead = 0
        self._transport.write(request)

    def abort(self) -> None:
        """Close at once; the exchange under way hears nothing more."""
        self._detach()
        self._stage = CLOSED
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's are of another family
        self._poll.register(self._transport.get_extra_info("socket").fileno(), select.POLLIN)

    def data_received(self, data: bytes) -> None:
        if self._exchange is None or self._parser is None:
            self.abort()
            return
        self._received += len(data)
        self._overhead += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self._misparsed(data, error)
        if self._fault is not None:
            self._fail(self._fault)
        elif self._stage >= DONE:
            self._finish()
        elif self._overhead > MAX_HEAD:
            self._fail(_too_large())

    def connection_lost(self, exc: Exception | None) -> None:
        if self._stage == BODY and self._until_close and exc is None:
            self._stage = SURPLUS
            self._finish()
        else:
            self.loss = self._loss(exc)
            self._fail(self.loss)
        self._parser = None  # it holds this object's methods, and so itself
        self._transport = None
        self._owner.lost(self)

    def on_message_begin(self) -> None:
        if self._stage == DONE:
            self._stage = SURPLUS

    def on_header(self, name: bytes, value: bytes) -> None:
        name = name.lower()
        if name == CHALLENGE and name in self._headers:
            value = b"%b, %b" % (self._headers[name][:MAX_CHALLENGE], value)
        self._headers[name] = value

    def on_headers_complete(self) -> None:
        assert self._parser is not None
        status = self._parser.get_status_code()
        if status < FIRST_FINAL_STATUS and status != SWITCHING_PROTOCOLS:
            self._headers = {}
        elif self._stage == HEAD and self._exchange is not None:
            self._stage = BODY
            headers, self._headers = self._headers, {}
            self._until_close = b"content-length" not in headers and b"transfer-encoding" not in headers
            try:
                _require_plain(status, headers)
                self._exchange.headed(status, headers)
            except McpctlError as error:
                self._fault = error

    def on_body(self, chunk: bytes) -> None:
        self._overhead = 0
        if self._fault is None and self._stage == BODY and self._exchange is not None:
            try:
                self._exchange.received(chunk)
            except McpctlError as error:
                self._fault = error

    def on_message_complete(self) -> None:
        if self._stage == BODY:  # else it was an interim response, such as 103
            assert self._parser is not None
            self._stage = DONE
            self._keep = self._parser.should_keep_alive()

    def _detach(self) -> Exchange | None:
        exchange, self._exchange = self._exchange, None
        if exchange is not None:
            exchange.connection = None
        return exchange

    def _finish(self) -> None:
        exchange, transport = self._detach(), self._transport
        assert transport is not None
        if self._stage == DONE and self._keep and not transport.get_write_buffer_size():
            self._stage = IDLE
            self._owner.freed(self)
        else:
            self._stage = CLOSED
            transport.abort()
        if exchange is not None:
            exchange.finished()

    def _fail(self, error: McpctlError) -> None:
        exchange = self._detach()
        self.abort()
        if exchange is not None:
            exchange.failed(error)

    def _misparsed(self, data: bytes, error: Exception) -> None:
        if self._stage >= DONE:
            self._stage = SURPLUS
        elif self._fault is None:
            self._fault = self._breach(data, error)

    def _breach(self, data: bytes, error: Exception) -> McpctlError:
        if isinstance(error, httptools.HttpParserCallbackError):
            return BugError(f"an answer could not be handled: {error.__context__!r}")
        if self._stage == HEAD and not data.startswith(b"HTTP/") and self._received == len(data):
            sample = data[:SAMPLE].decode("ascii", "backslashreplace").strip()
            message = f"the server does not speak HTTP, it sent `{sample}`"
        else:
            message = f"the answer breaks the rules of HTTP: {str(error)[:1].lower()}{str(error)[1:]}"
        return ProtocolError(message, code="protocol.malformed", hint="check that the URL is an MCP endpoint")

    def _loss(self, cause: Exception | None) -> ConnectError:
        if isinstance(cause, ssl.SSLError):
            how = f"broke the TLS connection ({tls_reason(cause)})"
        elif cause is None:
            how = "closed the connection"
        else:
            how = "reset the connection"
        if not self._received:
            when = "without answering"
        elif self._stage == HEAD:
            when = "in the middle of an answer's headers"
        else:
            when = f"in the middle of an answer, after {self._received} bytes"
        error = ConnectError(f"the server {how} {when}", code="connect.reset")
        error.__cause__ = cause
        return error


def media_type(headers: Headers) -> bytes:
    """In lower case and without parameters; empty where the answer names none."""
    return headers.get(b"content-type", b"").partition(b";")[0].strip().lower()


def _require_plain(status: int, headers: Headers) -> None:
    """What we do not unpack, and never asked for, is refused before a byte of it is kept."""
    encoding = headers.get(b"content-encoding", b"identity").strip().lower()
    if encoding not in (b"identity", b""):
        message = f"the answer is encoded as `{_shown(encoding)}`, although it was asked for plain"
        raise ProtocolError(
            message,
            code="protocol.malformed",
            http_status=status,
            hint="switch compression off in the server or its proxy",
        )
    coding = headers.get(b"transfer-encoding", b"chunked").strip().lower()
    if coding != b"chunked" or status == SWITCHING_PROTOCOLS:
        message = (
            f"the answer uses the transfer coding `{_shown(coding)}`"
            if coding != b"chunked"
            else "the server wants to speak another protocol (HTTP status 101)"
        )
        raise ProtocolError(message, code="protocol.malformed", http_status=status)


def _shown(value: bytes) -> str:
    return value[:SAMPLE].decode("ascii", "backslashreplace")


def _too_large() -> ProtocolError:
    return ProtocolError(
        f"the headers of an answer are over the limit of {MAX_HEAD} bytes", code="protocol.too_large"
    )
