"""How long to wait between attempts, and whether there may be another one.

Used for calls (`pause_before_retry`) and for restarts (`delay`, which never runs out of attempts). Refuses to sleep:
whoever asks does the waiting, under its own deadline.
"""

from __future__ import annotations

from collections.abc import Callable

from mcpctl.errors import AuthError
from mcpctl.model.server import RetrySpec

Random = Callable[[], float]
"""Such as `random.random`: at least 0, less than 1."""

BUSY_STATUSES = frozenset({429, 503})
"""HTTP says "not now" with these; everything else in 4xx and 5xx is about the request or broken for good."""

MAX_EXPONENT = 1000
"""A server that died ten thousand times must not make the power itself expensive."""


def delay(spec: RetrySpec, failures: int, random: Random) -> float:
    """Seconds to wait after that many failures in a row; the jitter only shortens, so `maximum` holds."""
    try:
        planned = spec.initial * spec.factor ** min(max(failures, 1) - 1, MAX_EXPONENT)
    except OverflowError:
        planned = spec.maximum
    return min(planned, spec.maximum) * (1.0 - spec.jitter * random())


def kind_of(error: BaseException) -> str | None:
    """The word that `RetrySpec.on` is compared with; none for an error that a second attempt cannot change."""
    if isinstance(error, AuthError):
        return None
    if getattr(error, "http_status", None) in BUSY_STATUSES:
        return "server_busy"
    kind = getattr(error, "kind", None)
    return kind if isinstance(kind, str) else None


def retryable(error: BaseException, spec: RetrySpec, *, idempotent: bool) -> bool:
    """Whether this error may be answered with the same call again."""
    return (idempotent or spec.unsafe) and kind_of(error) in spec.on


def pause_before_retry(
    error: BaseException,
    spec: RetrySpec,
    *,
    attempt: int,
    idempotent: bool,
    random: Random,
    remaining: float | None = None,
) -> float | None:
    """Seconds until the next attempt, or none: give up now and show this error.

    `attempt` is the one that just failed, counted from 1. What the server asked for with Retry-After is never
    undercut. A pause that would outlive the `remaining` time is not begun: the real cause is worth more than a
    deadline a while later.
    """
    if attempt >= spec.attempts or not retryable(error, spec, idempotent=idempotent):
        return None
    pause = max(delay(spec, attempt, random), getattr(error, "retry_after", None) or 0.0)
    if remaining is not None and pause >= remaining:
        return None
    return pause
