"""Options and reports of the verbs that talk to a running supervisor, and of `doctor`."""

from __future__ import annotations

from mcpctl.model.report import Report
from mcpctl.model.running import ServerStatus, Wrote
from mcpctl.model.value import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PsOptions:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class PsReport(Report):
    pid: int
    uptime: float
    config: str | None
    servers: tuple[ServerStatus, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LogsOptions:
    servers: tuple[str, ...] = ()
    follow: bool = False
    since: float | None = None
    grep: str | None = None
    lines: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogsReport(Report):
    servers: tuple[str, ...]
    lines: tuple[Wrote, ...] = ()
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RestartOptions:
    servers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheClearOptions:
    pattern: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheClearReport(Report):
    forgotten: int
    """Answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StopOptions:
    servers: tuple[str, ...] = ()
    all: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReloadOptions:
    servers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedReport(Report):
    """How the servers are after a verb that changed something."""

    servers: tuple[ServerStatus, ...] = ()
    stopped: bool = False
    """The supervisor itself ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerOptions:
    id: str
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DoctorOptions:
    fix: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    check: str
    ok: bool
    message: str
    hint: str | None = None
    fixed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DoctorReport(Report):
    findings: tuple[Finding, ...] = ()
