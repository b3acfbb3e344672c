"""`mcpctl run --serve`: answers probes from what the supervisor knows, and looks only where an `interval` asks for it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from mcpctl.commands.context import Context
from mcpctl.commands.recording import Recording
from mcpctl.health.checkup import surroundings
from mcpctl.health.monitor import Monitor
from mcpctl.health.pages import pages
from mcpctl.health.probe import Probe
from mcpctl.health.serving import PageServer
from mcpctl.health.watch import Watch
from mcpctl.model.events import Event
from mcpctl.model.health import HealthChanged, HealthServed
from mcpctl.model.running import Reconfigured, RunOptions
from mcpctl.supervisor.fleet import Fleet
from mcpctl.supervisor.standing import Standing
from mcpctl.wire.listening import parse_listen


@asynccontextmanager
async def served(
    options: RunOptions, ctx: Context, fleet: Fleet, recording: Recording
) -> AsyncIterator[None]:
    """As long as this is entered. Raises `ConnectError` where somebody else listens there."""
    if options.serve is None:
        yield
        return
    host, port = parse_listen(options.serve)
    # Its own selection, since names come and go with the configuration.
    only = frozenset(fleet.select(options.servers)) if options.servers else None
    watched = _Watched(ctx, fleet, recording, only)
    server = PageServer(pages(watched.standing, ctx.redactor))
    try:
        ctx.emit(HealthServed(address=await server.start(host, port)))
        recording.listen(watched.heard)
        watched.look()
        yield
    finally:
        await server.aclose()
        await watched.aclose()


class _Watched:
    def __init__(self, ctx: Context, fleet: Fleet, recording: Recording, only: frozenset[str] | None) -> None:
        world = ctx.world
        self._ctx = ctx
        self._fleet = fleet
        self._recording = recording
        self._looking: asyncio.Task[None] | None = None
        self._monitor = Monitor(world.clock, world.now)
        self.standing = Standing(fleet, self._monitor, now=world.now, only=only)

    def heard(self, event: Event) -> None:
        if isinstance(event, Reconfigured):
            self.standing.reconfigured()
            self.look()
        for change in self.standing.heard(event):
            self._tell(change)

    def look(self) -> None:
        """At those whose configuration says how often, and at nobody while nobody runs there."""
        if self._looking is not None:
            self._looking.cancel()
        specs = [spec for spec in self.standing.specs if spec.enabled]
        intervals = {
            spec.name: spec.health.interval for spec in specs if spec.health and spec.health.interval
        }
        around = surroundings(self._fleet.sessions, self._ctx.launches, self._fleet.settings, self._ctx.world)
        watch = Watch(
            {spec.name: Probe(spec, around, keep=True) for spec in specs if spec.name in intervals},
            self._monitor,
            intervals=intervals,
            emit=self._tell,
            now=self._ctx.world.now,
            random=random.random,
            held=lambda name: not self._fleet.keeper(name).machine.serves,
        )
        self._looking = asyncio.create_task(watch.run())

    async def aclose(self) -> None:
        if self._looking is not None:
            self._looking.cancel()
            with suppress(asyncio.CancelledError):
                await self._looking

    def _tell(self, event: Event) -> None:
        """What became of a server, and not that it is there: that is told by its state."""
        if isinstance(event, HealthChanged) and event.before is not None:
            self._recording.emit(event)
