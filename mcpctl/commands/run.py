"""`mcpctl run [SERVER…]`: keep servers running, and let every other verb use them."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from mcpctl import __version__
from mcpctl.commands.context import Context
from mcpctl.commands.endpoint import Endpoint, check_endpoint
from mcpctl.commands.own_place import log_folder, place
from mcpctl.errors import ConnectError, McpctlError
from mcpctl.model.events import Emit, Event, Noticed
from mcpctl.model.running import RunOptions, RunReport, StateChanged, Supervised, Surveyed

if TYPE_CHECKING:
    from mcpctl.commands.reconfiguring import Reconfiguring
    from mcpctl.control.host import Host
    from mcpctl.control.server import Control

SURVEY = 1.0
"""Seconds between two looks at the live table."""

LAST_WORDS = 1.0
"""Seconds that clients have for their answers when the supervisor leaves."""

ENDING = 12.0
"""Seconds in which a supervisor ends all that it runs; what is left then is killed when its process ends."""


async def run(options: RunOptions, ctx: Context) -> RunReport:
    check_endpoint(options, ctx)
    if ctx.host is not None:
        from mcpctl.commands.joining import accompany

        return await accompany(options, ctx, ctx.host)
    if options.detach:
        from mcpctl.commands.detaching import detach

        return await detach(options, ctx)
    from mcpctl.control.server import Control

    settings = ctx.settings
    control = Control(place(ctx.world, ctx.options), ctx.world.env)
    if options.replace:
        from mcpctl.commands.detaching import take_over

        await take_over(control)
    try:
        control.claim()
    except ConnectError:
        # An endpoint is there for its hosts, whoever else runs.
        if not options.stdio and options.http is None:
            raise
        from mcpctl.commands.joining import join

        if (joined := join(control.socket, options, ctx)) is not None:
            return joined
    try:
        if not settings.servers and not options.servers:
            ctx.emit(Noticed(message="the configuration names no server; those that are called are started"))
        return await _supervise(options, ctx, control)
    finally:
        control.release()


async def _supervise(options: RunOptions, ctx: Context, control: Control) -> RunReport:
    from mcpctl.commands.recording import Recording
    from mcpctl.commands.serving import served
    from mcpctl.control.host import Host
    from mcpctl.supervisor.fleet import Fleet
    from mcpctl.supervisor.runfile import RunFile

    recording = Recording(ctx, ctx.emit)
    failures = _Failures(recording.emit)
    # In the background of a shell, a client's question would stop the supervisor instead of being asked.
    signal.signal(signal.SIGTTIN, signal.SIG_IGN)
    base = ctx.settings.base
    config = None if base is None else str(base)
    run_file = RunFile(control.run_file, config=config, version=__version__) if control.claimed else None
    if run_file is not None:
        run_file.write()
    fleet = Fleet(
        ctx.settings,
        ctx.world,
        redactor=ctx.redactor,
        emit=failures.emit,
        log_folder=log_folder(ctx.world, ctx.options),
        run_file=run_file,
        launches=ctx.launches,
        record=recording.record,
    )
    from mcpctl.commands.reconfiguring import Reconfiguring

    reading = Reconfiguring(fleet, ctx)
    host = Host(fleet, ctx.world, config=config, reconfigure=reading.again)
    try:
        names = fleet.select(options.servers)
        assert ctx.perform is not None
        if control.claimed:
            control.open(host, ctx.perform)
        ctx.emit(Supervised(pid=host.pid, socket=str(control.socket), config=config))
        async with served(options, ctx, fleet, recording):
            return await _until_the_end(options, ctx, host, failures, names=names, reading=reading)
    finally:
        await within(ENDING, _end(control, host))
        recording.close()


async def _end(control: Control, host: Host) -> None:
    await control.idle(LAST_WORDS)
    await host.parking.aclose()
    await control.aclose()
    await host.fleet.aclose()


async def within(seconds: float, ending: Coroutine[Any, Any, None]) -> None:
    """Wait for an end so long at most, whatever becomes of it."""
    task = asyncio.ensure_future(ending)
    await asyncio.wait({task}, timeout=seconds)
    if task.done():
        task.result()


async def _until_the_end(
    options: RunOptions,
    ctx: Context,
    host: Host,
    failures: _Failures,
    *,
    names: list[str],
    reading: Reconfiguring,
) -> RunReport:
    fleet = host.fleet
    ends: list[asyncio.Task[Any]] = [asyncio.create_task(host.ended())]
    ctx.endless = True
    endpoint = Endpoint(options, fleet, ctx)
    if endpoint.wanted:
        ends.append(await endpoint.open(names[0]))
        names = names[1:]  # the first one starts when a host says who it is
    works: list[asyncio.Task[Any]] = [asyncio.create_task(fleet.start(names))]
    if ctx.world.stderr_tty and not ctx.options.wants_json:
        works.append(asyncio.create_task(_survey(host, ctx)))
    watching = None
    if options.watch:
        from mcpctl.commands.watching import Watching

        watching = Watching(fleet, ctx, reading)
    if options.exit_on_failure:
        ends.append(asyncio.create_task(failures.first.wait()))
    if options.idle is not None:
        ends.append(asyncio.create_task(_unused(host, options.idle, ctx)))
    try:
        await asyncio.wait(ends, timeout=options.duration, return_when=asyncio.FIRST_COMPLETED)
        failed = options.exit_on_failure and failures.first.is_set()
        return RunReport(
            pid=host.pid,
            servers=fleet.statuses(),
            exit_code=1 if failed else 0,
            errors=tuple(failures.errors) if failed else (),
        )
    finally:
        if watching is not None:
            watching.close()
        for task in (*works, *ends):
            task.cancel()
        await asyncio.gather(*works, *ends, endpoint.aclose(), return_exceptions=True)


async def _survey(host: Host, ctx: Context) -> None:
    """For somebody who watches a terminal; ends with the command."""
    while True:
        ctx.emit(Surveyed(servers=host.fleet.statuses()))
        await asyncio.sleep(SURVEY)


async def _unused(host: Host, limit: float, ctx: Context) -> None:
    """Wait until nobody has called anything for so long."""
    while True:
        left = host.fleet.idle_since + limit - ctx.world.clock()
        if left <= 0 and not host.clients:
            return
        await asyncio.sleep(max(left, 0.1))


class _Failures:
    """Passes events on, and notices servers that are given up."""

    def __init__(self, emit: Emit) -> None:
        self.first = asyncio.Event()
        self.errors: list[McpctlError] = []
        self._emit = emit

    def emit(self, event: Event) -> None:
        if isinstance(event, StateChanged) and event.state == "failed":
            self.errors.append(ConnectError(event.reason, code="connect.failed", server=event.server))
            self.first.set()
        self._emit(event)
