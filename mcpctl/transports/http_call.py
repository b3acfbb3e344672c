"""A request by POST and its answer, which comes as JSON or on an event stream.

The answer goes to the peer, and so does everything else that a server says on the stream. Whatever comes instead of an
answer is told in words, to this one request.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Protocol

from mcpctl.errors import ConnectError, McpctlError, ProtocolError
from mcpctl.transports.http_post import FIRST_REDIRECT, MAX_EXPLANATION, Post, Sender
from mcpctl.wire.events import EventParser
from mcpctl.wire.http import Headers, media_type
from mcpctl.wire.jsonrpc import RequestId, too_large

LINGER = 0.25
"""Seconds a stream may stay open after its answer: ended by the server, its connection serves again."""
MAX_LENGTH_DIGITS = 19
"""More is no number of bytes; the parser has refused it by then."""


class Caller(Sender, Protocol):
    """What a call needs of its channel."""

    def opened(self, message: bytes, headers: Headers) -> None:
        """The answer to `message` names a session."""

    def resume(self, call: Call, events: EventParser, error: McpctlError) -> None:
        """The stream of a call was cut before its answer."""


class Call(Post):
    """A request; its answer, or its failure, goes to the peer."""

    __slots__ = ("_events", "_linger", "_malformed", "_usable")

    _sender: Caller
    request_id: RequestId

    def __init__(
        self, sender: Caller, message: bytes, headers: Mapping[str, str] | None, *, request_id: RequestId
    ) -> None:
        super().__init__(sender, message, headers, request_id=request_id)
        self._events: EventParser | None = None
        self._usable = True
        self._linger: asyncio.TimerHandle | None = None
        self._malformed = 0

    def headed(self, status: int, headers: Headers) -> None:
        super().headed(status, headers)
        if status >= FIRST_REDIRECT:
            return
        kind = media_type(headers)
        if kind == b"application/json":
            self._usable = True
            length = headers.get(b"content-length", b"")
            if length.isdigit() and len(length) <= MAX_LENGTH_DIGITS and int(length) > self._limit:
                raise too_large(self._limit)
        elif kind == b"text/event-stream":
            self._events = EventParser(self._limit)
            self._malformed = self._sender.facts.malformed
        else:
            self._usable = False
            self._limit = MAX_EXPLANATION
        if b"mcp-session-id" in headers:
            self._sender.opened(self.message, headers)

    def received(self, chunk: bytes) -> None:
        if self._events is None:
            super().received(chunk)
            return
        sender = self._sender
        sender.facts.bytes_in += len(chunk)
        for event in self._events.feed(chunk):
            if event.data and event.type == b"message":
                sender.hear(event.data)
        if self._linger is None and not sender.peer.waits_for(self.request_id):
            self._linger = asyncio.get_running_loop().call_later(LINGER, self.abandon)
            sender.settled(self)

    def finished(self) -> None:
        if self._events is None:
            super().finished()
        else:
            self._ended(self._events, None)

    def failed(self, error: McpctlError) -> None:
        if self._events is None:
            super().failed(error)
        else:
            self._ended(self._events, error)

    def answered(self, body: bytes) -> None:
        sender = self._sender
        if self._usable:
            sender.hear(body)
        if sender.peer.waits_for(self.request_id):
            from mcpctl.transports import http_faults

            if self._usable:
                self.lost(http_faults.unmatched(body, self.request_id, self.status))
            else:
                self.lost(http_faults.unanswered(self.status, self.reply))
        else:
            sender.settled(self)

    def lost(self, error: McpctlError) -> None:
        error.server = error.server or self._sender.server
        if error.code == "protocol.too_large":
            self._sender.facts.oversize += 1
        self._sender.settled(self)
        self._sender.peer.fail(self.request_id, error)

    def abandon(self) -> None:
        if self._linger is not None:
            self._linger.cancel()
        super().abandon()

    def _ended(self, events: EventParser, error: McpctlError | None) -> None:
        if self._linger is not None:
            self._linger.cancel()
        if not self._sender.peer.waits_for(self.request_id):
            self._sender.settled(self)
        elif isinstance(error, ProtocolError):
            self.lost(error)
        else:
            self._sender.resume(self, events, error or self._unfinished())

    def _unfinished(self) -> ConnectError:
        malformed = self._sender.facts.malformed - self._malformed
        about = f", and {malformed} of its messages could not be read" if malformed else ""
        return ConnectError(
            f"the event stream ended before the answer came{about}", code="connect.stream_cut"
        )
