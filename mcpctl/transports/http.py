"""A server over Streamable HTTP: each message its own POST, each answer as JSON or as an event stream.

Whatever goes wrong costs the one message it happened to. Only a server that no longer knows the session ends the
channel: then nothing new is sent, and what is under way may still come to its end.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final

from mcpctl.errors import McpctlError
from mcpctl.model.server import TransportKind
from mcpctl.transports.http_call import Call
from mcpctl.transports.http_post import Post
from mcpctl.transports.remote import FAREWELL, RemoteChannel
from mcpctl.wire import jsonrpc
from mcpctl.wire.events import EventParser
from mcpctl.wire.http import Exchange, Headers
from mcpctl.wire.jsonrpc import RequestId

SESSION_ID: Final = b"mcp-session-id"
MAX_SESSION_ID: Final = 4096
"""Bytes; it comes back to the server in every request."""


class HttpChannel(RemoteChannel):
    """A `Channel`."""

    transport: TransportKind = "http"

    _stateless: bool | None = None
    """None until a version was agreed on."""
    _listener: asyncio.Task[None] | None = None
    _told = False

    async def open(self) -> None:
        """Nothing to do yet: the first request connects."""

    def adopt(self, protocol_version: str, *, stateless: bool) -> None:
        self._stateless = stateless
        self.endpoint.set_header("mcp-protocol-version", protocol_version)

    def listen(self) -> None:
        """Open the standing stream; the stateless era has none, and neither have many servers."""
        if self._stateless is False and self._listener is None and self.alive:
            from mcpctl.transports.http_stream import listen

            self._listener = asyncio.get_running_loop().create_task(listen(self))

    def opened(self, message: bytes, headers: Headers) -> None:
        """Only the answer to `initialize` opens a session."""
        if self.facts.session_id is None and jsonrpc.decode(message).method == "initialize":
            session = headers[SESSION_ID].decode("latin-1")
            if len(session) > MAX_SESSION_ID or not session.isprintable():
                raise jsonrpc.malformed("the session id of the server is nothing that a header can carry")
            self.endpoint.set_header(SESSION_ID.decode(), session)
            self.facts.session_id = session

    def refusal(
        self, status: int, headers: Headers, body: bytes, *, request_id: RequestId | None
    ) -> McpctlError:
        error = super().refusal(status, headers, body, request_id=request_id)
        if error.code == "connect.session_lost" and self._error is None:
            self._error = error
        return error

    def resume(self, call: Call, events: EventParser, error: McpctlError) -> None:
        if self._stateless is False and events.last_id is not None and self.alive:
            from mcpctl.transports.http_stream import resume

            call.pending = asyncio.get_running_loop().create_task(resume(self, call, events, error))
        else:
            call.lost(error)

    def _in_session(self) -> bool:
        return self.facts.session_id is not None

    def _call(self, message: bytes, headers: Mapping[str, str] | None, request_id: RequestId) -> Post:
        return Call(self, message, headers, request_id=request_id)

    def _abandon(self, request_id: RequestId, reason: str, /, *, tell: bool) -> None:
        """In the stateless era, and before any, closing the connection is how a call is cancelled."""
        call = self._calls.pop(request_id, None)
        if call is not None:
            call.abandon()
            if tell and self._stateless is False:
                self._tell_cancelled(request_id, reason)

    def _settled_after(self, error: McpctlError) -> None:
        """Tell of the loss when the last call that was under way has heard of its own end."""
        if not self._told and not self._calls and self._closing is None:
            self._told = True
            asyncio.get_running_loop().call_soon(self._inbox.lost, error)

    async def _goodbye(self) -> None:
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.cancel()
            await asyncio.wait({listener})
        if self.facts.session_id is not None and self._error is None:
            await self._end_session()

    async def _end_session(self) -> None:
        """A server that does not take it is left alone: it ends sessions by itself."""
        farewell = Farewell()
        try:
            async with asyncio.timeout(FAREWELL):
                self.endpoint.send(farewell, "DELETE", {})
                await farewell.done.wait()
        except (TimeoutError, McpctlError):
            pass
        finally:
            farewell.abandon()


class Farewell(Exchange):
    """A request whose answer is of no interest, only that it came."""

    __slots__ = ("done",)

    def __init__(self) -> None:
        super().__init__()
        self.done = asyncio.Event()

    def headed(self, status: int, headers: Headers) -> None:
        """It may say what it likes."""

    def received(self, chunk: bytes) -> None:
        """Left unread."""

    def finished(self) -> None:
        self.done.set()

    def failed(self, error: McpctlError) -> None:
        del error
        self.done.set()
