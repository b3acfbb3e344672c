"""Real calls as Prometheus counts them: by outcome, and in few buckets of time. A history that is broken costs only this."""

from __future__ import annotations

from collections.abc import Iterable

from mcpctl.errors import ConfigError
from mcpctl.history.reading import History
from mcpctl.model.health import HealthReport, Traffic
from mcpctl.model.value import replace
from mcpctl.policy.metrics import Series

BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
"""Seconds: from a tool that only looks something up to the limit of a call."""


def traffic(counted: Iterable[tuple[str, str, Series]]) -> tuple[Traffic, ...]:
    """In the order of servers and tools, so that two readings can be compared line by line."""
    ordered = sorted(counted, key=lambda each: each[:2])
    return tuple(_traffic(server, tool, series) for server, tool, series in ordered)


def with_history(report: HealthReport, history: History) -> HealthReport:
    """Whatever was recorded of the servers in a report, by whichever process."""
    names = {server.name for server in report.servers}
    try:
        counted = traffic(
            (span.server, span.tool, span.series) for span in history.ever() if span.server in names
        )
        seen = history.last_successes()
    except ConfigError:
        return report
    servers = tuple(
        replace(server, last_success=max(server.last_success or 0.0, seen.get(server.name, 0.0)) or None)
        for server in report.servers
    )
    return replace(report, servers=servers, traffic=counted)


def _traffic(server: str, tool: str, series: Series) -> Traffic:
    outcomes = dict(sorted(series.errors.items()))
    return Traffic(
        server=server,
        tool=tool,
        outcomes={"ok": series.calls - series.failed, **outcomes},
        seconds=series.latency.total,
        buckets=_buckets(series),
        reached=series.latency.count,
    )


def _buckets(series: Series) -> tuple[tuple[float, int], ...]:
    found = []
    values = iter(series.latency.buckets())
    value, count = next(values, (0.0, 0))
    seen = 0
    for bound in BOUNDS:
        while count and value <= bound:
            seen += count
            value, count = next(values, (0.0, 0))
        found.append((bound, seen))
    return tuple(found)
