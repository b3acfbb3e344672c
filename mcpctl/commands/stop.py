"""`mcpctl stop SERVER…`, or `--all`: the supervisor itself, with all its servers."""

from __future__ import annotations

from mcpctl.commands.context import Context
from mcpctl.commands.running import chosen
from mcpctl.errors import UsageError
from mcpctl.model.control import ChangedReport, StopOptions


async def stop(options: StopOptions, ctx: Context) -> ChangedReport:
    host = ctx.supervisor
    if options.all == bool(options.servers):
        raise UsageError(
            "name servers to stop, or say `--all`" if not options.all else "`--all` stands for every server",
            code="usage.missing" if not options.all else "usage.conflict",
            hint="`mcpctl stop --all` ends the supervisor too",
        )
    if options.all:
        host.end()
        return ChangedReport(servers=host.fleet.statuses(), stopped=True)
    names = chosen(options.servers, ctx)
    await host.fleet.stop(names)
    return ChangedReport(servers=tuple(host.fleet.status(name) for name in names))
