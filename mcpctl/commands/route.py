"""`mcpctl route @CAPABILITY`, and what `@CAPABILITY` in place of a server means: which one is asked, and why."""

from __future__ import annotations

from collections.abc import Collection

from mcpctl.commands.context import Context
from mcpctl.commands.looking import resting
from mcpctl.commands.own_place import history_file
from mcpctl.health.routing import SIGN, capable, choices
from mcpctl.history.reading import History
from mcpctl.model.route import Candidate, RouteOptions, RouteReport
from mcpctl.model.server import ServerSpec
from mcpctl.model.value import replace
from mcpctl.policy.outliers import Choice


def route(options: RouteOptions, ctx: Context) -> RouteReport:
    down = resting(ctx)
    return RouteReport(
        capability=options.capability.removeprefix(SIGN),
        candidates=tuple(
            Candidate(
                server=choice.server,
                latency_ms=None if choice.latency is None else round(choice.latency * 1000, 3),
                ejected=choice.ejected,
                down=choice.server in down,
                reason=choice.reason,
            )
            for choice in _ranked(options.capability, ctx, down)
        ),
    )


def chosen(word: str, ctx: Context) -> ServerSpec:
    """The server to ask; the others stand in for it, in their order."""
    first, *others = (choice.server for choice in _ranked(word, ctx, resting(ctx)))
    spec = ctx.settings.servers[first]
    return replace(spec, fallback=tuple(dict.fromkeys((*others, *spec.fallback))))


def _ranked(word: str, ctx: Context, down: Collection[str]) -> tuple[Choice, ...]:
    specs = capable(ctx.settings, word)
    return choices(specs, History(history_file(ctx.world, ctx.options)), ctx.world.now(), down=down)
