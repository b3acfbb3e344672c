"""The pages of rules."""

from __future__ import annotations

from typing import Any

from mcpctl.model.lint import Severity
from mcpctl.model.report import Report
from mcpctl.model.value import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RulePage:
    code: str
    name: str
    severity: Severity
    since: str
    scope: str
    hosts: tuple[str, ...] = ()
    """The only hosts that it is about; none means all."""
    summary: str
    why: str
    bad: str
    good: str
    bad_host: str
    good_host: str

    def data(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "name": self.name,
            "severity": self.severity,
            "since": self.since,
            "scope": self.scope,
            "hosts": list(self.hosts),
            "summary": self.summary,
            "why": self.why,
            "bad": self.bad,
            "good": self.good,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainOptions:
    rule: str | None = None
    """A code, the beginning of codes, or a name; none means a list of all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainReport(Report):
    pages: tuple[RulePage, ...] = ()
    whole: bool = False
    """Whether the page itself was asked for, not a list."""
