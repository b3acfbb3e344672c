"""One server behind one endpoint, transparent in both eras: payloads stay bytes, only ids are kept apart.

The host is connected once; builds of the server take each other's place behind it. What the host agreed on with the
first one, and what it asked to be told, is said again to every next one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Final, cast

import msgspec

from mcpctl.errors import ConnectError, McpctlError, ProtocolError
from mcpctl.model.protocol import MODERN_VERSION, Change, Identity, JsonObject
from mcpctl.session.answers import as_object, decode
from mcpctl.session.connection import Connection
from mcpctl.session.dialect import SUBSCRIPTION_ID, HandshakeDialect, StatelessDialect
from mcpctl.session.handlers import Handlers
from mcpctl.session.negotiate import identity_of, negotiate
from mcpctl.session.slot import Slot
from mcpctl.transports.channel import ChannelFacts, RpcError
from mcpctl.wire import jsonrpc
from mcpctl.wire.jsonrpc import RequestId
from mcpctl.wire.peer import Peer

MOST_IN_FLIGHT: Final = 10_000
"""Requests of the host that are worked on at once."""

UNREACHABLE: Final = -32000
"""The code of an answer that had to be given in place of the server."""

REPEATABLE: Final = frozenset(
    {
        *("tools/list", "resources/list", "resources/templates/list", "prompts/list", "resources/read"),
        *("prompts/get", "completion/complete", "server/discover", "logging/setLevel", "resources/subscribe"),
    }
)
"""What may be asked of the next process when one died in the middle of it; tools say so themselves."""

_OURS: Final = frozenset({"notifications/cancelled", "notifications/initialized"})
"""Told to each side by whoever keeps its ids, never handed through."""

_CAPABILITIES: Final = "io.modelcontextprotocol/clientCapabilities"


class Relay:
    """Take what the host sends with `receive`; what is for it goes to `send`, message by message."""

    def __init__(self, slot: Slot, send: Callable[[bytes], None]) -> None:
        """Wants a running event loop."""
        self.peer = Peer(
            lambda message, *_: send(message),
            tally=ChannelFacts(),
            notified=self._told,
            asked=self._asked,
            abandon=self._abandon,
            most_asked=MOST_IN_FLIGHT,
        )
        self._slot = slot
        self._send = send
        self._handlers = Handlers(on_change=self._changed, passage=self)
        self._hello: bytes | None = None
        self._discover: bytes | None = None
        self._welcome = b"{}"
        self._refusal: ProtocolError | None = None
        self._bare: Connection | None = None
        """A server that refused to be discovered: it waits for the host's handshake."""
        self._level: bytes | None = None
        self._subscribed: dict[str, bytes] = {}
        self._listening: dict[str, RequestId] = {}
        self._numbers = 0
        slot.greet = self._greet
        slot.lease(self._handlers)

    def receive(self, message: bytes) -> None:
        self.peer.receive(message)

    async def discover(self, params: bytes) -> bytes:
        """Begin without a handshake, and do so with every build that follows. Raises what the server refuses with."""
        self._discover = params
        await self._slot.connection(self._handlers)
        if self._refusal is not None:
            raise self._refusal
        return self._welcome

    def close(self) -> None:
        self.peer.fail_all(ConnectError("the host has gone", code="connect.closed", kind="closed"))
        self._slot.release(self._handlers)
        self._slot.greet = negotiate

    # -- from the host ---------------------------------------------------------------------------------------------

    async def _asked(self, method: str, params: bytes | None) -> Any:
        try:
            if method == "initialize":
                return msgspec.Raw(await self._initialize(params or b"{}"))
            if method == "server/discover" and self._slot.live is None:
                return msgspec.Raw(await self.discover(params or b"{}"))
            if method == "subscriptions/listen":
                return msgspec.Raw(await self._listen(params or b"{}"))
            result = await self._forward(method, params)
        except ProtocolError as error:
            raise _answered(error) from error
        except McpctlError as error:
            raise RpcError(UNREACHABLE, error.message, {"code": error.code, "hint": error.hint}) from error
        self._remember(method, params or b"{}")
        return msgspec.Raw(result)

    def _told(self, method: str, params: bytes | None) -> None:
        live = self._slot.live
        if method not in _OURS and live is not None:
            task = asyncio.ensure_future(live.channel.notify(method, _raw(params)))
            task.add_done_callback(lambda done: done.cancelled() or done.exception())

    async def _initialize(self, params: bytes) -> bytes:
        bare, self._bare = self._bare, None
        again = self._hello is not None or (self._slot.live is not None and bare is None)
        self._hello, self._discover = params, None
        if bare is not None and bare is self._slot.live:
            await self._shake_hands(bare, timeout=None)
        elif again:
            await self._slot.discard()
        await self._slot.connection(self._handlers)
        return self._welcome

    async def _forward(self, method: str, params: bytes | None) -> bytes:
        connection = await self._slot.connection(self._handlers)
        try:
            return await self._pass(connection, method, params)
        except ConnectError as error:
            if error.kind != "connection_lost" or not self._may_repeat(method, params):
                raise
        return await self._pass(await self._slot.connection(self._handlers), method, params)

    async def _pass(self, connection: Connection, method: str, params: bytes | None) -> bytes:
        headers = None
        if self._slot.spec.transport != "stdio" and connection.dialect.era == "stateless":
            _, headers = connection.dialect.dress(method, decode(params or b"{}"), None)
        connection.enter()
        try:
            return await connection.channel.request(method, _raw(params), timeout=None, headers=headers)
        finally:
            connection.leave()

    def _may_repeat(self, method: str, params: bytes | None) -> bool:
        if method != "tools/call":
            return method in REPEATABLE
        listing = self._slot.catalog.recent("tools/list")
        name = _object(params).get("name")
        for tool in listing.items if listing is not None else ():
            if tool["name"] == name:
                hints = tool.get("annotations") or {}
                return hints.get("readOnlyHint") is True or hints.get("idempotentHint") is True
        return False

    async def _listen(self, params: bytes) -> bytes:
        """A subscription of the host lives through any number of builds."""
        self._numbers += 1
        theirs = f"relay-{self._numbers}"
        self._listening[theirs] = self.peer.asking
        try:
            while True:
                answer = await self._listened(theirs, params)
                if answer is not None:
                    return answer
        finally:
            self._listening.pop(theirs, None)

    async def _listened(self, theirs: str, params: bytes) -> bytes | None:
        """None when another build has taken over, which has to be asked too."""
        connection = await self._slot.connection(self._handlers)
        try:
            return await connection.channel.request(
                "subscriptions/listen", _raw(params), timeout=None, request_id=theirs
            )
        except ConnectError:
            if self._slot.live is connection:
                raise
            return None

    def _remember(self, method: str, params: bytes) -> None:
        """What every next build must be told too."""
        if method == "logging/setLevel":
            self._level = params
        elif method == "resources/subscribe":
            self._subscribed[str(_object(params).get("uri"))] = params
        elif method == "resources/unsubscribe":
            self._subscribed.pop(str(_object(params).get("uri")), None)

    # -- to a new build --------------------------------------------------------------------------------------------

    async def _greet(
        self, connection: Connection, handlers: Handlers, *, era: Any, timeout: float
    ) -> Identity:
        if self._hello is not None:
            return await self._shake_hands(connection, timeout=timeout)
        if self._discover is None:
            return await negotiate(connection, handlers, era=era, timeout=timeout)
        try:
            self._welcome = await connection.channel.request(
                "server/discover", _raw(self._discover), timeout=timeout, step="discover"
            )
        except ProtocolError as error:
            self._refusal, self._bare = error, connection
            identity = identity_of({}, None, "", "handshake")
            connection.adopt(HandshakeDialect(""), identity)
            return identity
        self._refusal = None
        result = as_object(self._welcome, "server/discover")
        meta = _object(self._discover).get("_meta")
        offered = meta.get(_CAPABILITIES, {}) if isinstance(meta, dict) else {}
        identity = identity_of(result, result.get("serverInfo"), MODERN_VERSION, "stateless")
        connection.adopt(StatelessDialect(offered if isinstance(offered, dict) else {}), identity)
        return identity

    async def _shake_hands(self, connection: Connection, *, timeout: float | None) -> Identity:
        assert self._hello is not None
        channel = connection.channel
        text = await channel.request(
            "initialize", _raw(self._hello), timeout=timeout, cancellable=False, step="handshake"
        )
        result = as_object(text, "initialize")
        version = result.get("protocolVersion")
        identity = identity_of(result, result.get("serverInfo"), str(version), "handshake")
        connection.adopt(HandshakeDialect(str(version)), identity)
        self._welcome = text
        await channel.notify("notifications/initialized", None)
        channel.listen()
        if self._level is not None:
            await self._again(connection, "logging/setLevel", self._level)
        for params in self._subscribed.values():
            await self._again(connection, "resources/subscribe", params)
        return identity

    async def _again(self, connection: Connection, method: str, params: bytes) -> None:
        """A new build may refuse what the one before agreed to."""
        try:
            await connection.channel.request(method, _raw(params), timeout=10.0)
        except ProtocolError:
            return

    # -- from the server -------------------------------------------------------------------------------------------

    def notified(self, method: str, params: bytes | None) -> None:
        if method in _OURS:
            return
        if self._listening and params is not None and SUBSCRIPTION_ID.encode() in params:
            params = self._for_subscriber(params)
        self._send(jsonrpc.encode_notification(method, _raw(params)))

    async def asked(self, method: str, params: bytes | None) -> Any:
        try:
            return msgspec.Raw(await self.peer.request(method, _raw(params), timeout=None))
        except ProtocolError as error:
            raise _answered(error) from error
        except McpctlError as error:
            raise RpcError(UNREACHABLE, error.message) from error

    def _changed(self, change: Change) -> None:
        """What a reload announces; what a server says itself is handed through as it came."""
        if not change.extra.get("renewed"):
            return
        method = f"notifications/{change.kind}/list_changed"
        for identity in self._listening.values():
            about = {"_meta": {SUBSCRIPTION_ID: identity}}
            self._send(jsonrpc.encode_notification(method, about))
        if not self._listening:
            self._send(jsonrpc.encode_notification(method))

    def _for_subscriber(self, params: bytes) -> bytes:
        message = _object(params)
        meta = message.get("_meta")
        if (
            isinstance(meta, dict)
            and (host := self._listening.get(str(meta.get(SUBSCRIPTION_ID)))) is not None
        ):
            meta[SUBSCRIPTION_ID] = host
            return msgspec.json.encode(message)
        return params

    def _abandon(self, request_id: RequestId, reason: str, /, *, tell: bool) -> None:
        if tell:
            about = {"requestId": request_id, "reason": reason}
            self._send(jsonrpc.encode_notification("notifications/cancelled", about))


def _answered(error: ProtocolError) -> RpcError:
    """A refusal is handed on as it was given."""
    if error.rpc_code is None:
        return RpcError(jsonrpc.INTERNAL_ERROR, error.message)
    return RpcError(error.rpc_code, error.message, error.rpc_data)


def _raw(params: bytes | None) -> Mapping[str, Any] | None:
    """JSON text goes through the encoder as it is."""
    return None if params is None else cast("Mapping[str, Any]", msgspec.Raw(params))


def _object(params: bytes | None) -> JsonObject:
    try:
        value = decode(params or b"{}")
    except McpctlError:
        return {}
    return value if isinstance(value, dict) else {}
