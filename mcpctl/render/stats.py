"""How `mcpctl stats` looks: a table with a line of bars in each row, and below it what deserves attention."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mcpctl.model.duration import format_duration
from mcpctl.model.health import instant
from mcpctl.model.stats import Figures, Live, StatsAlert, StatsReport, StatsRow
from mcpctl.render.blocks import Block, Cell, Line, Style, Table, Words
from mcpctl.render.health import sparkline
from mcpctl.render.stats_page import page
from mcpctl.render.view import View

SCORES: dict[str, Style] = {
    "excellent": "good",
    "good": "good",
    "fair": "warn",
    "poor": "bad",
    "unknown": "dim",
}

MOST_ERRORS = 3
"""Kinds of errors that stand in a row."""


def data(report: StatsReport) -> dict[str, Any]:
    return report.data()


def human(report: StatsReport) -> Iterator[Block]:
    live = any(row.live is not None for row in report.rows)
    if not report.total.calls and not live:
        return
    columns = ("CALLS", "OK", "SCORE", "P50", "P95", "P99", "MAX", "CACHED", "ERRORS")
    names = {"server": ("SERVER",), "tool": ("SERVER", "TOOL"), "hour": ("HOUR",)}[report.by]
    tail = ("RESTARTS", "CALLS OVER TIME") if report.by == "server" else ("CALLS OVER TIME",)
    if live:
        tail = ("UPTIME", "CPU", "MEMORY", *tail)
    yield Table(
        (*names, *columns, *(tail if report.by != "hour" else ())), [_row(row, report) for row in report.rows]
    )
    if len(report.rows) > 1:
        total = report.total
        yield Line(
            (
                Cell("in all: ", "dim"),
                f"{total.calls} calls, {_percent(total.success_rate)} ok, ",
                Cell(total.score, SCORES[total.score]),
                f", {_size(total.bytes_in)} received",
            )
        )
    for row in report.rows:
        if row.live is not None and row.live.breaker not in {None, "closed"}:
            yield Line((Cell("breaker", "warn"), f"  {row.server}: {row.live.breaker}"))
    for alert in report.alerts:
        yield _alert(alert)
    for each in report.happened:
        yield Line((Cell(f"{instant(each.at)}  ", "dim"), f"{each.server}: {each.severity}  {each.message}"))


def notes(report: StatsReport) -> Iterator[Block]:
    if not report.total.calls:
        of = f" of `{report.server}`" if report.server else ""
        said = f" no call{of} was recorded in the last {format_duration(report.until - report.since)}"
        yield Line((Cell("note:", "dim"), said))
        yield Line(
            (Cell("  = ", "dim"), "calls through `mcpctl run` are recorded, within a second of their end")
        )
    if report.report is not None:
        yield Line((Cell("note:", "dim"), f" the report is in `{report.report}`"))


def _row(row: StatsRow, report: StatsReport) -> tuple[Words, ...]:
    names: tuple[Words, ...] = {
        "server": (Cell(row.server or "", "name"),),
        "tool": (row.server or "", Cell(row.tool or "", "name")),
        "hour": ("" if row.hour is None else instant(row.hour)[:16].replace("T", " "),),
    }[report.by]
    tail: tuple[Words, ...] = (sparkline(tuple(map(float, row.trend))),)
    if report.by == "server":
        tail = (str(row.restarts or 0), *tail)
    if any(each.live is not None for each in report.rows):
        tail = (*_live(row.live), *tail)
    return (*names, *_cells(row.figures), *(tail if report.by != "hour" else ()))


def _live(live: Live | None) -> tuple[Words, ...]:
    if live is None:
        return ("-", "-", "-")
    return (
        "-" if live.uptime is None else format_duration(live.uptime),
        "-" if live.cpu_seconds is None else format_duration(live.cpu_seconds),
        "-" if live.memory is None else _size(live.memory),
    )


def _cells(figures: Figures) -> tuple[Words, ...]:
    kinds = [f"{count} {kind}" for kind, count in list(figures.errors.items())[:MOST_ERRORS]]
    return (
        str(figures.calls),
        _percent(figures.success_rate),
        Cell(figures.score, SCORES[figures.score]),
        *(_ms(figures.latency_ms.get(name)) for name in ("p50", "p95", "p99", "max")),
        _percent(figures.cache_hit_rate) if figures.cached else "-",
        ", ".join(kinds) or "-",
    )


def _alert(alert: StatsAlert) -> Line:
    style: Style = "bad" if alert.severity == "critical" else "warn"
    return Line(
        (
            Cell(f"{instant(alert.at)}  ", "dim"),
            Cell(alert.severity, style),
            f"  {alert.server}: {alert.message}",
        )
    )


def _percent(share: float | None) -> str:
    if share is None:
        return "-"
    # Never 100 % while something failed.
    return "100%" if share == 1 else f"{min(share * 100, 99.99):.4g}%"


def _ms(value: float | None) -> str:
    return "-" if value is None else format_duration(value / 1000)


def _size(count: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.3g} {unit}"
        count /= 1000
    return f"{count:.3g} TB"


def files(report: StatsReport) -> Iterator[tuple[str, str]]:
    if report.report is not None:
        yield report.report, page(report)


STATS = View(report=StatsReport, data=data, human=human, notes=notes, files=files)
