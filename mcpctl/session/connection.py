"""One live channel in the dialect that was agreed on: requests, notifications, progress. Knows no tools."""

from __future__ import annotations

from collections.abc import Mapping

from mcpctl.model.protocol import Identity, JsonObject
from mcpctl.session.dialect import Dialect, HandshakeDialect
from mcpctl.session.handlers import OnProgress
from mcpctl.session.inbound import Inbound
from mcpctl.transports.channel import Channel


class Connection:
    def __init__(self, channel: Channel, inbound: Inbound) -> None:
        self.channel = channel
        self.inbound = inbound
        self.dialect: Dialect = HandshakeDialect("")
        self.identity: Identity | None = None
        self._tokens = 0

    @property
    def alive(self) -> bool:
        return self.channel.alive

    def adopt(self, dialect: Dialect, identity: Identity) -> None:
        self.dialect = dialect
        self.identity = identity
        self.channel.adopt(identity.protocol_version, stateless=identity.era == "stateless")

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
            if token:
                self.inbound.unfollow(token)

    async def notify(self, method: str, params: JsonObject | None = None) -> None:
        dressed, headers = self.dialect.dress(method, params, None)
        await self.channel.notify(method, dressed, headers=headers)
