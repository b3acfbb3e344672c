"""How the life of supervised servers is shown: one line for each thing that happens, and a table at the end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mcpctl.model.duration import format_duration
from mcpctl.model.events import Event
from mcpctl.model.health import HealthChanged, HealthServed
from mcpctl.model.running import (
    ConfigRefused,
    LastExit,
    Reconfigured,
    Reloaded,
    ReloadFailed,
    RunReport,
    RunState,
    Served,
    ServerStatus,
    StateChanged,
    Supervised,
    Surveyed,
    ToolChanges,
    Wrote,
)
from mcpctl.model.server import BreakerState
from mcpctl.render.blocks import Block, Cell, Line, Style, Table, Words
from mcpctl.render.view import View

STATES: dict[str, Style] = {
    "running": "good",
    "degraded": "warn",
    "starting": "dim",
    "draining": "dim",
    "backoff": "warn",
    "failed": "bad",
    "stopped": "dim",
}

COLUMNS = ("NAME", "STATE", "PID", "UPTIME", "RESTARTS", "TOOLS", "CALLS", "P50", "LAST ERROR")


def data(report: RunReport) -> dict[str, Any]:
    return {
        "pid": report.pid,
        "detached": report.detached,
        "socket": report.socket,
        "log": report.log,
        "servers": [server_data(each) for each in report.servers],
    }


def human(report: RunReport) -> Iterator[Block]:
    if report.detached:
        yield f"the supervisor runs in the background with pid {report.pid}"


def notes(report: RunReport) -> Iterator[Block]:
    if report.servers:
        yield server_table(report.servers)


def server_data(status: ServerStatus) -> dict[str, Any]:
    last = status.last_exit
    return {
        "name": status.name,
        "state": status.state,
        "reason": status.reason,
        "since": round(status.since, 3),
        "transport": status.transport,
        "pid": status.pid,
        "uptime_s": None if status.uptime is None else round(status.uptime, 3),
        "starts": status.starts,
        "restarts": status.restarts,
        "reloads": status.reloads,
        "tools": status.tools,
        "calls": status.calls,
        "errors": status.errors,
        "p50_ms": None if status.p50_ms is None else round(status.p50_ms, 3),
        "in_flight": status.in_flight,
        "protocol_version": status.protocol_version,
        "last_error": status.last_error,
        "last_exit": None if last is None else _exit_data(last),
        "breaker": status.breaker,
    }


def _exit_data(last: LastExit) -> dict[str, Any]:
    return {
        "at": round(last.at, 3),
        "reason": last.reason,
        "code": last.code,
        "signal": last.signal,
        "stderr_tail": list(last.stderr_tail),
    }


def server_table(servers: tuple[ServerStatus, ...]) -> Table:
    return Table(COLUMNS, [_row(each) for each in servers])


def survey(event: Surveyed, width: int | None) -> list[str]:
    """The table below the logs, drawn over itself."""
    if width is None:
        return []
    from mcpctl.render.layout import GAP, LEAST
    from mcpctl.render.width import columns_of, elide, pad, share

    rows = [COLUMNS, *(tuple(_plain(cell) for cell in _row(each)) for each in event.servers)]
    natural = [max(columns_of(row[at]) for row in rows) for at in range(len(COLUMNS))]
    widths = share(natural, available=width - len(GAP) * (len(natural) - 1), least=LEAST) or natural
    return [
        GAP.join(pad(elide(cell, room), room) for cell, room in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _plain(cell: Words) -> str:
    return cell.text if isinstance(cell, Cell) else cell


def state_cell(state: RunState, breaker: BreakerState | None) -> Cell:
    """A breaker shows where it holds calls back: the server itself may be running well."""
    if breaker is None or breaker == "closed":
        return Cell(state, STATES[state])
    return Cell(f"{state}, breaker {breaker.replace('_', '-')}", "warn")


def whole_seconds(uptime: float) -> str:
    """Lines that are drawn each second would flicker with anything finer."""
    return format_duration(float(int(uptime))) if uptime >= 1 else "0s"


def _row(status: ServerStatus) -> tuple[Words, ...]:
    return (
        Cell(status.name, "name"),
        state_cell(status.state, status.breaker),
        "-" if status.pid is None else str(status.pid),
        "-" if status.uptime is None else whole_seconds(status.uptime),
        str(status.restarts),
        "-" if status.tools is None else str(status.tools),
        str(status.calls),
        "-" if status.p50_ms is None else f"{status.p50_ms:.3g} ms",
        status.last_error or status.reason or "-",
    )


def supervised(event: Supervised) -> Block:
    of = event.config or "no configuration"
    return Line((Cell("supervisor", "strong"), f" of {of} with pid {event.pid}"))


def served(event: Served) -> Block:
    return Line((*_prefix(event.server), Cell("endpoint", "strong"), f": {event.url}"))


def health_served(event: HealthServed) -> Block:
    return Line((Cell("health", "strong"), f": {event.address}/readyz"))


def health_changed(event: HealthChanged) -> Block:
    reason = f": {event.reason}" if event.reason else ""
    return Line((*_prefix(event.server), f"{event.before or 'new'} → {event.after}{reason}"))


def state_changed(event: StateChanged) -> Block:
    parts: list[Words] = [*_prefix(event.server), Cell(event.state, STATES[event.state])]
    if event.pid is not None and event.state == "running":
        parts.append(f" with pid {event.pid}")
    if event.reason:
        parts.append(f": {event.reason}")
    if event.delay is not None:
        parts.append(f"; next start in {format_duration(round(event.delay, 1))}")
    return Line(tuple(parts))


def reloaded(event: Reloaded) -> Block:
    how = "took over" if event.strategy == "swap" else "started in its place"
    text = f" a new build {how} in {format_duration(event.seconds)} ({event.because})"
    return Line((*_prefix(event.server), Cell("reloaded", "good"), f":{text}{_tools(event.tools)}"))


def reload_failed(event: ReloadFailed) -> Block:
    after = "the one before goes on serving" if event.serving else "calls wait for the next build"
    return Line((*_prefix(event.server), Cell("not reloaded", "bad"), f": {event.message}; {after}"))


def reconfigured(event: Reconfigured) -> Block:
    groups = (
        ("added", event.added),
        ("removed", event.removed),
        ("changed", event.changed),
        ("adjusted", event.adjusted),
    )
    told = ", ".join(f"{word} {' '.join(names)}" for word, names in groups if names)
    return Line((Cell("configuration", "strong"), f" {event.file or ''}: {told or 'nothing changed'}"))


def config_refused(event: ConfigRefused) -> Block:
    place = ":".join(str(part) for part in (event.file, event.line, event.column) if part is not None)
    said = f" {place}: {event.message}" if place else f" {event.message}"
    return Line((Cell("configuration refused", "bad"), f":{said}; the servers run on as they are"))


def wrote(event: Wrote) -> Block:
    return Line((*_prefix(event.server), event.text))


def went_wrong(event: Event) -> bool:
    """What a server wrote itself may be its last words: nobody can tell."""
    match event:
        case StateChanged():
            return event.state in {"degraded", "backoff", "failed"}
        case HealthChanged():
            return event.after != "healthy"
    return isinstance(event, ReloadFailed | ConfigRefused | Wrote)


def _prefix(server: str | None) -> tuple[Words, ...]:
    return (Cell(f"{server or '-':<12}", _colour(server or "")), " | ")


def _colour(server: str) -> Style:
    """The same for the same name in every run, so that eyes learn it."""
    styles: tuple[Style, ...] = ("name", "good", "warn", "strong")
    return styles[sum(server.encode()) % len(styles)]


def _tools(changes: ToolChanges) -> str:
    told = []
    if changes.added:
        told.append(f"added {', '.join(changes.added)}")
    if changes.removed:
        told.append(f"removed {', '.join(changes.removed)}")
    if changes.changed:
        each = (f"{name} ({', '.join(keys)})" for name, keys in changes.changed.items())
        told.append(f"changed {', '.join(each)}")
    return f"; tools: {'; '.join(told)}" if told else "; the tools are the same"


_EVENTS: dict[type[Any], Any] = {
    Supervised: supervised,
    Served: served,
    HealthServed: health_served,
    HealthChanged: health_changed,
    StateChanged: state_changed,
    Reloaded: reloaded,
    ReloadFailed: reload_failed,
    Reconfigured: reconfigured,
    ConfigRefused: config_refused,
    Wrote: wrote,
}

RUN = View(
    report=RunReport,
    data=data,
    human=human,
    notes=notes,
    streams=_EVENTS,
    whispers=frozenset(_EVENTS),
    grave=went_wrong,
    drawn={Surveyed: survey},
)
