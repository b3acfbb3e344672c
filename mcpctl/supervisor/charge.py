"""One server and what can be done to it: bring it up, let another build take its place, end it. Decides nothing."""

from __future__ import annotations

import asyncio
import contextlib
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Final

from mcpctl.errors import AuthError, ConfigError, ConnectError, McpctlError
from mcpctl.model.events import Emit
from mcpctl.model.protocol import JsonObject, Listing
from mcpctl.model.running import RunState, StateChanged
from mcpctl.model.world import World
from mcpctl.session.connection import Connection
from mcpctl.session.slot import Slot
from mcpctl.supervisor.ends import drained_within, last_exit
from mcpctl.supervisor.greeting import BROAD
from mcpctl.supervisor.machine import Machine

TOOLS_PATIENCE: Final = 5.0
"""Seconds that a start waits for the list of tools; calls go on meanwhile, and a list that comes later counts too."""


class Charge(ABC):
    def __init__(
        self,
        slot: Slot,
        world: World,
        machine: Machine,
        *,
        emit: Emit,
        processes_changed: Callable[[], None],
        renewed: Callable[[str], None],
    ) -> None:
        self.slot = slot
        self.machine = machine
        self.emit = emit
        self.renewed = renewed
        self.reloads = 0
        self.up_since: float | None = None
        self.tools: tuple[JsonObject, ...] | None = None
        self.current: Connection | None = None
        self.awaiting_fix = False
        """A reload left nothing to call: whoever calls waits for the next build."""
        self.failed_starts = 0
        self._world = world
        self._processes_changed = processes_changed
        self._retired: dict[asyncio.Task[None], Connection] = {}
        self._watchers: set[asyncio.Task[None]] = set()
        self._listing: asyncio.Task[None] | None = None

    @property
    def name(self) -> str:
        return self.slot.spec.name

    def connections(self) -> list[Connection]:
        """Each build that still runs."""
        return [*([self.current] if self.current is not None else []), *self._retired.values()]

    # -- what the owner is asked and told --------------------------------------------------------------------------

    @abstractmethod
    def wake_waiters(self) -> None:
        """Whoever waits may look again."""

    @abstractmethod
    def start_after(self, pause: float, reason: str) -> None: ...

    @abstractmethod
    def lost(self, connection: Connection, error: McpctlError) -> None:
        """The server that was called has ended by itself."""

    # -- acts ------------------------------------------------------------------------------------------------------

    async def bring_up(self, reason: str) -> bool:
        """Start it, and let calls in. False when it did not come up: what follows is arranged already."""
        before = self.machine.state
        self.machine.starting(reason)
        self.tell(before)
        try:
            connection = await self.slot.establish(BROAD)
        except McpctlError as error:
            self.failed_starts += 1
            self.died(error, needed=True)
            return False
        self.install(connection)
        self._listing = asyncio.create_task(self._list(connection))
        await asyncio.wait({self._listing}, timeout=TOOLS_PATIENCE)
        return True

    def install(self, connection: Connection, listing: Listing | None = None) -> None:
        """Let calls go to this connection from now on."""
        before = self.machine.state
        older = self.current
        self.slot.install(connection)
        self.current = connection
        self.up_since = self._world.clock()
        self.awaiting_fix = False
        if listing is not None:
            self.tools = listing.items
        self._cancel_listing()
        if older is not None:
            self._retire(older)
        watcher = asyncio.create_task(self._watch(connection))
        self._watchers.add(watcher)
        watcher.add_done_callback(self._watchers.discard)
        self.machine.running()
        self._processes_changed()
        self.tell(before)
        self.wake_waiters()

    async def close_current(self, drain: float) -> None:
        """Let calls in flight end, then end the server."""
        connection = self.current
        if connection is None:
            return
        self._cancel_listing()
        await connection.drained(drain)
        self.current = None
        self.up_since = None
        self.slot.install(None)
        connection.inbound.replaced(_superseded(self.name))
        await connection.channel.aclose()
        self._processes_changed()

    async def bury(self, connection: Connection) -> None:
        """End what a dead server left behind."""
        with contextlib.suppress(McpctlError):
            await connection.channel.aclose()
        self._processes_changed()

    def died(self, error: McpctlError, *, needed: bool) -> None:
        before = self.machine.state
        last = last_exit(error, self._world.now())
        hopeless = isinstance(error, AuthError | ConfigError)
        verdict = self.machine.died(last, needed=needed, hopeless=hopeless)
        self.up_since = None
        self.slot.last_error = error
        if verdict.pause is not None:
            self.start_after(verdict.pause, last.reason)
        self.tell(before, delay=verdict.pause, tail=last.stderr_tail)
        self.wake_waiters()

    def tell(self, before: RunState, *, delay: float | None = None, tail: tuple[str, ...] = ()) -> RunState:
        """Say that the state has changed; returns the new one."""
        machine = self.machine
        facts = self.current.channel.facts if self.current is not None else None
        self.emit(
            StateChanged(
                server=self.name,
                before=before,
                state=machine.state,
                reason=machine.reason,
                pid=facts.pid if facts is not None else None,
                restarts=machine.restarts,
                delay=delay,
                stderr_tail=tail,
            )
        )
        return machine.state

    async def end_all(self) -> None:
        """End each build that still runs, at once."""
        self._cancel_listing()
        tasks = (*self._retired, *self._watchers)
        connections = self.connections()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.gather(*(each.channel.aclose() for each in connections), return_exceptions=True)
        self.slot.install(None)
        self.current = None
        self._processes_changed()

    async def _list(self, connection: Connection) -> None:
        with contextlib.suppress(McpctlError):  # a server without tools is no broken server
            self.tools = (await self.slot.list_of(connection, "tools/list")).items

    def _cancel_listing(self) -> None:
        if self._listing is not None:
            self._listing.cancel()
            self._listing = None

    async def _watch(self, connection: Connection) -> None:
        error = await connection.inbound.ended()
        if connection is self.current:
            self.lost(connection, error)

    def _retire(self, connection: Connection) -> None:
        connection.inbound.replaced(_superseded(self.name))
        task = asyncio.create_task(self._put_away(connection))
        self._retired[task] = connection
        task.add_done_callback(lambda done: self._retired.pop(done, None))

    async def _put_away(self, connection: Connection) -> None:
        await connection.drained(drained_within(self.slot.spec))
        await connection.channel.aclose()
        self._processes_changed()


def _superseded(server: str) -> ConnectError:
    return ConnectError(
        f"another build of `{server}` took over", code="connect.replaced", kind="replaced", server=server
    )
