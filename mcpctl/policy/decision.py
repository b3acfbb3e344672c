"""What a policy answers when it is asked whether something may happen now.

One shape for every link of the chain, so that an error or a JSON answer can show any of them.
"""

from __future__ import annotations

from mcpctl.model.value import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    allowed: bool
    rule: str
    """What decided, in the words of the configuration."""
    wait: float = 0.0
    """Seconds to wait before going ahead; the turn is already booked."""
    retry_after: float | None = None
    """Seconds after which a refused caller may try again; none where waiting does not help."""
    ticket: int = 0
    """Handed back with the outcome, where the policy learns from outcomes."""
