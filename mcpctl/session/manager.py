"""The one way to reach a server, for every verb: leases live sessions, starts what is not running, ends all of it.

Each server has a slot of its own, so that one server's failure touches no other.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from mcpctl.config.folders import cache_home
from mcpctl.config.lookup import DEMO, lookup
from mcpctl.model.events import Emit, ignore
from mcpctl.model.server import ServerSpec
from mcpctl.model.settings import Settings
from mcpctl.model.value import replace
from mcpctl.model.world import World
from mcpctl.session.chain import Chains
from mcpctl.session.handlers import SILENT, Handlers
from mcpctl.session.launch import Launches
from mcpctl.session.memory import Memory
from mcpctl.session.session import Session
from mcpctl.session.slot import Slot
from mcpctl.session.surroundings import Dial, Surroundings
from mcpctl.session.turns import Turns

STARTS_PER_CORE = 2
"""More at once gains no time in all, and makes the first one wait for the last."""


class SessionManager:
    def __init__(
        self,
        settings: Settings,
        world: World,
        *,
        emit: Emit = ignore,
        launches: Launches | None = None,
        dial: Dial | None = None,
        tap: Callable[[str, str, bytes], None] | None = None,
        on_stderr: Callable[[str, str], None] | None = None,
        adopt: Callable[[Slot], None] | None = None,
    ) -> None:
        """`adopt` gets every slot when it is made, so that somebody can keep its server running.

        Where nobody adopts, this process ends soon, and all servers with it. Where somebody does, a server that no
        configuration describes must not stay for ever: it ends with the lease it was described for.
        """
        self._settings = settings
        self._world = world
        self._adopt = adopt
        self._slots: dict[str, Slot] = {}
        self._endings: set[asyncio.Task[None]] = set()
        self._around = Surroundings(
            settings=settings,
            world=world,
            launches=launches or Launches(settings, world, keep_secret=lambda _: None),
            dial=dial or _dial,
            turns=Turns(STARTS_PER_CORE * (os.cpu_count() or 1)),
            memory=Memory(cache_home(world.env) / "eras.json"),
            emit=emit,
            tap=tap,
            on_stderr=on_stderr,
        )
        self.chains = Chains(self.slot, emit=emit, clock=world.clock)

    def slot(self, server: str | ServerSpec) -> Slot:
        """The slot of a configured server, an address, `demo`, or a server described on the spot."""
        name = server if isinstance(server, str) else server.name
        slot = self._slots.get(name)
        if slot is None:
            slot = self._slots[name] = Slot(self._described(server), self._around)
            if self._adopt is not None:
                self._adopt(slot)
        return slot

    def reconfigure(self, settings: Settings) -> None:
        """Take over a changed configuration. No server is touched: whoever keeps them does that."""
        self._settings = settings
        self._around = replace(self._around, settings=settings)
        self._around.launches.reconfigure(settings)
        for name, slot in self._slots.items():
            slot.describe(settings.servers.get(name, slot.spec), self._around)
        self.chains.rebuild()

    async def forget(self, name: str) -> None:
        """End a server that the configuration names no longer."""
        slot = self.part_with(name)
        if slot is not None:
            await slot.aclose()

    def part_with(self, name: str) -> Slot | None:
        """The slot of such a server, for whoever ends it; who asks for the name from now on gets another one."""
        return self._slots.pop(name, None)

    @asynccontextmanager
    async def open(self, server: str | ServerSpec, handlers: Handlers = SILENT) -> AsyncIterator[Session]:
        """Lease a session. The server starts with the first operation, and stays for the next lease."""
        stays = self._adopt is None or self._is_configured(server)
        slot = self.slot(server) if stays else Slot(self._described(server), self._around)
        slot.lease(handlers)
        try:
            fallback = slot.spec.fallback if isinstance(server, str) else server.fallback
            yield Session(slot, handlers, self.chains.of(slot, fallback))
        finally:
            slot.release(handlers)
            if not stays:
                ending = asyncio.create_task(slot.aclose())
                self._endings.add(ending)
                ending.add_done_callback(self._endings.discard)

    async def aclose(self) -> None:
        """End every server, side by side, in bounded time."""
        slots, self._slots = list(self._slots.values()), {}
        try:
            self._shelve(slots)
        finally:
            endings = [slot.aclose() for slot in slots]
            await asyncio.gather(
                *endings, *self._endings, self._around.launches.aclose(), return_exceptions=True
            )

    def _described(self, server: str | ServerSpec) -> ServerSpec:
        return lookup(self._settings, server) if isinstance(server, str) else server

    def _is_configured(self, server: str | ServerSpec) -> bool:
        """Whether this very description is the configuration's own, or that of the built-in server."""
        name = server if isinstance(server, str) else server.name
        if name not in self._settings.servers and name != DEMO:
            return name in self._slots
        known = lookup(self._settings, name)
        return isinstance(server, str) or replace(server, fallback=known.fallback) == known

    def _shelve(self, slots: list[Slot]) -> None:
        """Keep the names that were seen, for the shell's completion."""
        from mcpctl.session.shelf import Shelf

        shelf = Shelf(cache_home(self._world.env) / "offers")
        for slot in slots:
            tools = slot.catalog.recent("tools/list")
            if tools is not None:
                shelf.keep(slot.spec, tools=tools.items, others=slot.catalog.names())


async def _dial(
    spec: ServerSpec, inbox: Any, *, env: Mapping[str, str], process: Any = None, tap: Any = None, **more: Any
) -> Any:
    from mcpctl.transports.dial import open_channel

    return await open_channel(spec, inbox, env=env, process=process, tap=tap, **more)
