"""Options and report of `mcpctl completion`."""

from __future__ import annotations

from mcpctl.model.report import Report
from mcpctl.model.value import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletionOptions:
    words: tuple[str, ...] = ()
    """`[install] [SHELL]`, as typed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletionReport(Report):
    shell: str
    script: str
    installed: str | None = None
    """The file that was written, where that was asked for."""
    follow_up: str | None = None
    """What the user still has to do."""
