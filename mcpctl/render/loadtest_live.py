"""A load while it runs: a few lines that are drawn over themselves, or one line a second where nothing can be."""

from __future__ import annotations

from collections.abc import Sequence

from mcpctl.loadtest.thresholds import show_milliseconds
from mcpctl.model.duration import format_duration
from mcpctl.model.load_report import LoadProgressed

_BAR = 30
_ROWS = 10
"""Rows of the histogram at most: the screen belongs to the user."""

_EIGHTHS = " ▏▎▍▌▋▊▉█"


def live(event: LoadProgressed, width: int | None) -> Sequence[str]:
    """`width` is None where lines cannot be drawn over."""
    if width is None:
        return _one_line(event)
    if event.level is not None:
        return [f"{event.level}, {_latency(event)}"]
    if event.phase in {"connecting", "waiting"}:
        return [f"{event.phase}…"]
    lines = [
        _progress(event),
        f"{_flow(event)}",
        f"now    {_latency(event, now=True)}",
        f"total  {_latency(event)}",
    ]
    if event.errors:
        lines.append("errors " + ", ".join(f"{kind} {count}" for kind, count in event.errors.items()))
    return [*lines, *_histogram(event, width)]


def _one_line(event: LoadProgressed) -> list[str]:
    if event.level is not None:
        return [f"{event.level}, {_latency(event)}"]
    if event.phase in {"connecting", "waiting", "draining"}:
        return []
    failed = sum(event.errors.values())
    phase = "" if event.phase == "load" else f"{event.phase}, "
    counts = f"{event.rps:.1f}/s, {event.in_flight} in flight, {event.ok} ok, {failed} errors"
    latency = f"now {_latency(event, now=True)}, total {_latency(event)}"
    return [f"{format_duration(event.elapsed)}: {phase}{counts}, {latency}"]


def _progress(event: LoadProgressed) -> str:
    share = event.share
    if share is None:
        return f"{event.phase}  {format_duration(event.elapsed)}"
    filled = round(share * _BAR)
    left = ""
    if 0.02 < share < 1 and event.phase != "draining":
        left = f", {format_duration(event.elapsed * (1 - share) / share)} left"
    return f"{event.phase}  [{'#' * filled}{' ' * (_BAR - filled)}] {share:.0%}  {format_duration(event.elapsed)}{left}"


def _flow(event: LoadProgressed) -> str:
    dropped = f", {event.dropped} dropped" if event.dropped else ""
    return f"rate   {event.rps:.1f}/s, {event.in_flight} in flight, {event.ok} ok{dropped}"


def _latency(event: LoadProgressed, *, now: bool = False) -> str:
    spread = event.now if now else event.total
    if not spread.max:
        return "p50 -, p99 -"  # nothing was answered
    return f"p50 {show_milliseconds(spread.p50)}, p99 {show_milliseconds(spread.p99)}"


def _histogram(event: LoadProgressed, width: int) -> list[str]:
    bars = _grouped(event.buckets)
    most = max((count for _, count in bars), default=0)
    room = min(40, width - 20)
    if not most or room < 8:
        return []
    return [f"{show_milliseconds(edge):>8} {_bar(count / most, room)} {count}" for edge, count in bars]


def _grouped(buckets: Sequence[tuple[float, int]]) -> list[tuple[float, int]]:
    """Neighbours put together until they fit the rows there are."""
    step = -(-len(buckets) // _ROWS) if buckets else 1
    groups = [buckets[start : start + step] for start in range(0, len(buckets), step)]
    return [(group[-1][0], sum(count for _, count in group)) for group in groups]


def _bar(share: float, room: int) -> str:
    eighths = round(share * room * 8)
    full, rest = divmod(eighths, 8)
    return "█" * full + (_EIGHTHS[rest] if rest else "")
