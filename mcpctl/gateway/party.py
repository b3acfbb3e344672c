"""The server's side of an endpoint: one conversation with the server, and the hosts that take part in it.

Builds of the server take each other's place behind it. What was agreed on with the first one, and what hosts asked to
be told, is said again to every next one. Where a server cannot run twice several hosts share it: what the first of them
agreed on holds for all, and what a server says to nobody in particular is said to all.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any, Final
from weakref import WeakSet

import msgspec

from mcpctl.errors import ConnectError, McpctlError, ProtocolError
from mcpctl.gateway.guests import LEVELS, Guest, loudest
from mcpctl.gateway.payloads import as_dict, member, members, raw, text_of, with_meta
from mcpctl.model.events import CallFinished
from mcpctl.model.protocol import MODERN_VERSION, Change, Identity
from mcpctl.session.answers import as_object
from mcpctl.session.connection import Connection
from mcpctl.session.dialect import HandshakeDialect, StatelessDialect
from mcpctl.session.handlers import Handlers
from mcpctl.session.negotiate import UNSUPPORTED_VERSION, identity_of, negotiate
from mcpctl.session.slot import Slot
from mcpctl.transports.channel import RpcError
from mcpctl.wire import jsonrpc
from mcpctl.wire.jsonrpc import RequestId

OURS: Final = frozenset({"notifications/cancelled", "notifications/initialized"})
"""Told to each side by whoever keeps its ids, never handed through."""

PATIENCE: Final = 10.0
"""Seconds that a server has to agree again to what it agreed to before."""

TRIES: Final = 4
"""Builds in a row that may begin without having heard the hosts; more than that is no accident."""

_CAPABILITIES: Final = "io.modelcontextprotocol/clientCapabilities"


class Party:
    def __init__(self, slot: Slot, *, record: Callable[[CallFinished], None], shared: bool = False) -> None:
        """`record` hears of every call. `shared`: whether several hosts may take part."""
        self.slot = slot
        self.record = record
        self.guests: list[Guest] = []
        self.over = False
        self.numbers = count(1)
        """For ids and tokens that no two hosts have in common."""
        self.shared = shared
        self._handlers = Handlers(on_change=self._changed, passage=self)
        self._turn = asyncio.Lock()
        """One host shakes hands at a time."""
        self._active: list[Guest] = []
        """Whose requests are worked on, latest last."""
        self._tokens: dict[str, tuple[Guest, RequestId]] = {}
        self._hello: bytes | None = None
        self._discover: bytes | None = None
        self._agreed = False
        self._welcome = b"{}"
        self._refusal: ProtocolError | None = None
        self._told: WeakSet[Connection] = WeakSet()
        """Builds that have heard what the hosts said; what started before that has heard something of our own."""
        self._bare: Connection | None = None
        """A server that refused to be discovered: it waits for the host's handshake."""
        self._level: bytes | None = None
        self._farewells: set[asyncio.Task[None]] = set()
        slot.greet = self._greet
        slot.lease(self._handlers)

    def close(self) -> None:
        """May be said more than once."""
        if not self.over:
            self.over = True
            self.slot.release(self._handlers)
            self.slot.greet = negotiate

    async def connection(self) -> Connection:
        return await self.slot.connection(self._handlers)

    # -- for hosts -------------------------------------------------------------------------------------------------

    @property
    def greeted(self) -> bool:
        """Whether a host joins others who have shaken hands."""
        return self._agreed and len(self.guests) > 1

    async def discover(self, params: bytes) -> bytes:
        """Begin without a handshake, and do so with every build that follows. Raises what the server refuses with."""
        if self.greeted:
            raise ProtocolError("its other hosts have shaken hands", rpc_code=jsonrpc.METHOD_NOT_FOUND)
        self._discover = params
        await self._have_told()
        if self._refusal is not None:
            raise self._refusal
        return self._welcome

    async def initialize(self, params: bytes) -> bytes:
        """A host that joins others is told what these have agreed on with the server."""
        async with self._turn:
            if self.greeted:
                await self.connection()
            elif len(self.guests) > 1 and self._discover is not None and self._refusal is None:
                about = {"supported": [MODERN_VERSION], "requested": as_dict(params).get("protocolVersion")}
                said = f"its other hosts speak version `{MODERN_VERSION}`"
                raise ProtocolError(said, rpc_code=UNSUPPORTED_VERSION, rpc_data=about)
            else:
                self._agreed = False
                await self._begin(params)
                self._agreed = True
            return self._welcome

    @contextlib.contextmanager
    def working_for(self, guest: Guest, params: bytes | None) -> Iterator[bytes | None]:
        """While this lasts, what the server asks may be meant for this host; gives the parameters to send."""
        token = None
        if self.shared and params is not None and b'"progressToken"' in params:
            with contextlib.suppress(msgspec.MsgspecError):
                theirs = members(member(params, "_meta")).get("progressToken")
                if theirs is not None:
                    token = f"host-{next(self.numbers)}"
                    self._tokens[token] = guest, msgspec.json.decode(theirs)
                    params = msgspec.json.encode(with_meta(params, "progressToken", token))
        self._active.append(guest)
        try:
            yield params
        finally:
            self._active.remove(guest)
            if token is not None:
                del self._tokens[token]

    def level_for(self, guest: Guest, params: bytes) -> bytes:
        """The server has one level; each host hears what it asked for."""
        asked = as_dict(params)
        wanted = asked.get("level")
        if wanted not in LEVELS:
            return params  # the server says what is wrong with it
        guest.level = str(wanted)
        level = loudest([each.level for each in self.guests if each.level is not None])
        self._level = params if level == wanted else msgspec.json.encode({**asked, "level": level})
        return self._level

    def unsubscribes(self, guest: Guest, uri: str) -> bool:
        """Whether the server must hear of it, since no other host wants that resource."""
        guest.subscribed.pop(uri, None)
        return not any(uri in each.subscribed for each in self.guests)

    def leave(self, guest: Guest) -> None:
        self.guests.remove(guest)
        for uri in tuple(guest.subscribed):
            if self.unsubscribes(guest, uri) and self.guests and self.slot.live is not None:
                task = asyncio.create_task(self._unsubscribe(self.slot.live, uri))
                self._farewells.add(task)
                task.add_done_callback(self._farewells.discard)

    async def _unsubscribe(self, connection: Connection, uri: str) -> None:
        with contextlib.suppress(McpctlError):  # nobody is there to be told
            await self._again(connection, "resources/unsubscribe", msgspec.json.encode({"uri": uri}))

    # -- to a build ------------------------------------------------------------------------------------------------

    async def _begin(self, params: bytes) -> None:
        bare, self._bare = self._bare, None
        self._hello, self._discover = params, None
        self._told.clear()
        if bare is not None and bare is self.slot.live:
            await self._shake_hands(bare, timeout=None)
        elif self.slot.live is not None:
            await self.slot.discard()
        await self._have_told()

    async def _have_told(self) -> None:
        """Wait for a build that has heard the hosts; one that was on its way already has not, and is replaced."""
        for _ in range(TRIES):
            if await self.connection() in self._told:
                return
            await self.slot.discard()  # which a stop or a restart may overrule
        raise ConnectError(
            f"`{self.slot.spec.name}` was stopped or restarted while a host said hello",
            code="connect.replaced",
            kind="replaced",
        )

    async def _greet(
        self, connection: Connection, handlers: Handlers, *, era: Any, timeout: float
    ) -> Identity:
        if self._hello is not None:
            return await self._shake_hands(connection, timeout=timeout)
        if self._discover is None:
            return await negotiate(connection, handlers, era=era, timeout=timeout)
        try:
            self._welcome = await connection.channel.request(
                "server/discover", raw(self._discover), timeout=timeout, step="discover"
            )
        except ProtocolError as error:
            self._told.add(connection)
            self._refusal, self._bare = error, connection
            identity = identity_of({}, None, "", "handshake")
            connection.adopt(HandshakeDialect(""), identity)
            return identity
        self._told.add(connection)
        self._refusal = None
        result = as_object(self._welcome, "server/discover")
        meta = as_dict(self._discover).get("_meta")
        offered = meta.get(_CAPABILITIES, {}) if isinstance(meta, dict) else {}
        identity = identity_of(result, result.get("serverInfo"), MODERN_VERSION, "stateless")
        connection.adopt(StatelessDialect(offered if isinstance(offered, dict) else {}), identity)
        return identity

    async def _shake_hands(self, connection: Connection, *, timeout: float | None) -> Identity:
        hello = self._hello
        assert hello is not None
        channel = connection.channel
        text = await channel.request(
            "initialize", raw(hello), timeout=timeout, cancellable=False, step="handshake"
        )
        result = as_object(text, "initialize")
        version = result.get("protocolVersion")
        identity = identity_of(result, result.get("serverInfo"), str(version), "handshake")
        connection.adopt(HandshakeDialect(str(version)), identity)
        self._welcome = text
        if hello is self._hello:
            self._told.add(connection)
        await channel.notify("notifications/initialized", None)
        channel.listen()
        if self._level is not None:
            await self._again(connection, "logging/setLevel", self._level)
        subscribed = {uri: params for guest in self.guests for uri, params in guest.subscribed.items()}
        for params in subscribed.values():
            await self._again(connection, "resources/subscribe", params)
        return identity

    async def _again(self, connection: Connection, method: str, params: bytes) -> None:
        """A new build may refuse what the one before agreed to."""
        with contextlib.suppress(ProtocolError):
            await connection.channel.request(method, raw(params), timeout=PATIENCE)

    # -- from the server -------------------------------------------------------------------------------------------

    def notified(self, method: str, params: bytes | None) -> None:
        if method in OURS:
            return
        if self._tokens and method == "notifications/progress" and self._progressed(method, params or b"{}"):
            return
        alone = len(self.guests) == 1
        for guest in tuple(self.guests):
            if alone or guest.wants(method, params):
                guest.tell(method, params)

    async def asked(self, method: str, params: bytes | None) -> Any:
        """Of several hosts the one whose request came last is asked: a server does not say for whom it asks."""
        present = self._active or self.guests
        able = [guest for guest in present if guest.answers(method)] if len(self.guests) > 1 else present
        if not able:
            raise RpcError(jsonrpc.METHOD_NOT_FOUND, f"no host offers `{method}`")
        return await able[-1].ask(method, params)

    def _progressed(self, method: str, params: bytes) -> bool:
        lent = self._tokens.get(text_of(params, "progressToken") or "")
        if lent is not None:
            guest, token = lent
            guest.tell(method, msgspec.json.encode({**members(params), "progressToken": token}))
        return lent is not None

    def _changed(self, change: Change) -> None:
        """What a reload announces; what a server says itself is handed through as it came."""
        if change.extra.get("renewed"):
            for guest in tuple(self.guests):
                guest.announce(change.kind)
