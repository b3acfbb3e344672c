"""`mcpctl restart SERVER…`: a new process, and a clean slate for its counters."""

from __future__ import annotations

from mcpctl.commands.context import Context
from mcpctl.commands.running import chosen, failures
from mcpctl.model.control import ChangedReport, RestartOptions


async def restart(options: RestartOptions, ctx: Context) -> ChangedReport:
    fleet = ctx.supervisor.fleet
    names = chosen(options.servers, ctx)
    await fleet.restart(names)
    servers = tuple(fleet.status(name) for name in names)
    errors = failures(fleet, names)
    return ChangedReport(servers=servers, errors=errors, exit_code=errors[0].exit_code if errors else 0)
