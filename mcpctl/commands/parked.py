"""`call --elicit park`: a call that waits in the supervisor for the answer to what its server asks."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from mcpctl.commands.context import Context
from mcpctl.control.parking import Ask
from mcpctl.errors import UsageError
from mcpctl.model.calls import CallReport


async def parked(
    server: str, tool: str, begin: Callable[[Ask], Coroutine[Any, Any, CallReport]], ctx: Context
) -> CallReport:
    if ctx.host is None:
        raise UsageError(
            "a call can be parked only in a running supervisor",
            code="usage.park",
            hint="start one with `mcpctl run --detach`, or answer at once with `--elicit ask`",
        )
    return await ctx.host.parking.start(server, tool, begin)
