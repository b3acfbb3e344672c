"""How the servers of a group stand by their recent calls, and in which order to ask them.

A server with too many errors in a row goes to the end of the line until a call succeeds or a while has passed. Refuses
to drop anybody: when all are bad, the least bad is still asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from mcpctl.model.value import dataclass

TOLERATED_ERRORS = 3
"""One more error in a row than this, and a server counts as unhealthy."""

EJECTED_FOR = 30.0
"""Seconds until an unhealthy server is tried again in its old place."""

WEIGHT = 0.2
"""Of the newest latency in the moving average: about the last ten calls matter."""


class Standing:
    """The recent calls of one server."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._last_error: float | None = None
        self.errors = 0
        """In a row."""
        self.latency: float | None = None
        """Moving average in seconds; none before the first success."""

    @property
    def ejected(self) -> bool:
        if self.errors <= TOLERATED_ERRORS or self._last_error is None:
            return False
        return self._clock() - self._last_error < EJECTED_FOR

    def record(self, *, ok: bool, seconds: float) -> None:
        if not ok:
            # A failure may be quick: its time says nothing about how fast the server is.
            self.errors += 1
            self._last_error = self._clock()
            return
        self.errors = 0
        known = self.latency
        self.latency = seconds if known is None else known + WEIGHT * (seconds - known)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    server: str
    latency: float | None
    ejected: bool
    reason: str


def ranked(
    servers: Iterable[str], standings: Mapping[str, Standing], *, down: Iterable[str] = ()
) -> tuple[Choice, ...]:
    """Whom to ask first: healthy ones by latency, then ejected ones, then those known to be down.

    A server without a measured call comes before slower knowledge: it costs one call to find out. Equal ones stay in
    the order of the configuration.
    """
    unreachable = frozenset(down)
    return tuple(
        sorted(
            (_choice(server, standings.get(server), down=server in unreachable) for server in servers),
            key=lambda choice: (choice.server in unreachable, choice.ejected, choice.latency or 0.0),
        )
    )


def _choice(server: str, standing: Standing | None, *, down: bool) -> Choice:
    latency = standing.latency if standing else None
    ejected = standing.ejected if standing else False
    if down:
        reason = "down"
    elif standing and ejected:
        reason = f"{standing.errors} errors in a row"
    elif latency is None:
        reason = "not measured yet"
    else:
        reason = f"{latency * 1000:.0f} ms on average"
    return Choice(server=server, latency=latency, ejected=ejected, reason=reason)
