"""Options of `mcpctl demo`; there is no report, because the server takes the place of the process."""

from __future__ import annotations

from mcpctl.model.value import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoOptions:
    arguments: tuple[str, ...] = ()
