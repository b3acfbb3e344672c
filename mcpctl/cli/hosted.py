"""Runs a command line inside a supervisor, for a client that waits for it: the same words, the same answers.

Nothing here may end the process or wait for signals: both belong to the supervisor.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mcpctl.cli.argv import Line
from mcpctl.cli.drive import GRACE
from mcpctl.cli.execute import Execution, as_ours, refuse, show_error
from mcpctl.cli.generated.table import GRAMMARS
from mcpctl.cli.stopping import out_of_time
from mcpctl.cli.understanding import Invocation, understand, whatever_was_asked_for
from mcpctl.cli.verbs import VERBATIM, VERBS
from mcpctl.errors import McpctlError, OutputError
from mcpctl.model.report import Report
from mcpctl.model.world import World
from mcpctl.render.renderer import Renderer
from mcpctl.supervisor.fleet import CALLER

if TYPE_CHECKING:
    from mcpctl.control.host import Host, Stops


async def perform(argv: Sequence[str], world: World, host: Host, stops: Stops) -> int:
    """The exit code of one client's command. Never raises for what a command does."""
    line = Line(argv, GRAMMARS, VERBATIM)
    try:
        invocation = understand(line, VERBS)
    except McpctlError as error:
        return refuse(error, world, whatever_was_asked_for(line), line.words)
    redactor = host.fleet.redactor
    renderer = Renderer(world, invocation.everywhere, command=invocation.words, redactor=redactor)
    try:
        execution = Execution(invocation, world, renderer, redactor, host=host)
        try:
            return await _run(execution, invocation, stops)
        finally:
            execution.close()
    except Exception as error:
        return show_error(renderer, as_ours(error))


async def _run(execution: Execution, invocation: Invocation, stops: Stops) -> int:
    execution.end = stops.stop
    CALLER.set(execution.emit)
    outcome = execution.begin()
    if not hasattr(outcome, "__await__"):
        return execution.present(outcome, None)
    work: asyncio.Task[Report] = asyncio.ensure_future(outcome)
    stopped = asyncio.Event()

    def stop(_: McpctlError) -> None:
        stopped.set()
        work.cancel()

    stops.listen(stop)
    limit = invocation.everywhere.timeout
    timer = None
    if limit is not None:
        late = out_of_time(limit, invocation.words)
        timer = asyncio.get_running_loop().call_later(limit, lambda: stops.stop(late))
    try:
        result = await _ended(work, stopped)
    except asyncio.CancelledError:
        work.cancel()
        await asyncio.wait({work}, timeout=GRACE)
        raise
    finally:
        stops.close()
        if timer is not None:
            timer.cancel()
    return execution.present(result, stops.reason)


async def _ended(work: asyncio.Task[Any], stopped: asyncio.Event) -> Report | BaseException | None:
    """The report or the error. A command that does not end when it is told to is left behind."""
    told = asyncio.ensure_future(stopped.wait())
    try:
        await asyncio.wait({work, told}, return_when=asyncio.FIRST_COMPLETED)
        if not work.done():
            await asyncio.wait({work}, timeout=GRACE)
    finally:
        told.cancel()
    if not work.done() or work.cancelled():
        return None if stopped.is_set() else OutputError("the command was cancelled")
    error = work.exception()
    return error if error is not None else work.result()
