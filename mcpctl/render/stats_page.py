"""`stats --report FILE.html`: one page with plots and tables, complete in itself and readable without network."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from mcpctl.model.duration import format_duration
from mcpctl.model.health import instant
from mcpctl.model.stats import Figures, StatsAlert, StatsReport, StatsRow
from mcpctl.policy.sanitise import sanitise_line
from mcpctl.render.stats_plots import Curve, bars, lines, ranking

STYLE = """
:root { color-scheme: light dark; --ink: #1c2330; --dim: #667085; --line: #d9dee7; --paper: #fff;
  --c1: #2b6cb0; --c2: #c2410c; --c3: #15803d; --bad: #b42318; --warn: #b54708; --good: #15803d; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ef; --dim: #98a2b3; --line: #344054; --paper: #12161e;
  --c1: #63a4ec; --c2: #f59e5b; --c3: #5cc98a; --bad: #f97066; --warn: #fdb022; --good: #5cc98a; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); margin: 2rem auto;
  max-width: 60rem; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin: 0 } h2 { font-size: 1.05rem; margin: 2rem 0 .5rem }
.dim, .legend, svg text { color: var(--dim); fill: var(--dim) }
.tiles { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1.25rem 0 }
.tile { border: 1px solid var(--line); border-radius: .5rem; padding: .6rem 1rem; min-width: 7rem }
.tile b { display: block; font-size: 1.35rem }
svg { width: 100%; height: auto; display: block } svg text { font-size: 11px }
.grid { stroke: var(--line) } .line { fill: none; stroke-width: 2 }
.c1 { color: var(--c1); stroke: var(--c1); fill: var(--c1) } .c2 { color: var(--c2); stroke: var(--c2); fill: var(--c2) }
.c3 { color: var(--c3); stroke: var(--c3); fill: var(--c3) } .line { fill: none !important } .fill { stroke: none }
.legend { margin: .25rem 0 0; font-size: .85rem } .legend span { margin-right: 1rem }
.dot { display: inline-block; width: .7em; height: .7em; border-radius: 50%; background: currentColor; margin-right: .4em }
table { border-collapse: collapse; width: 100%; font-size: .9rem; font-variant-numeric: tabular-nums }
th, td { text-align: right; padding: .3rem .5rem; border-bottom: 1px solid var(--line) }
th:first-child, td:first-child, th.text, td.text { text-align: left } th { color: var(--dim); font-weight: 500 }
.scroll { overflow-x: auto } .critical, .poor { color: var(--bad) } .warning, .fair { color: var(--warn) }
.excellent, .good { color: var(--good) }
"""


def page(report: StatsReport) -> str:
    about = f" of {report.server}" if report.server else ""
    body = [
        f"<h1>Calls{_text(about)}</h1>",
        f'<p class="dim">{instant(report.since)} to {instant(report.until)}, by mcpctl</p>',
        _tiles(report.total),
        *_plots(report),
        _section("Rows", _table(report.rows, report.by)),
    ]
    if report.by != "tool" and report.tools:
        body.append(_section("Tools", _table(report.tools, "tool")))
    if report.alerts:
        body.append(_section("Alerts", _told(report.alerts)))
    if report.happened:
        body.append(_section("What happened", _told(report.happened)))
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>mcpctl stats{_text(about)}</title><style>{STYLE}</style></head>\n"
        f"<body>{''.join(body)}</body></html>\n"
    )


def _plots(report: StatsReport) -> Iterable[str]:
    times = [instant(moment.at)[5:16].replace("T", " ") for moment in report.moments]
    latency = [
        Curve("p50", [moment.p50_ms for moment in report.moments]),
        Curve("p95", [moment.p95_ms for moment in report.moments]),
    ]
    yield _section("Latency over time", lines(latency, times, _ms))
    outcomes = [
        Curve("ok", [moment.calls - moment.failed for moment in report.moments]),
        Curve("failed", [moment.failed for moment in report.moments]),
    ]
    yield _section("Calls and errors over time", bars(outcomes, times, _count))
    if report.total.errors:
        yield _section("Errors by kind", ranking([*report.total.errors.items()], _count))
    if report.tools:
        named = [(f"{row.server}.{row.tool}", float(row.figures.calls)) for row in report.tools]
        yield _section(
            "Calls by tool", ranking([(sanitise_line(name), value) for name, value in named], _count)
        )


def _tiles(total: Figures) -> str:
    rate = "-" if total.success_rate is None else f"{total.success_rate * 100:.4g} %"
    hits = "-" if total.cache_hit_rate is None else f"{total.cache_hit_rate * 100:.3g} %"
    tiles = (
        ("calls", _count(total.calls), ""),
        ("success", rate, ""),
        ("score", total.score, total.score),
        ("p50", _ms(total.latency_ms.get("p50")), ""),
        ("p95", _ms(total.latency_ms.get("p95")), ""),
        ("p99", _ms(total.latency_ms.get("p99")), ""),
        ("slowest", _ms(total.latency_ms.get("max")), ""),
        ("from cache", hits, ""),
    )
    cells = (
        f'<div class="tile"><b class="{_text(style)}">{_text(value)}</b><span class="dim">{_text(name)}</span></div>'
        for name, value, style in tiles
    )
    return f'<div class="tiles">{"".join(cells)}</div>'


def _table(rows: Sequence[StatsRow], by: str) -> str:
    head = ("calls", "success", "score", "p50", "p95", "p99", "max", "errors")
    names = "".join(f"<th>{_text(name)}</th>" for name in (by, *head))
    return (
        f'<div class="scroll"><table><tr>{names}</tr>{"".join(_row(row, by) for row in rows)}</table></div>'
    )


def _row(row: StatsRow, by: str) -> str:
    figures = row.figures
    name = {
        "server": row.server or "",
        "tool": f"{row.server}.{row.tool}",
        "hour": "" if row.hour is None else instant(row.hour)[:16].replace("T", " "),
    }[by]
    rate = "-" if figures.success_rate is None else f"{figures.success_rate * 100:.4g} %"
    times = (_ms(figures.latency_ms.get(each)) for each in ("p50", "p95", "p99", "max"))
    failed = str(figures.calls - figures.ok)
    cells = (name, _count(figures.calls), rate, figures.score, *times, failed)
    return f"<tr>{''.join(f'<td>{_text(cell)}</td>' for cell in cells)}</tr>"


def _told(alerts: Sequence[StatsAlert]) -> str:
    rows = (
        f'<tr><td>{instant(each.at)}</td><td class="text {_text(each.severity)}">{_text(each.severity)}</td>'
        f'<td class="text">{_text(each.server)}</td><td class="text">{_text(each.message)}</td></tr>'
        for each in alerts
    )
    return f'<div class="scroll"><table>{"".join(rows)}</table></div>'


def _section(title: str, body: str) -> str:
    return f"<section><h2>{_text(title)}</h2>{body}</section>"


def _text(text: str) -> str:
    return escape(sanitise_line(text))


def _ms(value: float | None) -> str:
    return "-" if value is None else format_duration(value / 1000)


def _count(value: float) -> str:
    return f"{value:,.0f}"
