"""`mcpctl stats`: what calls took, how many failed, and what about them deserves attention, from the history."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mcpctl.commands.context import Context
from mcpctl.commands.own_place import history_file
from mcpctl.config.lookup import lookup
from mcpctl.history.reading import History
from mcpctl.history.summary import Summary, figures, happenings, p95_of
from mcpctl.history.usage import usage
from mcpctl.model.running import ServerStatus
from mcpctl.model.stats import Figures, Live, StatsOptions, StatsReport, StatsRow
from mcpctl.model.value import replace

SINCE = 86400.0
"""Seconds: a day, unless somebody says otherwise."""

USUAL = 7 * 86400.0
"""Seconds before the time that is reported on, which it is compared with."""

PLOTTED_TOOLS = 20
"""Those with the most calls: more lines than that nobody can tell apart."""


def stats(options: StatsOptions, ctx: Context) -> StatsReport:
    until = ctx.world.now()
    since = until - (SINCE if options.since is None else options.since)
    path = history_file(ctx.world, ctx.options)
    history = History(path)
    summary = Summary(history.spans(since, until, server=options.server), since=since, until=until)
    happened = history.happened(since, server=options.server)
    total = figures(summary.whole)
    if options.server is not None and not total.calls and not happened:
        # Nothing is a fine answer, but not about a name that nobody knows.
        lookup(ctx.settings, options.server)
    usual = p95_of(history.spans(since - USUAL, since, server=options.server))
    counted = {name: usual.get(name) for name in summary.busy()}
    by = options.by or ("server" if options.server is None else "tool")
    rows = summary.rows(by, happened)
    if by == "server" and ctx.host is not None:
        rows = _with_live(rows, ctx.host.fleet.statuses())
    return StatsReport(
        since=since,
        until=until,
        by=by,
        server=options.server,
        total=total,
        rows=rows,
        moments=summary.moments(),
        alerts=summary.alerts(happened, counted),
        happened=happenings(happened),
        tools=summary.tools()[:PLOTTED_TOOLS],
        path=str(path),
        report=options.report,
    )


def _with_live(rows: Sequence[StatsRow], statuses: Iterable[ServerStatus]) -> tuple[StatsRow, ...]:
    """What a supervisor knows besides; a server that nobody has called yet gets a row too."""
    named = {row.server: row for row in rows}
    for status in statuses:
        row = named.get(status.name) or StatsRow(server=status.name, figures=Figures())
        named[status.name] = replace(row, live=_live(status), restarts=row.restarts or status.restarts)
    return tuple(named.values())


def _live(status: ServerStatus) -> Live:
    used = None if status.pid is None else usage(status.pid)
    return Live(
        state=status.state,
        uptime=status.uptime,
        cpu_seconds=None if used is None else used.cpu_seconds,
        memory=None if used is None else used.resident,
        in_flight=status.in_flight,
        breaker=status.breaker,
    )
