"""What every look at servers needs from the context: how to reach them, and which a supervisor lets rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mcpctl.commands.context import Context

if TYPE_CHECKING:
    from mcpctl.health.probe import Surroundings

RESTING = ("backoff", "failed")
"""States of a supervised server in which asking it would only make the next one wait."""


MARGIN = 0.2
"""Seconds before the whole command's limit at which waiting ends, so that what was seen decides the exit code."""


def before_the_end(ctx: Context) -> float | None:
    """Seconds that may be waited, where the whole command has a limit."""
    limit = ctx.options.timeout
    return None if limit is None else max(limit - MARGIN, limit / 2)


def around(ctx: Context) -> Surroundings:
    from mcpctl.health.checkup import surroundings

    return surroundings(ctx.sessions, ctx.launches, ctx.settings, ctx.world)


def resting(ctx: Context) -> dict[str, str]:
    """Servers that a supervisor lets rest after a failure, and why."""
    if ctx.host is None:
        return {}
    return {each.name: each.reason for each in ctx.host.fleet.statuses() if each.state in RESTING}
