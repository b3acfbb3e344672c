"""Options and report of `config init`."""

from __future__ import annotations

from mcpctl.model.report import Report
from mcpctl.model.value import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class InitOptions:
    path: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InitReport(Report):
    path: str
