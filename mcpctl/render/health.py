"""How `mcpctl health` looks: a table of servers with what is wrong below it, and a live one for `--watch`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from mcpctl.model.duration import format_duration
from mcpctl.model.health import (
    Alerted,
    Check,
    HealthChanged,
    HealthReport,
    HealthSeen,
    HealthServed,
    Probed,
    ServerHealth,
    Verdict,
    WatchRow,
)
from mcpctl.render.blocks import Block, Cell, Flow, Line, Screenful, Style, Table, Words
from mcpctl.render.envelope import describe, encode
from mcpctl.render.health_formats import ending, github, jsonl
from mcpctl.render.health_junit import junit
from mcpctl.render.prometheus import prometheus
from mcpctl.render.view import View

STYLES: dict[Verdict, Style] = {
    "healthy": "good",
    "degraded": "warn",
    "unhealthy": "bad",
    "auth_required": "bad",
    "unreachable": "bad",
    "config_error": "bad",
    "skipped": "dim",
}

BARS = "▁▂▃▄▅▆▇█"

SPARKS = 16
"""Latencies in a row of the live table."""

CHANGES = 8
"""Changes that a summary shows."""

FRAME = 5
"""Lines of the live table that are neither servers nor changes."""


def data(report: HealthReport) -> dict[str, Any]:
    return report.data()


def human(report: HealthReport) -> Iterator[Block]:
    if report.watched == "lines":
        yield encode(ending(report))
        return
    yield Table(
        ("SERVER", "STATUS", "LEVEL", "LATENCY", "TOOLS", "PROTOCOL"),
        [
            (
                Cell(server.name, "name"),
                Cell(server.status, STYLES[server.status]),
                server.level,
                _ms(server.latency_ms),
                "-" if server.tools is None else str(server.tools),
                server.protocol_version or "-",
            )
            for server in report.servers
        ],
    )
    for server in report.servers:
        yield from _findings(server)
    if report.watched is not None:
        yield from _summary(report)


def notes(report: HealthReport) -> Iterator[Block]:
    for server in report.servers:
        for check in server.checks:
            if check.status == "skipped" and server.status != "skipped":
                yield Line((Cell("note:", "dim"), f" `{server.name}`: {check.message}"))


def sparkline(values: tuple[float, ...]) -> str:
    """From nothing to the largest, so that a steady line is not drawn as noise."""
    if not values:
        return ""
    top = max(values) or 1.0
    return "".join(BARS[min(int(value / top * len(BARS)), len(BARS) - 1)] for value in values)


def live(event: HealthSeen) -> Block:
    """Never more than the terminal has lines, or it would scroll away from under the next one."""
    room = max(event.room - FRAME, 1)
    shown = sorted(event.rows, key=lambda row: row.state in ("healthy", "skipped"))[:room]
    left = len(event.rows) - len(shown)
    more = f"  and {left} more that are well" if left else ""
    rows: list[Block] = [
        Line((Cell("mcpctl health", "strong"), Cell(f"  {event.at}  Ctrl-C ends{more}", "dim"))),
        Table(("SERVER", "STATE", "LATENCY", "LAST", "SINCE", "LAST ERROR"), [_row(row) for row in shown]),
    ]
    if event.changes and len(shown) < room:
        recent = event.changes[-(room - len(shown)) :]
        rows.append(Table(("WHEN", "SERVER", "CHANGE", "WHY"), [_change_row(each) for each in recent]))
    return Screenful(tuple(rows))


def changed(change: HealthChanged | Alerted) -> Flow:
    if isinstance(change, Alerted):
        style: Style = "bad" if change.severity == "critical" else "warn"
        return Flow(
            (
                Cell(f"{change.at}  ", "dim"),
                f"{change.server}: ",
                Cell(change.rule, style),
                f"  {change.message}",
            )
        )
    reason = f"  {change.reason}" if change.reason else ""
    return Flow(
        (
            Cell(f"{change.at}  ", "dim"),
            f"{change.server}: {change.before or 'new'} → ",
            Cell(change.after, STYLES[change.after]),
            reason,
        )
    )


def _change_row(change: HealthChanged | Alerted) -> tuple[Words, ...]:
    when = change.at[11:19]
    if isinstance(change, Alerted):
        style: Style = "bad" if change.severity == "critical" else "warn"
        return when, change.server or "", Cell(change.rule, style), change.message
    word = f"{change.before or 'new'} → {change.after}"
    return when, change.server or "", Cell(word, STYLES[change.after]), change.reason


def _row(row: WatchRow) -> tuple[Words, ...]:
    state: Words = Cell("…" if row.state is None else row.state, STYLES[row.state] if row.state else "dim")
    return (
        Cell(row.name, "name"),
        state,
        sparkline(row.latencies_ms[-SPARKS:]),
        _ms(row.latencies_ms[-1] if row.latencies_ms else None),
        "-" if row.since is None else format_duration(row.since),
        row.last_error,
    )


def _findings(server: ServerHealth) -> Iterator[Block]:
    for check in server.checks:
        if check.status in ("failed", "warning"):
            yield from _finding(server, check)


def _finding(server: ServerHealth, check: Check) -> Iterator[Block]:
    style: Style = "bad" if check.status == "failed" else "warn"
    code = f"{check.code} " if check.code else ""
    yield Flow((Cell(f"{code}{server.name}", style), Cell(f" {check.name}: ", "dim"), check.message or ""))
    if check.hint:
        yield Line((Cell("  = ", "dim"), check.hint))


def _summary(report: HealthReport) -> Iterator[Block]:
    yield Line((Cell(f"{report.probes} looks, {len(report.changes)} changes", "strong"),))
    for change in report.changes[-CHANGES:]:
        yield changed(change)


def _ms(value: float | None) -> str:
    return "-" if value is None else format_duration(value / 1000)


def _as_line(event: Any) -> Block:
    return encode(describe(event))


def _formatted(form: Callable[[HealthReport], str]) -> Callable[[HealthReport], str]:
    """What goes to a file does not go to stdout too."""
    return lambda report: "" if report.output is not None else form(report)


_FORMS: dict[str, Callable[[HealthReport], str]] = {
    "jsonl": jsonl,
    "junit": junit,
    "github": github,
    "prometheus": prometheus,
}


def files(report: HealthReport) -> Iterator[tuple[str, str]]:
    if report.output is not None and report.form in _FORMS:
        yield report.output, _FORMS[report.form](report)


HEALTH = View(
    report=HealthReport,
    data=data,
    human=human,
    notes=notes,
    formats={name: _formatted(form) for name, form in _FORMS.items()},
    streams={
        HealthServed: _as_line,
        Probed: _as_line,
        HealthChanged: _as_line,
        Alerted: _as_line,
        HealthSeen: live,
    },
    files=files,
)
