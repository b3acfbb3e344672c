"""How many calls a server gets in a time: token bucket or sliding window, by class of tool.

A turn is booked when it is granted, so callers that wait are served in the order they asked. Refuses to sleep, and to
queue longer than the configuration allows: then the caller learns when to come back.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from typing import Protocol

from mcpctl.errors import ConfigError
from mcpctl.model.server import RateClass, RateLimitSpec
from mcpctl.policy.decision import Decision

DEFAULT_CLASS = "default"

CLASSES: Mapping[str, RateClass] = {
    DEFAULT_CLASS: RateClass(limit=60),
    "expensive": RateClass(limit=10),
    "bulk": RateClass(limit=1000, per=3600.0),
}
"""What a class means when the configuration only names it."""

Clock = Callable[[], float]

ROUNDING = 1e-9
"""Whoever waits exactly as long as he was told must not be refused for the last bit of a float."""


class Meter(Protocol):
    def book(self, *, longest: float) -> tuple[bool, float | None]:
        """(True, seconds to wait) with the turn taken, or (False, seconds until one could be had)."""


class RateLimiter:
    """The limits of one server, or of one caller of it. All tools of a class share one meter."""

    def __init__(self, spec: RateLimitSpec, clock: Clock) -> None:
        self._longest = spec.wait
        self._meters = {name: meter_for(each, clock) for name, each in {**CLASSES, **spec.classes}.items()}
        self._exact = dict(spec.tools)
        self._patterns = [pattern for pattern in spec.tools if any(sign in pattern for sign in "*?[")]
        for tool, name in spec.tools.items():
            if name not in self._meters:
                raise ConfigError(
                    f"the rate limit of `{tool}` names class `{name}`, which does not exist",
                    code="config.rate_class",
                    hint=f"use one of {', '.join(f'`{known}`' for known in self._meters)}, or define it",
                )

    def class_of(self, tool: str) -> str:
        """An exact name first, then the first pattern that fits."""
        if tool in self._exact:
            return self._exact[tool]
        for pattern in self._patterns:
            if fnmatchcase(tool, pattern):
                return self._exact[pattern]
        return DEFAULT_CLASS

    def acquire(self, tool: str) -> Decision:
        name = self.class_of(tool)
        allowed, seconds = self._meters[name].book(longest=self._longest)
        rule = f"rate_limit.{name}"
        if allowed:
            return Decision(allowed=True, rule=rule, wait=seconds or 0.0)
        return Decision(allowed=False, rule=rule, retry_after=seconds)


def meter_for(spec: RateClass, clock: Clock) -> Meter:
    if spec.limit <= 0 or spec.per <= 0:
        return Barred()
    return SlidingWindow(spec, clock) if spec.algorithm == "window" else TokenBucket(spec, clock)


class TokenBucket:
    """Refills evenly; `burst` calls (by default a whole period's worth) may come at once."""

    def __init__(self, spec: RateClass, clock: Clock) -> None:
        self._clock = clock
        self._pace = spec.limit / spec.per
        self._capacity = float(max(spec.burst or spec.limit, 1))
        self._tokens = self._capacity
        self._filled_at = clock()

    def book(self, *, longest: float) -> tuple[bool, float | None]:
        now = self._clock()
        self._tokens = min(self._capacity, self._tokens + max(0.0, now - self._filled_at) * self._pace)
        self._filled_at = now
        wait = max(0.0, (1.0 - self._tokens) / self._pace)
        if wait > longest + ROUNDING:
            return False, wait
        self._tokens -= 1.0
        return True, wait


class SlidingWindow:
    """Never more than `limit` calls in any stretch of `per` seconds; remembers one time for each of them."""

    def __init__(self, spec: RateClass, clock: Clock) -> None:
        self._clock = clock
        self._per = spec.per
        self._turns: deque[float] = deque(maxlen=spec.limit)

    def book(self, *, longest: float) -> tuple[bool, float | None]:
        now = self._clock()
        turn = now
        if len(self._turns) == self._turns.maxlen:
            turn = max(now, self._turns[0] + self._per)
        if turn - now > longest + ROUNDING:
            return False, turn - now
        self._turns.append(turn)
        return True, turn - now


class Barred:
    """A limit of zero: no waiting helps."""

    def book(self, *, longest: float) -> tuple[bool, float | None]:
        del longest
        return False, None
