"""One message on its way to the server by POST.

It is never sent again, except where the server said that it did not look at it: a redirect, or a demand for other
credentials. What an answer means is for subclasses; here only an acknowledgement is understood.
"""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from mcpctl.errors import AuthError, BugError, DeadlineError, McpctlError
from mcpctl.transports.channel import ChannelFacts
from mcpctl.transports.endpoint import MAX_REDIRECTS, Endpoint, too_many_redirects
from mcpctl.wire.http import Exchange, Headers, media_type
from mcpctl.wire.jsonrpc import RequestId, too_large
from mcpctl.wire.peer import Peer
from mcpctl.wire.pieces import Pieces

MAX_EXPLANATION = 64 << 10
"""Bytes of a refusal's body that are read: a page explains no better than a sentence."""
FIRST_REDIRECT = 300
FIRST_REFUSAL = 400

Authorize = Callable[[int, str | None], Awaitable[Mapping[str, str] | None]]
"""Given the status and the challenge: headers to try again with, or none."""


class Sender(Protocol):
    """What a message needs of its channel."""

    endpoint: Endpoint
    peer: Peer
    facts: ChannelFacts
    limit: int
    server: str
    authorize: Authorize | None
    authorizing: asyncio.Lock
    credentials: int
    """Counts changes of headers: who was refused with old ones just tries the new ones."""

    def hear(self, message: bytes, /) -> None:
        """A message came."""

    def refusal(
        self, status: int, headers: Headers, body: bytes, *, request_id: RequestId | None
    ) -> McpctlError: ...

    def settled(self, post: Post) -> None:
        """Nothing more is to come of it."""


class Post(Exchange):
    """Redirects, refusals, credentials. Subclasses say what `answered` and `lost` mean."""

    __slots__ = (
        "_body",
        "_credentials",
        "_limit",
        "_redirects",
        "_retried",
        "_sender",
        "_target",
        "headers",
        "message",
        "reply",
        "request_id",
        "status",
    )

    def __init__(
        self,
        sender: Sender,
        message: bytes,
        headers: Mapping[str, str] | None = None,
        *,
        request_id: RequestId | None = None,
    ) -> None:
        super().__init__()
        self.message = message
        self.headers = headers
        self.request_id = request_id
        self.status = 0
        self.reply: Headers = {}
        self._sender = sender
        self._body = Pieces()
        self._limit = 0
        self._redirects = 0
        self._target: str | None = None
        self._retried = False
        self._credentials = 0

    def start(self) -> None:
        """Send it. Raises `UsageError` for headers that cannot be sent."""
        sender = self._sender
        self._credentials = sender.credentials
        sender.facts.bytes_out += len(self.message)
        sender.endpoint.post(self, self.message, self.headers, target=self._target)

    @abstractmethod
    def answered(self, body: bytes) -> None: ...

    @abstractmethod
    def lost(self, error: McpctlError) -> None: ...

    def headed(self, status: int, headers: Headers) -> None:
        self.status = status
        self.reply = headers
        self._limit = MAX_EXPLANATION if status >= FIRST_REDIRECT else self._sender.limit

    def received(self, chunk: bytes) -> None:
        self._sender.facts.bytes_in += len(chunk)
        self._body.add(chunk)
        if len(self._body) > self._limit:
            raise too_large(self._limit)

    def finished(self) -> None:
        body = self._body.take()
        if self.status < FIRST_REDIRECT:
            self.answered(body)
        elif self.status < FIRST_REFUSAL:
            self._follow()
        else:
            self._refused(body)

    def failed(self, error: McpctlError) -> None:
        self._body.take()
        if self.status >= FIRST_REFUSAL:
            self._refused(b"")  # the status says more than how the page about it ended
        else:
            self.lost(error)

    def _follow(self) -> None:
        self._redirects += 1
        try:
            if self._redirects > MAX_REDIRECTS:
                raise too_many_redirects(self.status, self.reply)
            self._target = self._sender.endpoint.redirect(self.status, self.reply, target=self._target)
            self.status = 0
            self.start()
        except McpctlError as error:
            self.lost(error)

    def _refused(self, body: bytes) -> None:
        error = self._sender.refusal(self.status, self.reply, body, request_id=self.request_id)
        authorize = self._sender.authorize
        if isinstance(error, AuthError) and authorize is not None and not self._retried:
            self.pending = asyncio.get_running_loop().create_task(self._authorize(error, authorize))
        else:
            self.lost(error)

    async def _authorize(self, refusal: AuthError, authorize: Authorize) -> None:
        self._retried = True
        try:
            async with self._sender.authorizing:
                await self._renew(refusal, authorize)
            self.pending = None
            self.status = 0
            self.start()
        except McpctlError as error:
            self.lost(error)
        except Exception as error:  # somebody waits for this message, whatever breaks in the hook
            self.lost(BugError(f"authorization failed: {error!r}"))

    async def _renew(self, refusal: AuthError, authorize: Authorize) -> None:
        sender = self._sender
        if self._credentials != sender.credentials:
            return
        fresh = await authorize(self.status, refusal.www_authenticate)
        if fresh is None:
            raise refusal
        for name, value in fresh.items():
            sender.endpoint.set_header(name, value)
        sender.credentials += 1


class Message(Post):
    """A notification, or an answer to the server: `outcome`, where somebody waits for it, is its error or none."""

    __slots__ = ("_timer", "outcome")

    def __init__(
        self,
        sender: Sender,
        message: bytes,
        headers: Mapping[str, str] | None = None,
        *,
        timeout: float,
        outcome: asyncio.Future[McpctlError | None] | None = None,
    ) -> None:
        super().__init__(sender, message, headers)
        self.outcome = outcome
        self._timer = asyncio.get_running_loop().call_later(timeout, self._late, timeout)

    def headed(self, status: int, headers: Headers) -> None:
        super().headed(status, headers)
        self._limit = MAX_EXPLANATION
        if media_type(headers) == b"text/event-stream":
            self._settle(None)  # there is nothing to stream: it may stay open for ever
            self.abandon()

    def answered(self, body: bytes) -> None:
        del body
        self._settle(None)

    def lost(self, error: McpctlError) -> None:
        """Servers exist that answer 4xx to notifications they need not know, and work all the same."""
        ignored = self.status >= FIRST_REFUSAL and not isinstance(error, AuthError)
        self._settle(None if ignored and error.code != "connect.session_lost" else error)

    def abandon(self) -> None:
        self._timer.cancel()
        super().abandon()

    def _late(self, limit: float) -> None:
        self.abandon()
        message = f"the server did not take a message within {limit:g} s"
        self._settle(DeadlineError(message, step="notify", limit=limit))

    def _settle(self, error: McpctlError | None) -> None:
        if error is not None:
            error.server = error.server or self._sender.server
        self._timer.cancel()
        self._sender.settled(self)
        if self.outcome is not None and not self.outcome.done():
            self.outcome.set_result(error)
