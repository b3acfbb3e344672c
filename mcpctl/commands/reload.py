"""`mcpctl reload`: read the configuration again; with names, let those servers start their newest build."""

from __future__ import annotations

from mcpctl.commands.context import Context
from mcpctl.commands.running import chosen
from mcpctl.model.control import ChangedReport, ReloadOptions


async def reload(options: ReloadOptions, ctx: Context) -> ChangedReport:
    host = ctx.supervisor
    await host.reconfigure()
    if options.servers:
        names = chosen(options.servers, ctx)
        await host.fleet.reload(names, "`mcpctl reload`")
    return ChangedReport(servers=host.fleet.statuses())
