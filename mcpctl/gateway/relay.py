"""What one host sends, handed on to a server: payloads stay bytes, only ids are kept apart.

The host is connected once; builds of the server take each other's place behind it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

import msgspec

from mcpctl.errors import ConnectError, McpctlError, ProtocolError
from mcpctl.gateway.counting import Counted
from mcpctl.gateway.guests import UNREACHABLE, Guest, answered
from mcpctl.gateway.party import OURS, Party
from mcpctl.gateway.payloads import as_dict, raw
from mcpctl.session.answers import decode
from mcpctl.session.connection import Connection
from mcpctl.transports.channel import ChannelFacts, RpcError
from mcpctl.wire import jsonrpc
from mcpctl.wire.jsonrpc import RequestId
from mcpctl.wire.peer import Peer

MOST_IN_FLIGHT: Final = 10_000
"""Requests of the host that are worked on at once."""

REPEATABLE: Final = frozenset(
    {
        *("tools/list", "resources/list", "resources/templates/list", "prompts/list", "resources/read"),
        *("prompts/get", "completion/complete", "server/discover", "logging/setLevel", "resources/subscribe"),
    }
)
"""What may be asked of the next process when one died in the middle of it; tools say so themselves."""


class Relay(Guest):
    """Take what the host sends with `receive`; what is for it goes to `send`, message by message."""

    def __init__(self, party: Party, send: Callable[[bytes], None]) -> None:
        """Wants a running event loop."""
        super().__init__(send)
        self.peer = Peer(
            lambda message, *_: send(message),
            tally=ChannelFacts(),
            notified=self._told,
            asked=self._asked,
            abandon=self._abandon,
            most_asked=MOST_IN_FLIGHT,
        )
        self._party = party
        self._slot = party.slot
        party.guests.append(self)

    def receive(self, message: bytes) -> None:
        self.peer.receive(message)

    def close(self) -> None:
        self.peer.fail_all(ConnectError("the host has gone", code="connect.closed", kind="closed"))
        self._party.leave(self)

    async def _asked(self, method: str, params: bytes | None) -> Any:
        try:
            return msgspec.Raw(await self._answer(method, params))
        except ProtocolError as error:
            raise answered(error) from error
        except McpctlError as error:
            raise RpcError(UNREACHABLE, error.message, {"code": error.code, "hint": error.hint}) from error

    def _told(self, method: str, params: bytes | None) -> None:
        live = self._slot.live
        if method not in OURS and live is not None:
            task = asyncio.ensure_future(live.channel.notify(method, raw(params)))
            task.add_done_callback(lambda done: done.cancelled() or done.exception())

    async def _answer(self, method: str, params: bytes | None) -> bytes:
        party = self._party
        match method:
            case "initialize":
                offered = as_dict(params).get("capabilities")
                self.capabilities = offered if isinstance(offered, dict) else {}
                return await party.initialize(params or b"{}")
            case "server/discover" if self._slot.live is None or party.greeted:
                return await party.discover(params or b"{}")
            case "subscriptions/listen":
                return await self._listen(params or b"{}")
            case "tools/call":
                return await self._call(params)
            case "logging/setLevel":
                params = party.level_for(self, params or b"{}")
            case "resources/unsubscribe":
                if not party.unsubscribes(self, str(as_dict(params).get("uri"))):
                    return b"{}"
        result = await self._forward(method, params)
        if method == "resources/subscribe":
            self.subscribed[str(as_dict(params).get("uri"))] = params or b"{}"
        return result

    async def _call(self, params: bytes | None) -> bytes:
        with Counted(self._slot, params, self._party.record) as counted:
            return counted.answered(await self._forward("tools/call", params, counted))

    async def _forward(self, method: str, params: bytes | None, counted: Counted | None = None) -> bytes:
        with self._party.working_for(self, params) as sent:
            connection = await self._party.connection()
            try:
                return await self._pass(connection, method, sent)
            except ConnectError as error:
                if error.kind != "connection_lost" or not self._may_repeat(method, params):
                    raise
            if counted is not None:
                counted.attempts += 1
            return await self._pass(await self._party.connection(), method, sent)

    async def _pass(self, connection: Connection, method: str, params: bytes | None) -> bytes:
        headers = None
        if self._slot.spec.transport != "stdio" and connection.dialect.era == "stateless":
            _, headers = connection.dialect.dress(method, decode(params or b"{}"), None)
        connection.enter()
        try:
            return await connection.channel.request(method, raw(params), timeout=None, headers=headers)
        finally:
            connection.leave()

    def _may_repeat(self, method: str, params: bytes | None) -> bool:
        if method != "tools/call":
            return method in REPEATABLE
        listing = self._slot.catalog.recent("tools/list")
        name = as_dict(params).get("name")
        for tool in listing.items if listing is not None else ():
            if tool["name"] == name:
                hints = tool.get("annotations") or {}
                return hints.get("readOnlyHint") is True or hints.get("idempotentHint") is True
        return False

    async def _listen(self, params: bytes) -> bytes:
        """A subscription of the host lives through any number of builds."""
        theirs = f"relay-{next(self._party.numbers)}"
        self.listening[theirs] = self.peer.asking
        try:
            while True:
                answer = await self._listened(theirs, params)
                if answer is not None:
                    return answer
        finally:
            self.listening.pop(theirs, None)

    async def _listened(self, theirs: str, params: bytes) -> bytes | None:
        """None when another build has taken over, which has to be asked too."""
        connection = await self._party.connection()
        try:
            return await connection.channel.request(
                "subscriptions/listen", raw(params), timeout=None, request_id=theirs
            )
        except ConnectError:
            if self._slot.live is connection:
                raise
            return None

    def _abandon(self, request_id: RequestId, reason: str, /, *, tell: bool) -> None:
        if tell:
            about = {"requestId": request_id, "reason": reason}
            self.send(jsonrpc.encode_notification("notifications/cancelled", about))
