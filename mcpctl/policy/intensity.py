"""Restart intensity, as in Erlang: so many deaths in so much time, and a server is given up.

The count is cleared by health that lasted, not by a process that merely runs. Refuses to decide about delays: `streak`
is what `backoff.delay` wants to know.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from mcpctl.model.value import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class IntensitySpec:
    deaths: int | None = 5
    """None for what is never given up."""
    within: float = 60.0
    healthy_after: float = 30.0
    """Seconds of unbroken health after which old deaths no longer count."""


ELSEWHERE = IntensitySpec(deaths=None)
"""For servers that somebody else keeps running: to try again costs nobody a process."""


class RestartIntensity:
    def __init__(self, spec: IntensitySpec, clock: Callable[[], float]) -> None:
        self._spec = spec
        self._clock = clock
        self._deaths: deque[float] = deque(maxlen=max(spec.deaths or 1, 1))
        self._streak = 0
        self._healthy_since: float | None = None
        self._given_up = False

    @property
    def streak(self) -> int:
        """Deaths since the server was last healthy for long enough."""
        self._settle()
        return self._streak

    def died(self) -> bool:
        """Count a death that nobody asked for. True, from then on until `clear`: give up, do not restart."""
        self._settle()
        self._healthy_since = None
        now = self._clock()
        self._deaths.append(now)
        self._streak += 1
        full = len(self._deaths) == self._deaths.maxlen
        if self._spec.deaths is not None and full and now - self._deaths[0] <= self._spec.within:
            self._given_up = True
        return self._given_up

    def healthy(self) -> None:
        """The server was seen to work; may be said any number of times."""
        if self._healthy_since is None:
            self._healthy_since = self._clock()

    def unhealthy(self) -> None:
        """The server lives but does not work: the healthy time starts over."""
        self._settle()
        self._healthy_since = None

    def clear(self) -> None:
        """A person asked for a restart."""
        self._deaths.clear()
        self._streak = 0
        self._healthy_since = None
        self._given_up = False

    def _settle(self) -> None:
        since = self._healthy_since
        if since is not None and self._clock() - since >= self._spec.healthy_after:
            self._deaths.clear()
            self._streak = 0
