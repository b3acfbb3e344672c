"""How a new build of a server takes over without losing a call.

`swap` starts it beside the old one, checks it, switches, and lets the old one finish its work. `restart`, for servers
that own a port or a lock, holds new calls back meanwhile. A build that does not come up changes nothing in a swap.
"""

from __future__ import annotations

import contextlib
from typing import Final

from mcpctl.errors import McpctlError, ProtocolError
from mcpctl.model.protocol import Change, JsonObject, Listing
from mcpctl.model.running import Reloaded, ReloadFailed
from mcpctl.model.server import ReloadStrategy
from mcpctl.session.connection import Connection
from mcpctl.session.listing import collect
from mcpctl.session.schemas import UnusableSchema, compile_schema
from mcpctl.supervisor.charge import Charge
from mcpctl.supervisor.comparison import compare_tools
from mcpctl.supervisor.ends import drained_within, is_occupied
from mcpctl.supervisor.greeting import BROAD
from mcpctl.transports.channel import METHOD_NOT_FOUND

LIST_LIMIT: Final = 30.0
"""Seconds for each page of a new build's tools."""

_KINDS: Final = ("tools", "resources", "prompts")


class Reload:
    def __init__(self, charge: Charge) -> None:
        self._charge = charge
        self._occupied = False

    @property
    def alone(self) -> bool:
        return self._charge.slot.spec.reload == "restart" or self._occupied

    async def run(self, because: str) -> None:
        spec = self._charge.slot.spec
        if self.alone:
            await self.gently(because, drain=drained_within(spec), of_code=True)
        else:
            await self._swap(because)

    async def gently(self, because: str, *, drain: float, of_code: bool) -> None:
        """Hold new calls, let old ones end, stop, start, let the calls go on."""
        charge = self._charge
        began = charge.slot.clock()
        tools = charge.tools
        if charge.current is not None:
            before = charge.machine.state
            charge.slot.held = True
            charge.machine.draining(because)
            charge.tell(before)
            await charge.close_current(drain)
            charge.slot.held = False
        charge.awaiting_fix = of_code
        if await charge.bring_up(because):
            self._took_over("restart", because, charge.slot.clock() - began, tools)
        elif of_code:
            error = charge.slot.last_error
            assert error is not None
            self._failed(because, error, serving=False)

    async def _swap(self, because: str) -> None:
        charge = self._charge
        began = charge.slot.clock()
        tools = charge.tools
        fresh: Connection | None = None
        try:
            fresh = await charge.slot.establish(BROAD)
            listing = await self._checked(fresh)
        except McpctlError as error:
            await _close(fresh)
            if is_occupied(error):
                self._occupied = True
                await self.gently(because, drain=drained_within(charge.slot.spec), of_code=True)
            else:
                self._failed(because, error, serving=charge.slot.live is not None)
            return
        except BaseException:
            await _close(fresh)
            raise
        charge.install(fresh, listing)
        self._took_over("swap", because, charge.slot.clock() - began, tools)
        await self._remember(listing)

    async def _checked(self, fresh: Connection) -> Listing | None:
        """The tools of a build that works; None for one that has none by design."""

        async def fetch(params: JsonObject | None) -> bytes:
            return await fresh.request("tools/list", params, timeout=LIST_LIMIT, step="list")

        try:
            listing = await collect("tools/list", fetch)
        except ProtocolError as error:
            if error.rpc_code == METHOD_NOT_FOUND:
                return None
            raise
        known = {tool["name"]: tool for tool in self._charge.tools or ()}
        for tool in listing.items:
            if known.get(tool["name"]) != tool:
                _check_schema(tool)
        return listing

    async def _remember(self, listing: Listing | None) -> None:
        if listing is None:
            return

        async def known() -> Listing:
            return listing

        await self._charge.slot.catalog.get("tools/list", known)

    def _took_over(
        self, strategy: ReloadStrategy, because: str, seconds: float, before: tuple[JsonObject, ...] | None
    ) -> None:
        charge = self._charge
        charge.reloads += 1
        charge.renewed(charge.name)
        connection = charge.current
        if connection is None or connection.identity is None:
            return
        changes = compare_tools(before or (), charge.tools or ())
        offered = connection.identity.capabilities
        for kind in _KINDS:
            if changes if kind == "tools" else kind in offered:
                charge.slot.announce(Change(kind=kind, extra={"renewed": True}))
        charge.emit(
            Reloaded(
                server=charge.name,
                strategy=strategy,
                because=because,
                seconds=seconds,
                pid=connection.channel.facts.pid,
                tools=changes,
            )
        )

    def _failed(self, because: str, error: McpctlError, *, serving: bool) -> None:
        charge = self._charge
        charge.emit(
            ReloadFailed(
                server=charge.name,
                because=because,
                message=error.message,
                serving=serving,
                stderr_tail=tuple(getattr(error, "stderr_tail", ())),
            )
        )


def _check_schema(tool: JsonObject) -> None:
    schema = tool.get("inputSchema")
    try:
        compile_schema(schema if isinstance(schema, dict) else {})
    except UnusableSchema as error:
        raise ProtocolError(
            f"tool `{tool['name']}` of the new build has an unusable schema: {error}",
            code="protocol.schema",
        ) from error


async def _close(connection: Connection | None) -> None:
    if connection is not None:
        with contextlib.suppress(McpctlError):
            await connection.channel.aclose()
