"""Events as lines on stderr: what a person should know while a command runs, and how much of it they asked for."""

from __future__ import annotations

from collections.abc import Iterator

from mcpctl.model.duration import format_duration
from mcpctl.model.events import (
    CallFinished,
    Connected,
    Event,
    FellBack,
    Logged,
    Noticed,
    Progressed,
    Retried,
    Waited,
)
from mcpctl.model.value import fields_of
from mcpctl.render.blocks import Block, Cell, Flow, Line, Style, Words

LEVELS = {"debug": 1, "info": 0, "notice": 0, "warning": 0}
"""How often `-v` must be said for a server's log message to show; what is not named shows always."""

SPINNER = "|/-\\"
"""Turns eight times a second, in characters that every terminal has."""

LEVEL_STYLES: dict[str, Style] = {"debug": "dim", "info": "dim", "notice": "dim", "warning": "warn"}


def talk(event: Event, *, verbose: int, quiet: bool) -> Iterator[Block]:
    """Progress is not told here: it is drawn, see `progress`."""
    if quiet and not (isinstance(event, Logged) and event.level not in LEVELS):
        return
    match event:
        case Noticed():
            yield _note("note", "warn", event.message)
            if event.hint is not None:
                yield Line((Cell("  = ", "dim"), event.hint))
        case Logged():
            if verbose >= LEVELS.get(event.level, 0):
                yield _logged(event)
        case Retried():
            yield _note(
                "note", "warn", f"{_of(event)}trying again in {format_duration(event.delay)}: {event.reason}"
            )
        case FellBack():
            yield _note("note", "warn", f"{_of(event)}asking `{event.to}` instead: {event.reason}")
        case _:
            if verbose and not isinstance(event, Progressed | Waited):
                yield _note("info", "dim", _details(event))


def progress(event: Progressed | Waited, *, width: int) -> str:
    """One line that is drawn over itself."""
    if isinstance(event, Waited):
        return (
            f"{SPINNER[int(event.seconds * 8) % len(SPINNER)]} {event.what}, {format_duration(event.seconds)}"
        )
    done = f"{event.progress:g}" if event.total is None else f"{event.progress:g}/{event.total:g}"
    bar = ""
    if event.total and width >= 60:
        filled = round(20 * min(max(event.progress / event.total, 0), 1))
        bar = f"[{'#' * filled}{' ' * (20 - filled)}] "
    return f"{bar}{done} {event.message or ''}".rstrip()


def _note(label: str, style: Style, text: str) -> Flow:
    return Flow((Cell(f"{label}:", style), " ", text))


def _of(event: Event) -> str:
    return f"`{event.server}`: " if event.server else ""


def _logged(event: Logged) -> Line:
    source = "/".join(part for part in (event.server, event.logger) if part)
    style = LEVEL_STYLES.get(event.level, "bad")
    text: Words = event.data if isinstance(event.data, str) else _json(event.data)
    return Line((Cell(f"{event.level}:", style), f" {source}: " if source else " ", text))


def _json(value: object) -> str:
    from mcpctl.render.envelope import encode

    return encode(value)


def _details(event: Event) -> str:
    match event:
        case Connected():
            return f"{_of(event)}connected in {format_duration(event.seconds)}, protocol {event.protocol_version}"
        case CallFinished():
            outcome = "answered" if event.ok else f"failed ({event.error or 'the tool said so'})"
            return f"{_of(event)}`{event.tool}` {outcome} in {format_duration(event.seconds)}"
    told = " ".join(f"{name}={getattr(event, name)}" for name in fields_of(type(event)) if name != "server")
    return f"{_of(event)}{type(event).__name__} {told}".rstrip()
