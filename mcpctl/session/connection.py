"""One live channel in the dialect that was agreed on: requests, notifications, progress. Knows no tools."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from mcpctl.model.protocol import Identity, JsonObject
from mcpctl.session.dialect import Dialect, HandshakeDialect
from mcpctl.session.handlers import OnProgress
from mcpctl.session.inbound import Inbound
from mcpctl.transports.channel import Channel

FIRST_TOKEN = 1 << 30
"""Progress tokens of ours start here: a client whose messages are passed through counts its own from 0."""


class Connection:
    def __init__(self, channel: Channel, inbound: Inbound) -> None:
        self.channel = channel
        self.inbound = inbound
        self.dialect: Dialect = HandshakeDialect("")
        self.identity: Identity | None = None
        self.log_level: str | None = None
        self.roots: tuple[str, ...] | None = None
        self._tokens = FIRST_TOKEN
        self._users = 0
        self._idle: asyncio.Future[None] | None = None

    @property
    def alive(self) -> bool:
        return self.channel.alive

    def adopt(self, dialect: Dialect, identity: Identity) -> None:
        self.dialect = dialect
        self.identity = identity
        self.channel.adopt(identity.protocol_version, stateless=identity.era == "stateless")

    @property
    def users(self) -> int:
        """Requests in flight, and calls of several requests that have not ended."""
        return self._users

    def enter(self) -> None:
        """Keep this connection open until `leave`, though a newer one may take its place."""
        self._users += 1

    def leave(self) -> None:
        self._users -= 1
        if not self._users and self._idle is not None and not self._idle.done():
            self._idle.set_result(None)

    async def drained(self, limit: float) -> bool:
        """Wait until nobody uses it, at most `limit` seconds."""
        # A process that ended answers nobody; of a lost session the answers are still on their way.
        if self._users and (self.alive or self.channel.transport != "stdio"):
            self._idle = asyncio.get_running_loop().create_future()
            await asyncio.wait({self._idle}, timeout=limit)
        return not self._users

    async def request(
        self,
        method: str,
        params: JsonObject | None = None,
        *,
        timeout: float | None,
        on_progress: OnProgress | None = None,
        headers: Mapping[str, str] | None = None,
        request_id: str | None = None,
        cancellable: bool = True,
        step: str = "call",
    ) -> bytes:
        """The JSON text of the result; see `Channel.request` for what it raises."""
        meta = None
        token = 0
        if on_progress is not None:
            self._tokens = token = self._tokens + 1
            meta = {"progressToken": token}
            self.inbound.follow(token, on_progress)
        dressed, stamped = self.dialect.dress(method, params, meta)
        if headers:
            stamped = {**(stamped or {}), **headers}
        if timeout is not None:  # what waits for ever, such as a subscription, is no reason to wait for it
            self._users += 1
        try:
            return await self.channel.request(
                method,
                dressed,
                timeout=timeout,
                headers=stamped,
                request_id=request_id,
                cancellable=cancellable,
                step=step,
            )
        finally:
            if timeout is not None:
                self.leave()
            if token:
                self.inbound.unfollow(token)

    async def notify(self, method: str, params: JsonObject | None = None) -> None:
        dressed, headers = self.dialect.dress(method, params, None)
        await self.channel.notify(method, dressed, headers=headers)
