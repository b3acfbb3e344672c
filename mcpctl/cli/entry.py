"""A command line in, an exit code out. Whoever has an argv and a world may call it: the process, a supervisor, a test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from mcpctl.cli.argv import Line
from mcpctl.cli.execute import execute, refuse
from mcpctl.cli.generated.table import GRAMMARS
from mcpctl.cli.grammar import Grammar
from mcpctl.cli.understanding import understand, whatever_was_asked_for
from mcpctl.cli.verbs import VERBATIM, VERBS, Verb
from mcpctl.commands.context import HandOver
from mcpctl.control.client import is_for_supervisor
from mcpctl.errors import ConnectError, McpctlError
from mcpctl.model.world import World

if TYPE_CHECKING:
    from mcpctl.control.host import Host, Stops


def run(
    argv: Sequence[str],
    world: World,
    *,
    verbs: Mapping[str, Verb] = VERBS,
    grammars: Mapping[str, Grammar | None] = GRAMMARS,
    hands_over: bool = False,
    waited: float = 0.0,
) -> int:
    """`waited` seconds of the command's time have gone already, for a supervisor that did not take it."""
    line = Line(argv, grammars, VERBATIM)
    try:
        invocation = understand(line, verbs)
    except McpctlError as error:
        return refuse(error, world, whatever_was_asked_for(line), line.words)
    return execute(invocation, world, hands_over=hands_over, perform=_perform, waited=waited)


def run_process(argv: Sequence[str], waited: float) -> int:
    """The command line of this very process, which has `waited` for a supervisor."""
    from mcpctl.config.env import world_from_process

    try:
        world = world_from_process()
    except McpctlError as error:
        return _refused(argv, error, world_from_process(folder="/"))
    try:
        return run(argv, world, hands_over=is_for_supervisor(argv), waited=waited)
    except HandOver as handed:
        return _hand_over(argv, handed, waited)


def supervisor_was_lost(argv: Sequence[str]) -> int:
    """It ended in the middle of this command, which is not done again: it may have been a call."""
    from mcpctl.config.env import world_from_process

    error = ConnectError(
        "the supervisor ended before it had answered",
        code="connect.supervisor_lost",
        hint="whether it came to do this is not known; see `mcpctl doctor`",
    )
    return _refused(argv, error, world_from_process())


def _refused(argv: Sequence[str], error: McpctlError, world: World) -> int:
    line = Line(argv, GRAMMARS, VERBATIM)
    return refuse(error, world, whatever_was_asked_for(line), line.words)


async def _perform(argv: Sequence[str], world: World, host: Host, stops: Stops) -> int:
    """How a supervisor runs the command lines of its clients."""
    from mcpctl.cli.hosted import perform

    return await perform(argv, world, host, stops)


def _hand_over(argv: Sequence[str], handed: HandOver, waited: float) -> int:
    """Start the supervisor that keeps this server alive, and let it do the command."""
    import asyncio
    from time import monotonic

    from mcpctl.commands.detaching import keep_alive
    from mcpctl.control import client

    world = handed.ctx.world
    began = monotonic() - waited
    try:
        asyncio.run(keep_alive(handed.spec, handed.ctx))
    except McpctlError as error:
        return _refused(argv, error, world)
    code = client.run(list(argv), world.env)
    if code == client.LOST:
        return supervisor_was_lost(argv)
    return code if isinstance(code, int) else run(argv, world, waited=monotonic() - began)
