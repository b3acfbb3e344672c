"""What was counted: calls, errors by kind, latency, bytes, cache hits, per server and tool.

Fixed memory however long it runs. Recording is on every call's path, so whoever calls often keeps the series in hand.
Refuses to judge: `alerts` does.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mcpctl.policy.histogram import Histogram

MAX_SERIES = 4096
"""Tools of a large fleet fit; names that a client makes up must not fill the memory."""

OTHER = "*"
"""The tool under which everything beyond `MAX_SERIES` is counted."""

PERCENTS = {"p50": 50.0, "p90": 90.0, "p95": 95.0, "p99": 99.0}


class Series:
    """The counters of one tool of one server."""

    __slots__ = ("attempts", "bytes_in", "bytes_out", "cached", "calls", "errors", "latency")

    def __init__(self) -> None:
        self.calls = 0
        self.cached = 0
        self.attempts = 0
        self.bytes_in = 0
        self.bytes_out = 0
        self.errors: dict[str, int] = {}
        self.latency = Histogram()
        """Of calls that reached the server; answers from the cache would only flatter it."""

    def record(
        self,
        seconds: float,
        error: str | None = None,
        *,
        bytes_in: int = 0,
        bytes_out: int = 0,
        attempts: int = 1,
        cached: bool = False,
    ) -> None:
        self.calls += 1
        self.bytes_in += bytes_in
        self.bytes_out += bytes_out
        if error is not None:
            self.errors[error] = self.errors.get(error, 0) + 1
        if cached:
            self.cached += 1
            return
        self.attempts += attempts
        self.latency.record(seconds)

    @property
    def failed(self) -> int:
        return sum(self.errors.values())

    def merge(self, other: Series) -> None:
        self.calls += other.calls
        self.cached += other.cached
        self.attempts += other.attempts
        self.bytes_in += other.bytes_in
        self.bytes_out += other.bytes_out
        for kind, count in other.errors.items():
            self.errors[kind] = self.errors.get(kind, 0) + count
        self.latency.merge(other.latency)

    def snapshot(self) -> dict[str, Any]:
        """For people: times in seconds, none where nothing was measured."""
        latency = self.latency
        quantiles = latency.percentiles(*PERCENTS.values())
        return {
            "calls": self.calls,
            "ok": self.calls - self.failed,
            "success_rate": (self.calls - self.failed) / self.calls if self.calls else None,
            "errors": dict(self.errors),
            "cached": self.cached,
            "attempts": self.attempts,
            "bytes_in": self.bytes_in,
            "bytes_out": self.bytes_out,
            "latency": {
                "min": latency.smallest if latency.count else None,
                "mean": latency.mean,
                **{name: quantiles[percent] for name, percent in PERCENTS.items()},
                "max": latency.largest if latency.count else None,
            },
        }


class Metrics:
    """All series of a supervisor."""

    def __init__(self) -> None:
        self._series: dict[tuple[str, str], Series] = {}

    def series(self, server: str, tool: str) -> Series:
        found = self._series.get((server, tool))
        if found is not None:
            return found
        if len(self._series) >= MAX_SERIES:
            tool = OTHER
        return self._series.setdefault((server, tool), Series())

    def each(self) -> Iterator[tuple[str, str, Series]]:
        """Server, tool and what was counted of it."""
        for (server, tool), series in self._series.items():
            yield server, tool, series

    def total(self, server: str) -> Series:
        """All tools of a server in one."""
        whole = Series()
        for (owner, _), series in self._series.items():
            if owner == server:
                whole.merge(series)
        return whole
