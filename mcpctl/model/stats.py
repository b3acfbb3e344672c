"""Options and report of `mcpctl stats`. Times are milliseconds, as people read them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from mcpctl.model.health import instant
from mcpctl.model.report import Report
from mcpctl.model.server import BreakerState
from mcpctl.model.value import dataclass, field

Grouping = Literal["server", "tool", "hour"]
Score = Literal["excellent", "good", "fair", "poor", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatsOptions:
    server: str | None = None
    since: float | None = None
    by: Grouping | None = None
    report: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What was counted of some calls."""

    calls: int = 0
    ok: int = 0
    errors: Mapping[str, int] = field(default_factory=dict)
    cached: int = 0
    attempts: int = 0
    bytes_in: int = 0
    bytes_out: int = 0
    latency_ms: Mapping[str, float | None] = field(default_factory=dict)
    """`min mean p50 p90 p95 p99 max`, of calls that reached the server."""
    score: Score = "unknown"

    @property
    def success_rate(self) -> float | None:
        return self.ok / self.calls if self.calls else None

    @property
    def cache_hit_rate(self) -> float | None:
        return self.cached / self.calls if self.calls else None

    def data(self) -> dict[str, Any]:
        return {
            "calls": self.calls,
            "ok": self.ok,
            "success_rate": self.success_rate,
            "errors": dict(self.errors),
            "cached": self.cached,
            "cache_hit_rate": self.cache_hit_rate,
            "attempts": self.attempts,
            "bytes_in": self.bytes_in,
            "bytes_out": self.bytes_out,
            "latency_ms": dict(self.latency_ms),
            "score": self.score,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A piece of the time that is reported on, for plots."""

    at: float
    calls: int = 0
    failed: int = 0
    p50_ms: float | None = None
    p95_ms: float | None = None

    def data(self) -> dict[str, Any]:
        return {
            "at": instant(self.at),
            "calls": self.calls,
            "failed": self.failed,
            "p50_ms": self.p50_ms,
            "p95_ms": self.p95_ms,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """A server as a supervisor has it now."""

    state: str
    uptime: float | None = None
    cpu_seconds: float | None = None
    memory: int | None = None
    """Bytes."""
    in_flight: int = 0
    breaker: BreakerState | None = None

    def data(self) -> dict[str, Any]:
        return {
            "state": self.state,
            "uptime": self.uptime,
            "cpu_seconds": self.cpu_seconds,
            "memory": self.memory,
            "in_flight": self.in_flight,
            "breaker": self.breaker,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class StatsRow:
    server: str | None = None
    tool: str | None = None
    hour: float | None = None
    figures: Figures
    restarts: int | None = None
    live: Live | None = None
    trend: tuple[int, ...] = ()
    """Calls in equal pieces of the time, oldest first."""

    def data(self) -> dict[str, Any]:
        named: dict[str, Any] = {"server": self.server, "tool": self.tool, "restarts": self.restarts}
        if self.live is not None:
            named["live"] = self.live.data()
        if self.hour is not None:
            named["hour"] = instant(self.hour)
        return {
            **{name: value for name, value in named.items() if value is not None},
            **self.figures.data(),
            "trend": list(self.trend),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class StatsAlert:
    at: float
    server: str
    severity: str
    message: str

    def data(self) -> dict[str, Any]:
        return {
            "at": instant(self.at),
            "server": self.server,
            "severity": self.severity,
            "message": self.message,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class StatsReport(Report):
    since: float
    until: float
    by: Grouping = "server"
    server: str | None = None
    total: Figures = field(default_factory=Figures)
    rows: tuple[StatsRow, ...] = ()
    moments: tuple[Moment, ...] = ()
    alerts: tuple[StatsAlert, ...] = ()
    happened: tuple[StatsAlert, ...] = ()
    """Restarts and changes of state."""
    tools: tuple[StatsRow, ...] = ()
    """The busiest ones, however the rows are grouped."""
    path: str | None = None
    report: str | None = None

    def data(self) -> dict[str, Any]:
        return {
            "since": instant(self.since),
            "until": instant(self.until),
            "by": self.by,
            "server": self.server,
            "total": self.total.data(),
            "rows": [row.data() for row in self.rows],
            "moments": [moment.data() for moment in self.moments],
            "alerts": [alert.data() for alert in self.alerts],
            "happened": [each.data() for each in self.happened],
        }
