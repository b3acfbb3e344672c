"""Ends of servers in words and numbers: how one died, how long one may take to finish its work."""

from __future__ import annotations

import signal
from typing import Final

from mcpctl.errors import McpctlError
from mcpctl.model.running import LastExit
from mcpctl.model.server import ServerSpec
from mcpctl.session.toolcall import CALL_TIMEOUT

TAIL: Final = 20
"""Last lines of stderr that are kept with an exit; the log has the rest."""

_OCCUPIED: Final = (
    *(
        "address already in use",
        "eaddrinuse",
        "errno 98",
        "errno 48",
        "only one usage of each socket address",
    ),
    *("database is locked", "already running", "could not acquire lock", "resource temporarily unavailable"),
)
"""What a server says, in lower case, that cannot run beside another of its kind."""


def last_exit(error: McpctlError, at: float) -> LastExit:
    status = getattr(error, "exit_status", None)
    tail = tuple(getattr(error, "stderr_tail", ())[-TAIL:])
    name = None
    if status is not None and status < 0:
        try:
            name = signal.Signals(-status).name
        except ValueError:
            name = f"signal {-status}"
    return LastExit(
        at=at,
        reason=error.message,
        code=status if status is not None and status >= 0 else None,
        signal=name,
        stderr_tail=tail,
    )


def drained_within(spec: ServerSpec) -> float:
    """Seconds after which no call can be in flight any more: each has its own deadline."""
    return (spec.call_timeout or CALL_TIMEOUT) + 1


def is_occupied(error: McpctlError) -> bool:
    """Whether a build did not come up because the one before still holds a port or a lock."""
    said = "\n".join((error.message, *getattr(error, "stderr_tail", ()))).lower()
    return any(words in said for words in _OCCUPIED)
