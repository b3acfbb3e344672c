"""`mcpctl health --watch`, `--until` and `--serve`: looks at servers until somebody ends it, and tells what changes."""

from __future__ import annotations

import asyncio
import random
import shlex
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Literal

from mcpctl.commands.context import Context
from mcpctl.commands.health_passive import Passive
from mcpctl.commands.looking import MARGIN, around, before_the_end, resting
from mcpctl.commands.own_place import history_file
from mcpctl.errors import UsageError
from mcpctl.health.checkup import skipped
from mcpctl.health.exposition import exposition
from mcpctl.health.monitor import Monitor
from mcpctl.health.notify import Notifier, Receivers
from mcpctl.health.pages import pages
from mcpctl.health.probe import Probe
from mcpctl.health.serving import PageServer
from mcpctl.health.traffic import with_history
from mcpctl.health.verdicts import exit_code
from mcpctl.health.watch import Watch
from mcpctl.history.reading import History
from mcpctl.model.events import Event, Noticed
from mcpctl.model.health import (
    Alerted,
    HealthChanged,
    HealthOptions,
    HealthReport,
    HealthSeen,
    HealthServed,
    Probed,
    instant,
)
from mcpctl.model.health_spec import INTERVAL, HealthSpec
from mcpctl.model.server import ServerSpec
from mcpctl.model.value import replace
from mcpctl.wire.listening import parse_listen

REDRAWN = 1.0
"""Seconds between two drawings of the table: `since` counts on."""

PATIENT = 1.0
"""Seconds between two looks while somebody waits for a server to come up."""


async def watch(options: HealthOptions, specs: list[ServerSpec], ctx: Context) -> HealthReport:
    watching = _Watching(options, specs, ctx)
    async with AsyncExitStack() as stack:
        if options.serve is not None:
            host, port = parse_listen(options.serve)
            server = PageServer(pages(watching.monitor, ctx.redactor, counted=watching.counted))
            stack.push_async_callback(server.aclose)
            watching.listening(await server.start(host, port))
        await stack.enter_async_context(watching.running())
        ctx.endless = options.until is None
        ended = await watching.wait()
    return watching.report(ended)


class _Watching:
    def __init__(self, options: HealthOptions, specs: list[ServerSpec], ctx: Context) -> None:
        self._options = options
        self._specs = specs
        self._ctx = ctx
        form = "jsonl" if ctx.options.format == "jsonl" or ctx.options.wants_json else ctx.options.format
        told = options.watch or options.until is not None
        self._table = told and ctx.world.stdout_tty and form in (None, "human")
        self._streams = told and form in (None, "human", "jsonl")
        self._over = asyncio.Event()
        self._complaint: str | None = None
        self._looking: asyncio.Task[None] | None = None
        self._history = History(history_file(ctx.world, ctx.options))
        self.monitor = Monitor(ctx.world.clock, ctx.world.now)
        self._notifier = Notifier(
            _receivers(options, ctx),
            ctx.redactor,
            complain=lambda message: ctx.emit(Noticed(message=message)),
            random=random.random,
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        plans = {spec.name: spec.health or HealthSpec() for spec in self._specs}
        for name, plan in plans.items():
            self.monitor.expect(name, plan)
        for spec in self._specs:
            if not spec.enabled:
                self.monitor.probed(skipped(spec, "it is switched off"))
        shared = around(self._ctx)
        probes = {
            spec.name: Probe(spec, shared, level=self._options.level, keep=True)
            for spec in self._specs
            if spec.enabled
        }
        usual = PATIENT if self._options.until is not None else None
        watching = Watch(
            probes,
            self.monitor,
            intervals={
                name: self._options.interval or usual or plans[name].interval or INTERVAL for name in probes
            },
            emit=self._heard,
            now=self._ctx.world.now,
            random=random.random,
            held=lambda name: name in resting(self._ctx),
        )
        self._looking = asyncio.create_task(watching.run())
        self._looking.add_done_callback(lambda _: self._over.set())
        passive = Passive(
            self._history,
            self.monitor,
            frozenset(plans),
            emit=self._heard,
            now=self._ctx.world.now,
        )
        tasks = [self._looking, asyncio.create_task(passive.run())]
        if self._table:
            tasks.append(asyncio.create_task(self._redraw()))
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            hurry = self._ctx.options.timeout is not None
            await self._notifier.aclose(*([MARGIN / 2] if hurry else []))

    async def wait(self) -> Literal["reached", "expired", "stopped"]:
        """Until what was waited for is there, or the time is over, or somebody ends it."""
        try:
            async with asyncio.timeout(before_the_end(self._ctx)):
                await self._over.wait()
        except TimeoutError:
            return "expired"
        except asyncio.CancelledError:
            return "stopped"  # the reason is known to whoever cancelled; what was seen is still worth telling
        if self._looking is not None and self._looking.done():
            self._looking.result()  # it never ends by itself but by a mistake of ours
        return "reached"

    def listening(self, address: str) -> None:
        """A stream of lines has one for it; people read it beside the answer."""
        if self._ctx.options.wants_json or (self._streams and not self._table):
            self._ctx.emit(HealthServed(address=address))
        else:
            self._ctx.emit(Noticed(message=f"listening on {address}"))

    def report(self, ended: Literal["reached", "expired", "stopped"]) -> HealthReport:
        found = self.monitor.report()
        code = exit_code(found.servers, fail_on=self._options.fail_on)
        if self._options.until is not None and ended != "reached":
            code = code or 1
        return replace(
            found,
            exit_code=code,
            watched="lines" if self._streams and not self._table else "table",
            output=self._options.output,
            form=self._ctx.options.format,
        )

    def counted(self, report: HealthReport) -> HealthReport:
        """With the calls that anybody made."""
        return with_history(report, self._history)

    def _heard(self, event: Event) -> None:
        if isinstance(event, HealthChanged | Alerted):
            self._notifier.tell(event)
        if isinstance(event, Noticed):
            self._ctx.emit(event)
            return
        if self._options.until is not None and self.monitor.complete and self.monitor.healthy:
            self._over.set()
        if isinstance(event, Probed) and self._options.output is not None:
            self._write()
        if self._table:
            self._draw()
        elif self._streams:
            self._ctx.emit(event)

    def _draw(self) -> None:
        world = self._ctx.world
        self._ctx.emit(
            HealthSeen(
                rows=self.monitor.rows(),
                changes=tuple(self.monitor.recent),
                at=instant(world.now()),
                room=world.rows,
            )
        )

    async def _redraw(self) -> None:
        while True:
            self._draw()
            await asyncio.sleep(REDRAWN)

    def _write(self) -> None:
        """For the node exporter, which reads whenever it likes."""
        from mcpctl.health.textfile import write

        assert self._options.output is not None
        path = self._ctx.world.cwd / self._options.output
        complaint = write(path, self._ctx.redactor.clean(exposition(self.counted(self.monitor.report()))))
        if complaint is not None and complaint != self._complaint:
            self._ctx.emit(Noticed(message=complaint))
        self._complaint = complaint


def _receivers(options: HealthOptions, ctx: Context) -> Receivers:
    try:
        command = tuple(shlex.split(options.on_change or ""))
    except ValueError as error:
        raise UsageError(
            "the command of `--on-change` has a quote that is never closed",
            code="usage.invalid_value",
            hint="close every quote, as in a shell",
        ) from error
    return Receivers(command=command, webhook=options.webhook, env=ctx.world.env, cwd=ctx.world.folder)
