"""One server of the configuration inside this process: started on first use, shared, closed when idle.

Whatever goes wrong with a server stays in its slot.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from mcpctl.errors import ConnectError, DeadlineError, McpctlError
from mcpctl.model.events import Connected
from mcpctl.model.protocol import Change, Era, Identity, JsonObject, Listing, Tool
from mcpctl.model.server import ServerSpec
from mcpctl.session.answers import tool_from
from mcpctl.session.catalog import Catalog
from mcpctl.session.connection import Connection
from mcpctl.session.handlers import Handlers
from mcpctl.session.inbound import Inbound
from mcpctl.session.listing import collect
from mcpctl.session.naming import blaming, unknown
from mcpctl.session.negotiate import attune, negotiate
from mcpctl.session.schemas import SchemaChecker
from mcpctl.session.sharing import Shared
from mcpctl.session.surroundings import Keeper, Surroundings, start_limit
from mcpctl.transports.channel import Channel

if TYPE_CHECKING:
    from mcpctl.session.oauth.access import Access

LIST_TIMEOUT = 60.0
"""Seconds for one page of a list."""

LAST_WORDS = 1.0
"""Seconds in which all calls of a lost session may hear what the first one heard."""

# Which capability a server must declare before it is worth asking for a list.
_CAPABILITY = {
    "tools/list": "tools",
    "resources/list": "resources",
    "resources/templates/list": "resources",
    "prompts/list": "prompts",
}
_ALWAYS_ASKED = ("tools/list",)  # servers exist that offer tools and forget to say so


class Slot:
    def __init__(self, spec: ServerSpec, around: Surroundings) -> None:
        self.spec = spec
        self.clock = around.world.clock
        self.catalog = Catalog(self.clock)
        self.checker = SchemaChecker()
        self.starts = 0
        self.last_error: McpctlError | None = None
        self.keeper: Keeper | None = None
        self.held = False
        """New work waits for the keeper, though there is a live connection."""
        self.greet = negotiate
        self._around = around
        self._connection: Connection | None = None
        self._connecting: Shared[Connection] = Shared()
        self._audience: list[Handlers] = []
        self._idle: asyncio.TimerHandle | None = None
        self._deadly: tuple[str, ...] = ()
        """What a server said that died of either first question: it dies of something else."""
        self._tools: dict[str, Tool] = {}
        self._tools_of: Listing | None = None

    @property
    def leases(self) -> int:
        """How many people listen to this server, or call it."""
        return len(self._audience)

    @property
    def live(self) -> Connection | None:
        connection = self._connection
        return connection if connection is not None and connection.alive else None

    async def connection(self, handlers: Handlers) -> Connection:
        """The live connection, or a new one: as many callers as wait share one start."""
        live = self.live
        if live is None or self.held:
            live = await (
                self.keeper.connection()
                if self.keeper is not None
                else self._connecting.get(lambda: self._connect(handlers))
            )
        if handlers.log_level is not None or handlers.roots is not None:
            await attune(live, handlers)
        return live

    async def list(self, method: str, handlers: Handlers) -> Listing:
        """A whole list, from memory while it can be trusted."""
        return await self.list_of(await self.connection(handlers), method)

    async def list_of(self, connection: Connection, method: str) -> Listing:
        """The same for who has a connection, and must not wait for another one."""
        identity = connection.identity
        assert identity is not None
        if method not in _ALWAYS_ASKED and _CAPABILITY[method] not in identity.capabilities:
            return Listing(items=())

        async def fetch(params: JsonObject | None) -> bytes:
            return await connection.request(method, params, timeout=LIST_TIMEOUT, step="list")

        objection = _header_fault if self._mirrors_arguments(method, identity) else lambda _: None
        with blaming(self.spec.name):
            return await self.catalog.get(method, lambda: collect(method, fetch, objection))

    def knows(self, tool: str) -> bool:
        """Whether a tool is known without asking the server."""
        recent = self.catalog.recent("tools/list")
        return recent is not None and tool in self._named(recent)

    async def tool(self, name: str, handlers: Handlers) -> Tool:
        """A tool that was listed is known without the server, so that an open breaker needs none."""
        recent = self.catalog.recent("tools/list")
        found = self._named(recent).get(name) if recent is not None else None
        if found is None:
            found = self._named(await self.list("tools/list", handlers)).get(name)
        if found is None:
            raise unknown(name, list(self._tools), server=self.spec.name)
        return found

    def lease(self, handlers: Handlers) -> None:
        self._audience.append(handlers)
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None

    def release(self, handlers: Handlers) -> None:
        # By identity: two verbs may bring handlers that are equal.
        at = next(index for index, present in enumerate(self._audience) if present is handlers)
        del self._audience[at]
        if self.keeper is not None:
            self.keeper.released()
        elif not self._audience and self.spec.idle_timeout is not None and self.live is not None:
            loop = asyncio.get_running_loop()
            self._idle = loop.call_later(self.spec.idle_timeout, lambda: loop.create_task(self._close_idle()))

    async def discard(self) -> None:
        """Close the connection; the next use starts a new one."""
        if self.keeper is not None:
            await self.keeper.rest()  # it would take this for the connection that is there
        else:
            await self._drop()

    def install(self, connection: Connection | None) -> Connection | None:
        """Let all new work go to this connection; the one before is left to whoever still uses it."""
        before, self._connection = self._connection, connection
        self.catalog.forget()
        self.checker.forget()
        return before

    def announce(self, change: Change) -> None:
        """Tell everybody who listens, as if the server had said it."""
        self._changed(change)
        for handlers in tuple(self._audience):
            if handlers.on_change is not None:
                handlers.on_change(change)

    def describe(self, spec: ServerSpec, around: Surroundings) -> None:
        """The configuration has changed: what starts from now on starts like this."""
        self._around = around
        self.spec = spec

    async def aclose(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
        await self._connecting.give_up()
        await self._drop()

    async def _drop(self) -> None:
        connection = self.install(None)
        if connection is not None:
            await connection.channel.aclose()

    async def _close_idle(self) -> None:
        if not self._audience:
            await self._drop()

    async def _connect(self, handlers: Handlers) -> Connection:
        if self._connection is not None:
            await self._connection.drained(LAST_WORDS)
        await self._drop()  # a connection that was lost still holds its process
        connection = await self.establish(handlers)
        self.install(connection)
        return connection

    async def establish(self, handlers: Handlers) -> Connection:
        """Start the server and agree with it, beside a connection that may be there already."""
        around = self._around
        began = self.clock()
        async with around.turns.one():
            try:
                with blaming(self.spec.name):
                    connection = await self._start(handlers, around.memory.era(self.spec))
            except McpctlError as error:
                self.last_error = error
                raise
        identity = connection.identity
        assert identity is not None
        around.memory.remember(self.spec, identity.era)
        self.last_error = None
        around.emit(
            Connected(
                server=self.spec.name,
                protocol_version=identity.protocol_version,
                seconds=self.clock() - began,
            )
        )
        return connection

    async def _start(self, handlers: Handlers, era: Era | None) -> Connection:
        try:
            return await self._start_once(handlers, era)
        except ConnectError as error:
            # Some servers of the handshake era leave when they are asked anything before `initialize`.
            died_of_the_question = era is None and error.exit_status is not None and error.exit_status >= 0
            if self.spec.transport != "stdio" or not died_of_the_question:
                raise
            if error.stderr_tail and error.stderr_tail == self._deadly:
                raise
            try:
                return await self._start_once(handlers, "handshake")
            except McpctlError as again:
                self._deadly = again.stderr_tail if isinstance(again, ConnectError) else ()
            raise

    async def _start_once(self, handlers: Handlers, era: Era | None) -> Connection:
        launches = self._around.launches
        resolved, launched = launches.resolve(self.spec), launches.take(self.spec.name)
        inbound = Inbound(self._audience, on_changed=self._changed, on_lost=self._lost)
        limit = start_limit(self.spec)
        channel: Channel | None = None
        self.starts += 1
        try:
            async with asyncio.timeout(limit + 1):
                access = self._access(resolved.spec)
                channel = await self._around.dial(
                    resolved.spec if access is None else await access.dressed(),
                    inbound,
                    env=resolved.env if resolved.spec.transport == "stdio" else dict(self._around.world.env),
                    process=launched,
                    tap=self._tap(),
                    **self._ears(),
                    **({} if access is None else {"authorize": access.authorize}),
                )
                connection = Connection(channel, inbound)
                await self.greet(connection, handlers, era=era, timeout=limit)
                return connection
        except TimeoutError as error:
            await _close(channel)
            raise DeadlineError(
                f"`{self.spec.name}` did not start within {limit:g} s",
                step="start",
                limit=limit,
                hint="raise `start_timeout` for a server that needs longer",
            ) from error
        except BaseException as error:
            tail = channel.stderr_tail() if channel is not None else ()
            await _close(channel)
            if isinstance(error, DeadlineError) and tail:
                error.message += f", its last words on stderr: `{tail[-1].strip()}`"
            raise

    def _mirrors_arguments(self, method: str, identity: Identity) -> bool:
        """Over HTTP the stateless era repeats some arguments as headers: a tool that asks for it wrongly is unusable."""
        return method == "tools/list" and identity.era == "stateless" and self.spec.transport != "stdio"

    def _named(self, listing: Listing) -> dict[str, Tool]:
        if self._tools_of is not listing:
            self._tools_of = listing
            self._tools = {item["name"]: tool_from(item) for item in reversed(listing.items)}
        return self._tools

    def _tap(self) -> Any:
        tap = self._around.tap
        name = self.spec.name
        return None if tap is None else lambda direction, message: tap(name, direction, message)

    def _ears(self) -> dict[str, Any]:
        listener = self._around.on_stderr
        name = self.spec.name
        return {} if listener is None else {"on_stderr": lambda line: listener(name, line)}

    def _access(self, spec: ServerSpec) -> Access | None:
        if spec.transport == "stdio":
            return None
        from mcpctl.session.oauth.access import access_to

        around = self._around
        return access_to(spec, around.world, keep_secret=around.launches.keep_secret, emit=around.emit)

    def _changed(self, change: Change) -> None:
        self.catalog.changed(change)
        if change.kind == "tools":
            self.checker.forget()

    def _lost(self, error: McpctlError) -> None:
        error.server = error.server or self.spec.name
        self.last_error = error


def _header_fault(tool: JsonObject) -> str | None:
    from mcpctl.session.param_headers import annotation_fault

    return annotation_fault(tool.get("inputSchema"))


async def _close(channel: Channel | None) -> None:
    if channel is not None:
        await channel.aclose()
