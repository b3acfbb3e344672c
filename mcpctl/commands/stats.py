"""`mcpctl stats`: what calls took, how many failed, and what about them deserves attention, from the history."""

from __future__ import annotations

from mcpctl.commands.context import Context
from mcpctl.history.place import history_path
from mcpctl.history.reading import History
from mcpctl.history.summary import Summary, figures, happenings, p95_of
from mcpctl.model.stats import StatsOptions, StatsReport

SINCE = 86400.0
"""Seconds: a day, unless somebody says otherwise."""

USUAL = 7 * 86400.0
"""Seconds before the time that is reported on, which it is compared with."""

FEW_CALLS = 20
"""Calls below which nothing is unusual."""

PLOTTED_TOOLS = 20


def stats(options: StatsOptions, ctx: Context) -> StatsReport:
    until = ctx.world.now()
    since = until - (SINCE if options.since is None else options.since)
    path = history_path(ctx.world.env)
    history = History(path)
    summary = Summary(history.spans(since, until, server=options.server), since=since, until=until)
    happened = history.happened(since, server=options.server)
    usual = p95_of(history.spans(since - USUAL, since, server=options.server))
    counted = {name: usual.get(name) for name, series in summary.servers.items() if series.calls >= FEW_CALLS}
    by = options.by or ("server" if options.server is None else "tool")
    return StatsReport(
        since=since,
        until=until,
        by=by,
        server=options.server,
        total=figures(summary.whole),
        rows=summary.rows(by, happened),
        moments=summary.moments(),
        alerts=summary.alerts(happened, counted),
        happened=happenings(happened),
        tools=summary.tools()[:PLOTTED_TOOLS],
        path=str(path),
        report=options.report,
    )
