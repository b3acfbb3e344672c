"""Options and report of `mcpctl route`."""

from __future__ import annotations

from typing import Any

from mcpctl.model.report import Report
from mcpctl.model.value import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteOptions:
    capability: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One server, in the order in which they are asked."""

    server: str
    latency_ms: float | None = None
    ejected: bool = False
    down: bool = False
    reason: str = ""

    def data(self) -> dict[str, Any]:
        return {
            "server": self.server,
            "latency_ms": self.latency_ms,
            "ejected": self.ejected,
            "down": self.down,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteReport(Report):
    capability: str
    candidates: tuple[Candidate, ...] = ()
