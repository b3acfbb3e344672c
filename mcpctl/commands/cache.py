"""`mcpctl cache clear [PATTERN]`: forget what tools have answered, so that the next calls ask again."""

from __future__ import annotations

from mcpctl.commands.context import Context
from mcpctl.model.control import CacheClearOptions, CacheClearReport


async def clear(options: CacheClearOptions, ctx: Context) -> CacheClearReport:
    return CacheClearReport(forgotten=ctx.supervisor.fleet.sessions.chains.clear_caches(options.pattern))
