"""A circuit breaker: after enough failures in a row a server is left alone for a while, then tried with one probe.

Outcomes come back with the ticket of their admission. A late answer from before the last change of state says nothing
about the server now, and is ignored. A probe that never reports back gives its place up after the reset time.
"""

from __future__ import annotations

from collections.abc import Callable

from mcpctl.errors import ConnectError, DeadlineError, ProtocolError
from mcpctl.model.server import BreakerSpec, BreakerState
from mcpctl.policy.decision import Decision

RULE = "breaker"


class Breaker:
    def __init__(self, spec: BreakerSpec, clock: Callable[[], float]) -> None:
        self._spec = spec
        self._clock = clock
        self._failures = 0
        self._opened_at: float | None = None
        self._probe_at: float | None = None
        self._generation = 1

    @property
    def state(self) -> BreakerState:
        if self._opened_at is None:
            return "closed"
        return "open" if self._left_of(self._opened_at) > 0 else "half_open"

    @property
    def retry_after(self) -> float | None:
        """Seconds until `admit` may say yes; none when it would now."""
        if self._opened_at is None:
            return None
        left = self._left_of(self._opened_at)
        if left <= 0 and self._probe_at is not None:
            left = self._left_of(self._probe_at)
        return left if left > 0 else None

    def admit(self) -> Decision:
        """Ask before a call. Whoever is let in reports back with `succeeded`, `failed` or `abandoned`."""
        retry_after = self.retry_after
        if retry_after is not None:
            return Decision(allowed=False, rule=RULE, retry_after=retry_after)
        if self._opened_at is not None:
            # A new generation for each probe: one that was given up must not speak for its successor.
            self._generation += 1
            self._probe_at = self._clock()
        return Decision(allowed=True, rule=RULE, ticket=self._generation)

    def succeeded(self, ticket: int) -> None:
        """The server answered."""
        if ticket != self._generation:
            return
        self._failures = 0
        if self._opened_at is not None:
            self._close()

    def failed(self, ticket: int) -> None:
        """The server is to blame; see `is_outage` for which errors are."""
        if ticket != self._generation:
            return
        self._failures += 1
        if self._opened_at is not None or self._failures >= self._spec.threshold:
            self._open()

    def abandoned(self, ticket: int) -> None:
        """The caller went away before there was an outcome: a probe's place is free again."""
        if ticket == self._generation:
            self._probe_at = None

    def _open(self) -> None:
        self._opened_at = self._clock()
        self._probe_at = None
        self._generation += 1

    def _close(self) -> None:
        self._opened_at = None
        self._probe_at = None
        self._generation += 1

    def _left_of(self, since: float) -> float:
        return since + self._spec.reset - self._clock()


def is_outage(error: BaseException) -> bool:
    """Whether an error tells against the server, and not against the request, the caller or the configuration."""
    if isinstance(error, ConnectError | DeadlineError):
        return True
    if isinstance(error, ProtocolError):
        # A JSON-RPC error is an answer. Malformed messages and 5xx are not.
        return error.rpc_code is None or (error.http_status or 0) >= 500
    return False
