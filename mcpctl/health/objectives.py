"""Whether answers came as fast as promised. Pure.

A percentile needs enough samples to mean anything. Where there are too few, only the loosest promise is held against
the slowest answer, so that one look at a server can still tell that it is far too slow.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import ceil

from mcpctl.health.findings import found
from mcpctl.model.duration import format_duration
from mcpctl.model.health import Check

NEEDED = {"p50": 2, "p95": 20, "p99": 100}
"""Samples below which the percentile is only the slowest of them."""

CODES = {"p50": "H501", "p95": "H502", "p99": "H503"}


def missed(latency: Mapping[str, float], samples: Sequence[float], *, step: str = "latency") -> list[Check]:
    """One warning for each promise that these times, in seconds, do not keep."""
    if not latency or not samples:
        return []
    ordered = sorted(samples)
    return list(_missed(latency, ordered, step))


def percentile(ordered: Sequence[float], percent: float) -> float:
    return ordered[min(max(ceil(len(ordered) * percent / 100), 1), len(ordered)) - 1]


def _missed(latency: Mapping[str, float], ordered: Sequence[float], step: str) -> Iterator[Check]:
    judged = {name: limit for name, limit in latency.items() if len(ordered) >= NEEDED[name]}
    if not judged:
        loosest = max(latency, key=lambda name: latency[name])
        if ordered[-1] > latency[loosest]:
            yield _over(loosest, ordered[-1], latency[loosest], len(ordered), step)
        return
    for name, limit in judged.items():
        value = percentile(ordered, float(name[1:]))
        if value > limit:
            yield _over(name, value, limit, len(ordered), step)


def _over(name: str, value: float, limit: float, count: int, step: str) -> Check:
    of = "one answer" if count == 1 else f"{count} answers"
    return found(
        CODES[name],
        step,
        f"{name} is {format_duration(value)} over {of}, more than {format_duration(limit)}",
        status="warning",
    )
