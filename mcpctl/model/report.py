"""The base of what commands return."""

from __future__ import annotations

from mcpctl.errors import McpctlError
from mcpctl.model.value import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A frozen answer. "No" is an answer too: `exit_code` 1, never an exception."""

    exit_code: int = 0
    errors: tuple[McpctlError, ...] = field(default=())
    """Faults that did not end the command, such as one failing server of many."""
