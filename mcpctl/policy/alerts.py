"""What in the numbers deserves a person's attention, and one word for how good they are.

`AlertBook` looks at calls one by one, `judge` at the statistics of a while. Refuses to tell anybody: that is for
whoever reads the alerts.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Literal

from mcpctl.model.stats import Score
from mcpctl.model.value import dataclass

_SCORES: tuple[tuple[float, Score], ...] = ((0.99, "excellent"), (0.95, "good"), (0.90, "fair"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    slow_call: float = 5.0
    recent_errors: int = 10
    """More than so many errors among the last `recent_calls` are critical."""
    recent_calls: int = 100
    error_rate: float = 0.05
    p99: float = 5.0
    p50: float = 1.0
    p95_growth: float = 2.0
    """How many times the usual p95 is a warning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    server: str
    tool: str | None = None
    severity: Literal["warning", "critical"]
    rule: str
    message: str
    value: float
    limit: float
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The statistics of one server over a while; times in seconds."""

    calls: int
    errors: int
    p50: float | None = None
    p95: float | None = None
    p99: float | None = None
    usual_p95: float | None = None


class AlertBook:
    """Watches the calls of all servers."""

    def __init__(self, clock: Callable[[], float], thresholds: Thresholds | None = None) -> None:
        self._clock = clock
        self._thresholds = thresholds or Thresholds()
        self._recent: dict[str, deque[bool]] = {}
        self._errors: dict[str, int] = {}

    def observe(
        self, server: str, tool: str, *, ok: bool, seconds: float, objective: float | None = None
    ) -> tuple[Alert, ...]:
        """Feed one call; `objective` is the tool's own limit, where the configuration has one."""
        found = (self._slow(server, tool, seconds, objective), self._failing(server, ok=ok))
        return tuple(alert for alert in found if alert is not None)

    def _slow(self, server: str, tool: str, seconds: float, objective: float | None) -> Alert | None:
        limit = self._thresholds.slow_call if objective is None else objective
        if seconds <= limit:
            return None
        return Alert(
            server=server,
            tool=tool,
            severity="warning",
            rule="slow_call",
            message=f"`{tool}` took {seconds:.2f} s, more than {limit:g} s",
            value=seconds,
            limit=limit,
            at=self._clock(),
        )

    def _failing(self, server: str, *, ok: bool) -> Alert | None:
        """Told when the line is crossed, not on every error beyond it."""
        thresholds = self._thresholds
        recent = self._recent.setdefault(server, deque(maxlen=thresholds.recent_calls))
        before = self._errors.get(server, 0)
        leaving = len(recent) == recent.maxlen and not recent[0]
        recent.append(ok)
        errors = self._errors[server] = before - int(leaving) + int(not ok)
        if not before <= thresholds.recent_errors < errors:
            return None
        return Alert(
            server=server,
            severity="critical",
            rule="recent_errors",
            message=f"{errors} of the last {len(recent)} calls failed",
            value=errors,
            limit=thresholds.recent_errors,
            at=self._clock(),
        )


def judge(
    server: str, figures: Figures, *, at: float, thresholds: Thresholds | None = None
) -> tuple[Alert, ...]:
    """What is wrong with these figures as a whole."""
    limits = thresholds or Thresholds()
    rate = figures.errors / figures.calls if figures.calls else None
    growth = None
    if figures.p95 is not None and figures.usual_p95:
        growth = figures.p95 / figures.usual_p95
    looked_at = (
        ("error_rate", rate, limits.error_rate, "{value:.1%} of the calls failed, more than {limit:.1%}"),
        ("p99", figures.p99, limits.p99, "p99 is {value:.2f} s, more than {limit:g} s"),
        ("p50", figures.p50, limits.p50, "p50 is {value:.2f} s, more than {limit:g} s"),
        (
            "p95_growth",
            growth,
            limits.p95_growth,
            "p95 is {value:.1f} times what is usual, more than {limit:g}",
        ),
    )
    return tuple(
        Alert(
            server=server,
            severity="critical" if rule == "error_rate" else "warning",
            rule=rule,
            message=words.format(value=value, limit=limit),
            value=value,
            limit=limit,
            at=at,
        )
        for rule, value, limit, words in looked_at
        if value is not None and value > limit
    )


def score(*, calls: int, errors: int) -> Score:
    """By the share of calls that succeeded; without calls there is nothing to judge."""
    if calls <= 0:
        return "unknown"
    # Whole numbers: 99 of 100 must be excellent whatever a float makes of it.
    for share, word in _SCORES:
        if (calls - errors) * 100 >= round(share * 100) * calls:
            return word
    return "poor"
