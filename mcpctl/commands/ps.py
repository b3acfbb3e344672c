"""`mcpctl ps`: the servers of the running supervisor."""

from __future__ import annotations

from mcpctl.commands.context import Context
from mcpctl.model.control import PsOptions, PsReport


def ps(options: PsOptions, ctx: Context) -> PsReport:
    del options
    host = ctx.supervisor
    return PsReport(pid=host.pid, uptime=host.uptime, config=host.config, servers=host.fleet.statuses())
