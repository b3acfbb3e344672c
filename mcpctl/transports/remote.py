"""What both ways to a remote server share: an endpoint, a peer, and messages on their way.

Whatever goes wrong costs the one message it happened to, unless the channel itself is gone.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, Final

from mcpctl.errors import ConnectError, McpctlError
from mcpctl.model.server import ServerSpec, TransportKind
from mcpctl.transports.channel import ChannelFacts, Inbox, Tap
from mcpctl.transports.endpoint import Endpoint
from mcpctl.transports.http_post import Authorize, Message, Post
from mcpctl.wire import jsonrpc
from mcpctl.wire.http import Headers
from mcpctl.wire.jsonrpc import RequestId
from mcpctl.wire.peer import Peer, renewed

MAX_MESSAGES: Final = 64
"""Answers and notifications under way at once; beyond it a server gets no more answers to what it asks."""
FAREWELL: Final = 2.0
"""Seconds for the goodbye of a session, and for telling that a call was given up."""


class RemoteChannel(ABC):
    """The base of the channels over HTTP. `open` one before use.

    `authorize` is asked once for each message that the server refused, for other headers.
    """

    transport: TransportKind

    def __init__(
        self,
        spec: ServerSpec,
        inbox: Inbox,
        *,
        env: Mapping[str, str],
        tap: Tap | None = None,
        authorize: Authorize | None = None,
    ) -> None:
        """Wants a running event loop. Raises `ConfigError`."""
        self.facts = ChannelFacts()
        self.server = spec.name
        self.limit = spec.limits.max_message
        self.authorize = authorize
        self.authorizing = asyncio.Lock()
        self.credentials = 0
        self.endpoint = Endpoint(spec, env=env)
        self.peer = Peer(
            self._send,
            tally=self.facts,
            notified=inbox.notified,
            asked=inbox.asked,
            abandon=self._abandon,
            congested=lambda: len(self._messages) >= MAX_MESSAGES,
            server=spec.name,
        )
        self.request = self.peer.request
        self._inbox = inbox
        self._tap = tap
        self._write_timeout = spec.limits.write_timeout
        self._calls: dict[RequestId, Post] = {}
        self._messages: set[Post] = set()
        self._error: McpctlError | None = None
        self._closing: asyncio.Task[None] | None = None

    @abstractmethod
    async def open(self) -> None: ...

    @property
    def alive(self) -> bool:
        return self._error is None and self._closing is None

    def stderr_tail(self) -> Sequence[str]:
        return ()

    async def notify(
        self, method: str, params: Mapping[str, Any] | None, *, headers: Mapping[str, str] | None = None
    ) -> None:
        """Returns when the server took it, so that what is sent next arrives behind it."""
        outcome: asyncio.Future[McpctlError | None] = asyncio.get_running_loop().create_future()
        message = self._post(jsonrpc.encode_notification(method, params), headers, outcome=outcome)
        try:
            error = await outcome
        finally:
            message.abandon()
            self._messages.discard(message)
        if error is not None:
            raise error

    async def aclose(self) -> None:
        """The end goes on to its end even if this wait is cancelled."""
        if self._closing is None:
            self._closing = asyncio.get_running_loop().create_task(self._close())
        await asyncio.shield(self._closing)

    def hear(self, message: bytes) -> None:
        if self._tap is not None:
            self._tap("in", message)
        self.peer.receive(message)

    def refusal(
        self, status: int, headers: Headers, body: bytes, *, request_id: RequestId | None
    ) -> McpctlError:
        from mcpctl.transports import http_faults

        error = http_faults.refused(
            status, headers, body, request_id=request_id, in_session=self._in_session()
        )
        error.server = self.server
        return error

    def settled(self, post: Post) -> None:
        if post.request_id is None:
            self._messages.discard(post)
        elif self._calls.get(post.request_id) is post:
            del self._calls[post.request_id]
        if self._error is not None:
            self._settled_after(self._error)

    @abstractmethod
    def _in_session(self) -> bool: ...

    @abstractmethod
    def _call(self, message: bytes, headers: Mapping[str, str] | None, request_id: RequestId) -> Post: ...

    @abstractmethod
    def _abandon(self, request_id: RequestId, reason: str, /, *, tell: bool) -> None: ...

    def _settled_after(self, error: McpctlError) -> None:
        """A message came to its end although the channel is lost."""

    async def _goodbye(self) -> None:
        """What is left to do when nothing is under way any more."""

    def _send(
        self,
        message: bytes,
        request_id: RequestId | None = None,
        headers: Mapping[str, str] | None = None,
        /,
    ) -> None:
        if request_id is None:
            self._post(message, headers)
            return
        self._require_alive()
        if self._tap is not None:
            self._tap("out", message)
        call = self._call(message, headers, request_id)
        call.start()
        self._calls[request_id] = call

    def _post(
        self,
        message: bytes,
        headers: Mapping[str, str] | None = None,
        *,
        timeout: float | None = None,
        outcome: asyncio.Future[McpctlError | None] | None = None,
    ) -> Message:
        self._require_alive()
        if self._tap is not None:
            self._tap("out", message)
        limit = self._write_timeout if timeout is None else timeout
        post = Message(self, message, headers, timeout=limit, outcome=outcome)
        try:
            post.start()
        except McpctlError:
            post.abandon()
            raise
        self._messages.add(post)
        return post

    def _tell_cancelled(self, request_id: RequestId, reason: str) -> None:
        if self.alive and len(self._messages) < MAX_MESSAGES:
            about = {"requestId": request_id, "reason": reason}
            self._post(jsonrpc.encode_notification("notifications/cancelled", about), timeout=FAREWELL)

    def _require_alive(self) -> None:
        if self._error is not None:
            raise renewed(self._error)
        if self._closing is not None:
            raise self._closed()

    def _closed(self) -> ConnectError:
        return ConnectError(
            "the connection to the server was closed", code="connect.closed", server=self.server
        )

    async def _close(self) -> None:
        for post in (*self._calls.values(), *self._messages):
            post.abandon()
            post.lost(self._closed())
        self.peer.fail_all(self._closed())
        await self._goodbye()
        self.endpoint.close()
        await asyncio.sleep(0)  # sockets are closed in the next turn of the loop
