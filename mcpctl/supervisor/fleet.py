"""All servers of one configuration, kept running: started, stopped, reloaded, and changed when the configuration is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mcpctl.config.lookup import switched_on
from mcpctl.errors import ConnectError
from mcpctl.model.events import CallFinished, Emit, Event
from mcpctl.model.running import Reconfigured, ServerStatus, Wrote
from mcpctl.model.settings import Settings
from mcpctl.model.value import replace
from mcpctl.model.world import World
from mcpctl.policy.metrics import Metrics, Series
from mcpctl.policy.redaction import Redactor
from mcpctl.session.launch import Launches
from mcpctl.session.manager import SessionManager
from mcpctl.session.slot import Slot
from mcpctl.supervisor.comparison import compare_servers
from mcpctl.supervisor.keeper import Keeper
from mcpctl.supervisor.logs import Kept, ServerLog

if TYPE_CHECKING:
    from mcpctl.supervisor.runfile import RunFile

CALLER: ContextVar[Emit | None] = ContextVar("CALLER", default=None)
"""Whoever waits for a command in the supervisor hears what happens on its behalf."""


class Fleet:
    def __init__(
        self,
        settings: Settings,
        world: World,
        *,
        redactor: Redactor,
        emit: Emit,
        log_folder: Path | None = None,
        run_file: RunFile | None = None,
        launches: Launches | None = None,
        record: Callable[[CallFinished], None] | None = None,
    ) -> None:
        """`record` hears of every call, whoever made it."""
        self.settings = settings
        self.redactor = redactor
        self.metrics = Metrics()
        self.keepers: dict[str, Keeper] = {}
        self.lanes: dict[str, Any] = {}
        """For endpoints, which share the processes of a server among their hosts."""
        self.log_folder = log_folder
        self.idle_since = world.clock()
        self._world = world
        self._emit = emit
        self._run_file = run_file
        self._record = record
        self._logs: dict[str, ServerLog] = {}
        self._only: frozenset[str] | None = None
        self._leaving: dict[asyncio.Task[None], Keeper] = {}
        self._closed = False
        self._companions: dict[str, list[str]] = {}
        """Server -> the names of its further processes."""
        self._shares: dict[str, Series] = {}
        """What each of these has had of its server's calls."""
        self.sessions = SessionManager(
            settings,
            world,
            emit=self._heard,
            launches=launches or Launches(settings, world, keep_secret=redactor.add),
            on_stderr=lambda server, line: self.log(server).add(line),
            adopt=self._keep,
        )

    # -- which servers ---------------------------------------------------------------------------------------------

    def select(self, names: Iterable[str]) -> list[str]:
        """The servers that run from the beginning: those named and their fallbacks, or all that are not disabled."""
        named = tuple(names)
        if not named:
            return [name for name, spec in self.settings.servers.items() if spec.enabled]
        chosen: dict[str, None] = {}
        todo = list(reversed(named))
        while todo:
            name = todo.pop()
            spec = self.sessions.slot(name).spec
            if name not in chosen and (spec.enabled or name in named):
                chosen[name] = None
                todo.extend(reversed(switched_on(spec).fallback))
        self._only = frozenset(chosen)
        return list(chosen)

    def keeper(self, name: str) -> Keeper:
        """Raises `ConfigError` for a server that nobody knows, `ConnectError` when the end has begun."""
        if self._closed:
            raise ConnectError("the supervisor is leaving", code="connect.supervisor_lost", server=name)
        if name not in self.keepers:
            self.sessions.slot(name)
        return self.keepers[name]

    def companion(self, name: str) -> Keeper:
        """One more process of a server, kept like the first one, for somebody who needs it alone."""
        twins = self._companions.setdefault(name, [])
        numbers = {f"{name}#{number}" for number in range(2, len(twins) + 3)}
        twin = min(numbers.difference(twins), key=lambda each: (len(each), each))
        twins.append(twin)
        slot = self.sessions.slot(replace(self.keeper(name).slot.spec, name=twin))
        return self.keepers[slot.spec.name]

    async def dismiss(self, companion: str) -> None:
        twins = self._companions.get(companion.rpartition("#")[0], [])
        if companion in twins:
            await self._leave(companion, "its host has left")
            twins.remove(companion)
            self._shares.pop(companion, None)

    def all_of(self, names: Iterable[str]) -> list[str]:
        """These servers, and their further processes."""
        return [each for name in names for each in (name, *self._companions.get(name, ()))]

    def log(self, server: str) -> ServerLog:
        log = self._logs.get(server)
        if log is None:
            log = self._logs[server] = ServerLog(
                self.log_folder / f"{_file_name(server)}.log" if self.log_folder is not None else None,
                now=self._world.now,
                clean=self.redactor.clean,
                told=lambda kept: self._wrote(server, kept),
            )
        return log

    # -- what is done with them ------------------------------------------------------------------------------------

    async def start(self, names: Iterable[str], reason: str = "the supervisor starts") -> None:
        """Side by side; how many at once is for the session manager to say."""
        await asyncio.gather(*(self.keeper(name).ask("start", reason) for name in names))

    async def restart(self, names: Iterable[str]) -> None:
        await asyncio.gather(
            *(self.keeper(name).ask("restart", "`mcpctl restart`") for name in self.all_of(names))
        )

    async def stop(self, names: Iterable[str]) -> None:
        await asyncio.gather(*(self.keeper(name).ask("stop", "`mcpctl stop`") for name in self.all_of(names)))

    async def reload(self, names: Iterable[str], reason: str) -> None:
        await asyncio.gather(
            *(asyncio.shield(self.keeper(name).reload_soon(reason)) for name in self.all_of(names))
        )

    async def reconfigure(self, settings: Settings, *, file: str | None = None) -> Reconfigured:
        """Take over a configuration that was checked: servers that are the same in both are not touched."""
        before, self.settings = self.settings, settings
        changes = compare_servers(before.servers, settings.servers)
        self.sessions.reconfigure(settings)
        for name, twins in self._companions.items():
            for twin in self.keepers.keys() & twins if name in self.keepers else ():
                self.keepers[twin].slot.spec = replace(self.keepers[name].slot.spec, name=twin)
        event = Reconfigured(
            file=file,
            added=changes.added,
            removed=changes.removed,
            changed=changes.changed,
            adjusted=changes.adjusted,
        )
        if changes:
            self._emit(event)
        gone = "it was removed from the configuration"
        leaving = [self._leave(name, gone) for name in self.all_of(changes.removed)]
        added = [name for name in changes.added if self._only is None or name in self._only]
        changed = [name for name in changes.changed if name in self.keepers]
        await asyncio.gather(
            self.start(added, "it was added to the configuration"),
            self.reload(changed, "its configuration changed"),
            *leaving,
        )
        return event

    def statuses(self) -> tuple[ServerStatus, ...]:
        order = {name: at for at, name in enumerate(self.settings.servers)}
        names = sorted(self.keepers, key=lambda name: (order.get(name, len(order)), name))
        return tuple(self.status(name) for name in names)

    def status(self, name: str) -> ServerStatus:
        keeper = self.keeper(name)
        machine, connection = keeper.machine, keeper.current
        series = self._shares.get(name) or self.metrics.total(name)
        middle = series.latency.percentiles(50.0)[50.0]
        identity = connection.identity if connection is not None else None
        error = keeper.slot.last_error
        return ServerStatus(
            name=name,
            state=machine.state,
            reason=machine.reason,
            since=machine.since,
            transport=keeper.slot.spec.transport,
            pid=connection.channel.facts.pid if connection is not None else None,
            uptime=None if keeper.up_since is None else self._world.clock() - keeper.up_since,
            starts=keeper.slot.starts,
            restarts=machine.restarts,
            reloads=keeper.reloads,
            tools=None if keeper.tools is None else len(keeper.tools),
            calls=series.calls,
            errors=series.failed,
            p50_ms=None if middle is None else middle * 1000,
            in_flight=sum(each.users for each in keeper.connections()),
            protocol_version=identity.protocol_version if identity is not None else None,
            last_error=error.message if error is not None else None,
            last_exit=machine.last_exit,
            breaker=self.sessions.chains.breaker(keeper.slot.spec),
        )

    def count(self, event: CallFinished) -> None:
        """Take a call into account, whoever made it; that of a further process is one of its server."""
        assert event.server is not None
        process, server = event.server, self._server_of(event.server)
        self.idle_since = self._world.clock()
        if process != server:
            _add(self._shares.setdefault(process, Series()), event)
            event = replace(event, server=server)
        if self._record is not None:
            self._record(event)
        _add(self.metrics.series(server, event.tool), event)
        keeper = self.keepers.get(process)
        if keeper is not None and not event.cached:
            keeper.observed(ok=event.ok, code=event.error)

    async def aclose(self) -> None:
        """End everything, side by side, in bounded time."""
        self._closed = True
        keepers, self.keepers = [*self.keepers.values(), *self._leaving.values()], {}
        ends = (keeper.aclose() for keeper in keepers)
        await asyncio.gather(*ends, *self._leaving, return_exceptions=True)
        await self.sessions.aclose()
        for log in self._logs.values():
            log.close()

    # -- details ---------------------------------------------------------------------------------------------------

    def _keep(self, slot: Slot) -> None:
        """Every server that anybody reaches through the supervisor is kept by it."""
        self.keepers[slot.spec.name] = Keeper(
            slot,
            self._world,
            emit=self._emit,
            processes_changed=self._note_processes,
            renewed=self._forget_results,
        )

    def _server_of(self, process: str) -> str:
        server = process.rpartition("#")[0]
        return server if process in self._companions.get(server, ()) else process

    def _forget_results(self, server: str) -> None:
        self.sessions.chains.forget_results(server)

    async def _leave(self, name: str, reason: str) -> None:
        """It leaves, whether or not anybody waits for that."""
        keeper, slot = self.keepers.pop(name, None), self.sessions.part_with(name)
        if keeper is not None and slot is not None:
            task = asyncio.create_task(_ended(keeper, slot, reason))
            self._leaving[task] = keeper
            task.add_done_callback(lambda done: self._leaving.pop(done, None))
            await asyncio.shield(task)

    def _heard(self, event: Event) -> None:
        """What the sessions tell goes to the books, and to whoever waits for it."""
        if isinstance(event, CallFinished):
            self.count(event)
        caller = CALLER.get()
        if caller is not None:
            caller(event)

    def _wrote(self, server: str, kept: Kept) -> None:
        self._emit(Wrote(server=server, text=kept.text, at=kept.at))

    def _note_processes(self) -> None:
        if self._run_file is not None:
            self._run_file.write(
                connection.channel for keeper in self.keepers.values() for connection in keeper.connections()
            )


async def _ended(keeper: Keeper, slot: Slot, reason: str) -> None:
    await keeper.ask("stop", reason)
    await keeper.aclose()
    await slot.aclose()


def _add(series: Series, event: CallFinished) -> None:
    series.record(
        event.seconds,
        event.error,
        bytes_in=event.bytes_in,
        bytes_out=event.bytes_out,
        attempts=event.attempts,
        cached=event.cached,
    )


def _file_name(server: str) -> str:
    """A name such as an address is no file name."""
    return "".join(letter if letter.isalnum() or letter in "-_." else "_" for letter in server)[:100] or "_"
