"""Health with inertia: a state changes only after several observations in a row agree.

Probes and real calls feed the same machine. The first observation decides at once, since there is nothing yet to be
loyal to. Refuses to observe anything itself.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from mcpctl.model.health import Verdict
from mcpctl.model.value import dataclass

DEGRADED = 1
DOWN = 2

_SEVERITY: dict[Verdict | None, int] = {None: -1, "skipped": -1, "healthy": 0, "degraded": DEGRADED}
"""All other verdicts are equally bad, whatever their cause: nobody should call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HysteresisSpec:
    fall: int = 3
    """Observations in a row that it takes to get worse."""
    rise: int = 2
    """Observations in a row that it takes to get better."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    before: Verdict | None
    after: Verdict
    reason: str
    at: float


def severity(verdict: Verdict | None) -> int:
    """What is worse is more; nothing known is least."""
    return _SEVERITY.get(verdict, DOWN)


class HealthState:
    def __init__(self, spec: HysteresisSpec, clock: Callable[[], float]) -> None:
        self._fall = max(spec.fall, 1)
        self._rise = max(spec.rise, 1)
        self._clock = clock
        self._recent: deque[int] = deque(maxlen=max(self._fall, self._rise))
        self._severity = 0
        self._verdict: Verdict | None = None
        self.reason = ""

    @property
    def verdict(self) -> Verdict | None:
        """None until something was observed."""
        return self._verdict

    def observe(self, verdict: Verdict, *, reason: str = "") -> Transition | None:
        """Feed what was just seen. `skipped` says nothing and changes nothing."""
        if verdict == "skipped":
            return None
        seen = severity(verdict)
        self._recent.append(seen)
        settled = self._settled(seen)
        if self._verdict is not None and settled == self._severity:
            self._refine(verdict, seen, reason)
            return None
        before, self._verdict = self._verdict, verdict if seen == settled else _word_for(settled)
        self._severity = settled
        self.reason = reason
        return Transition(before=before, after=self._verdict, reason=reason, at=self._clock())

    def clear(self) -> None:
        """Forget, as after a restart: the next observation decides."""
        self._recent.clear()
        self._severity = 0
        self._verdict = None
        self.reason = ""

    def _settled(self, seen: int) -> int:
        """The severity that the recent observations agree on: at least so bad for long enough, or at most."""
        if self._verdict is None:
            return seen
        recent = list(self._recent)
        if len(recent) >= self._fall:
            worse = min(recent[-self._fall :])
            if worse > self._severity:
                return worse
        if len(recent) >= self._rise:
            better = max(recent[-self._rise :])
            if better < self._severity:
                return better
        return self._severity

    def _refine(self, verdict: Verdict, seen: int, reason: str) -> None:
        """Down stays down, but the reason shown is the latest: from refused to 401 is news without being a change."""
        if seen == self._severity:
            self._verdict = verdict
            self.reason = reason


def _word_for(severity: int) -> Verdict:
    words: dict[int, Verdict] = {0: "healthy", DEGRADED: "degraded", DOWN: "unhealthy"}
    return words[severity]
