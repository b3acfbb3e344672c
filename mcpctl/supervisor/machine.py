"""The state of one server, and what follows from what happened to it. Pure: it starts nothing and waits for nothing.

stopped -> starting -> running <-> degraded, running -> draining -> starting for a reload that cannot swap,
anything that dies -> backoff -> starting, and after too many deaths -> failed, until a person asks for a restart.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Final

from mcpctl.model.running import LastExit, RunState
from mcpctl.model.server import RetrySpec
from mcpctl.model.value import dataclass
from mcpctl.policy.backoff import delay
from mcpctl.policy.intensity import IntensitySpec, RestartIntensity

PAUSES: Final = RetrySpec(initial=0.2, factor=2.0, maximum=30.0, jitter=0.5)
"""Between a death and the next start."""

FINAL_CODES: Final = frozenset({64, 78, 126, 127})
"""Exit codes that another start cannot change: bad usage and bad configuration (sysexits), no such program (shells)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What to do about an end that nobody asked for: start again after a pause, or not at all."""

    pause: float | None


class Machine:
    def __init__(
        self,
        clock: Callable[[], float],
        now: Callable[[], float],
        *,
        intensity: IntensitySpec | None = None,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._now = now
        self._intensity = RestartIntensity(intensity or IntensitySpec(), clock)
        self._jitter = jitter
        self.state: RunState = "stopped"
        self.reason = ""
        self.since = now()
        self.restarts = 0
        self.last_exit: LastExit | None = None

    @property
    def serves(self) -> bool:
        return self.state in ("running", "degraded")

    def starting(self, reason: str = "") -> None:
        if self.state == "backoff":
            self.restarts += 1
        self._become("starting", reason)

    def running(self) -> None:
        self._intensity.healthy()
        self._become("running", "")

    def degraded(self, reason: str) -> None:
        """It lives but does not do its work; a process that is down is beyond that."""
        if self.serves:
            self._intensity.unhealthy()
            self._become("degraded", reason)

    def recovered(self) -> None:
        if self.state == "degraded":
            self.running()

    def draining(self, reason: str) -> None:
        self._become("draining", reason)

    def stopped(self, reason: str) -> None:
        self._intensity.clear()
        self._become("stopped", reason)

    def cleared(self) -> None:
        """A person asked for a restart: old deaths do not count."""
        self._intensity.clear()

    def died(self, last: LastExit, *, needed: bool, hopeless: bool = False) -> Verdict:
        """The server ended, or did not even start. `needed`: somebody waits for it; `hopeless`: it must be mended."""
        self.last_exit = last
        if hopeless:
            self._become("failed", last.reason)
            return Verdict(pause=None)
        if last.code == 0 and not needed:
            self._become("stopped", last.reason)
            return Verdict(pause=None)
        if last.code in FINAL_CODES:
            self._become("failed", f"{last.reason}; this exit code means that another start would not help")
            return Verdict(pause=None)
        if self._intensity.died():
            self._become("failed", f"{last.reason}; it ended too often, so it is left alone")
            return Verdict(pause=None)
        self._become("backoff", last.reason)
        return Verdict(pause=delay(PAUSES, self._intensity.streak, self._jitter))

    def _become(self, state: RunState, reason: str) -> None:
        if (state, reason) != (self.state, self.reason):
            self.since = self._now()
        self.state = state
        self.reason = reason
