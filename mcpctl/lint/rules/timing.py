"""Times: every host counts in its own unit."""

from __future__ import annotations

from collections.abc import Iterator

from mcpctl.lint.entry import Entry
from mcpctl.lint.finding import Finding
from mcpctl.lint.registry import Example, rule
from mcpctl.lint.subject import Subject
from mcpctl.model.lint import Change, Fix

TIMES = ("timeout", "start_timeout", "call_timeout", "idle_timeout", "start_timeout_ms")

_SHORTEST_MS = 100
"""No server answers its first request faster; a smaller number of milliseconds was meant as seconds."""

_LONGEST_S = 3600
"""Nobody waits longer for one answer; a larger number of seconds was meant as milliseconds."""


@rule(
    "MCP123",
    "time-unit",
    severity="warning",
    traits=TIMES,
    bad=Example('{ "command": "files-server", "timeout": 30 }'),
    good=Example('{ "command": "files-server", "timeout": 30000 }'),
)
def time_unit(entry: Entry, subject: Subject) -> Iterator[Finding]:
    """A time looks like it was meant in the other unit.

    Claude Code, Gemini CLI, OpenCode, Copilot CLI, Amazon Q and Continue count milliseconds; Codex, Cline, Roo, Zed
    and Goose count seconds. With 30 milliseconds no server ever answers in time; 30,000 seconds are eight hours.
    """
    for field in TIMES:
        value = entry.get(field)
        if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
            continue
        unit = subject.host.unit_of(field)
        better = _in_other_unit(value, unit)
        if better is None:
            continue
        counted, meant = ("milliseconds", "seconds") if unit == "ms" else ("seconds", "milliseconds")
        yield Finding(
            at=entry.at(field),
            severity="error" if _is_beyond(value, *subject.host.range_of(field)) else None,
            message=f"{subject.host.title} counts `{entry.key(field)}` in {counted}: {_number(value)} looks like {meant}",
            hint=f"write `{better}`",
            fix=Fix(
                title=f"write `{better}`",
                changes=(Change(kind="set", at=entry.at(field), value=better),),
                safe=False,
            ),
        )


@rule(
    "MCP124",
    "time-range",
    severity="error",
    traits=TIMES,
    bad=Example('{ "command": "files-server", "timeout": 0 }'),
    good=Example('{ "command": "files-server", "timeout": 60000 }'),
)
def time_range(entry: Entry, subject: Subject) -> Iterator[Finding]:
    """A time lies outside what the host accepts.

    Claude Code takes whole milliseconds above 0, Roo Code 1 to 3600 seconds. The whole entry is then invalid, and
    left out.
    """
    for field in TIMES:
        value = entry.get(field)
        if isinstance(value, bool) or not isinstance(value, int | float):
            continue
        low, high = subject.host.range_of(field)
        if _is_beyond(value, low, high) and _in_other_unit(value, subject.host.unit_of(field)) is None:
            allowed = (
                f"from {_number(low or 0)} to {_number(high)}"
                if high is not None
                else f"of {_number(low or 0)} or more"
            )
            yield Finding(
                at=entry.at(field),
                message=f"{subject.host.title} takes a `{entry.key(field)}` {allowed}, not {_number(value)}",
                hint="change it, or leave it out for the default",
            )


def _in_other_unit(value: float, unit: str) -> int | None:
    """The time that was probably meant, where a value looks like one in the other unit."""
    if unit == "ms" and 0 < value < _SHORTEST_MS:
        return round(value * 1000)
    return round(value / 1000) if unit == "s" and value >= _LONGEST_S and value % 100 == 0 else None


def _is_beyond(value: float, low: float | None, high: float | None) -> bool:
    return (low is not None and value < low) or (high is not None and value > high)


def _number(value: float) -> str:
    return f"{value:g}" if value == int(value) and abs(value) < 1e6 else str(value)
