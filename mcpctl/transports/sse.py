"""A server over the older transport of HTTP and SSE: one stream brings every answer, messages go by POST elsewhere.

The stream is the session: when it ends, the channel is gone. It names the address for messages, which must be on its
own origin.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final

from mcpctl.errors import (
    AuthError,
    BugError,
    ConfigError,
    ConnectError,
    DeadlineError,
    McpctlError,
    ProtocolError,
)
from mcpctl.model.server import TransportKind
from mcpctl.transports.http_post import FIRST_REFUSAL, MAX_EXPLANATION, Post
from mcpctl.transports.http_stream import EventStream
from mcpctl.transports.remote import RemoteChannel
from mcpctl.wire.events import Event, EventParser
from mcpctl.wire.http import Headers
from mcpctl.wire.jsonrpc import RequestId

OPEN_TIMEOUT: Final = 30.0
"""Seconds for the stream to name its endpoint; whoever starts a session has a shorter patience of its own."""


class SseChannel(RemoteChannel):
    """A `Channel`."""

    transport: TransportKind = "sse"

    _reader: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Open the stream and learn where messages go. Raises what says why not; nothing is left open then."""
        self._ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._reader = asyncio.get_running_loop().create_task(self._read())
        try:
            async with asyncio.timeout(OPEN_TIMEOUT):
                await self._ready
        except TimeoutError as error:
            await self.aclose()
            message = f"the server did not name its endpoint within {OPEN_TIMEOUT:g} s"
            raise DeadlineError(message, step="start", limit=OPEN_TIMEOUT, server=self.server) from error
        except BaseException:
            await self.aclose()
            raise

    def adopt(self, protocol_version: str, *, stateless: bool) -> None:
        """Nothing on this wire depends on it."""

    def listen(self) -> None:
        """The stream always listens."""

    def refusal(
        self, status: int, headers: Headers, body: bytes, *, request_id: RequestId | None
    ) -> McpctlError:
        error = super().refusal(status, headers, body, request_id=request_id)
        if error.code == "connect.session_lost":
            self._lose(error)
        return error

    def _in_session(self) -> bool:
        return self._ready.done()

    def _call(self, message: bytes, headers: Mapping[str, str] | None, request_id: RequestId) -> Post:
        return Delivery(self, message, headers, request_id=request_id)

    def _abandon(self, request_id: RequestId, reason: str, /, *, tell: bool) -> None:
        call = self._calls.pop(request_id, None)
        if call is not None:
            call.abandon()
        if tell:
            self._tell_cancelled(request_id, reason)

    async def _goodbye(self) -> None:
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.wait({self._reader})

    async def _read(self) -> None:
        try:
            self._lose(await self._stream())
        except McpctlError as error:
            self._lose(error)
        except Exception as error:  # whoever waits for the endpoint must hear of it
            self._lose(BugError(f"the event stream could not be read: {error!r}", server=self.server))

    async def _stream(self) -> McpctlError:
        """Follow the stream to its end, and say what that was."""
        events = EventParser(self.limit)
        stream = EventStream(self.endpoint, events, facts=self.facts, heard=self._heard)
        error = await self._run(stream)
        if not isinstance(error, AuthError) or self.authorize is None:
            return error
        fresh = await self.authorize(error.http_status or 0, error.www_authenticate)
        if not fresh:
            return error
        for name, value in fresh.items():
            self.endpoint.set_header(name, value)
        return await self._run(stream)

    async def _run(self, stream: EventStream) -> McpctlError:
        error = await stream.run()
        if error is None and stream.streaming:
            when = "" if self._ready.done() else " before it named an endpoint"
            error = ConnectError(f"the server ended its event stream{when}", code="connect.stream_cut")
        elif error is None:
            error = self._unusable(stream)
        error.server = error.server or self.server
        return error

    def _unusable(self, stream: EventStream) -> McpctlError:
        from mcpctl.transports import http_faults

        if stream.status >= FIRST_REFUSAL:
            return self.refusal(stream.status, stream.reply, b"", request_id=None)
        return http_faults.unanswered(stream.status, stream.reply)

    def _heard(self, event: Event) -> None:
        if event.type == b"message" and event.data:
            self.hear(event.data)
        elif event.type == b"endpoint" and not self._ready.done():
            self._move(event.data.decode("utf-8", "replace").strip())
            self._ready.set_result(None)

    def _move(self, location: str) -> None:
        shown = location.partition("?")[0][:200]
        try:
            there = self.endpoint.address.join(location)
        except ConfigError as error:
            message = f"the server names `{shown}` as its endpoint, which is no usable URL"
            raise ProtocolError(message, code="protocol.malformed") from error
        if there.origin != self.endpoint.address.origin:
            message = f"the server names `{shown}` as its endpoint, which is on another origin"
            raise ProtocolError(message, code="protocol.foreign_endpoint")
        self.endpoint.move(there)

    def _lose(self, error: McpctlError) -> None:
        if self._error is not None:
            return
        self._error = error
        if not self._ready.done():
            self._ready.set_exception(error)
            return
        self.peer.fail_all(error)
        self._inbox.lost(error)


class Delivery(Post):
    """A request on its way; its answer comes on the stream."""

    __slots__ = ()

    request_id: RequestId

    def headed(self, status: int, headers: Headers) -> None:
        super().headed(status, headers)
        self._limit = MAX_EXPLANATION

    def answered(self, body: bytes) -> None:
        del body
        self._sender.settled(self)

    def lost(self, error: McpctlError) -> None:
        error.server = error.server or self._sender.server
        self._sender.settled(self)
        self._sender.peer.fail(self.request_id, error)
