"""Options and report of `mcpctl ls`."""

from __future__ import annotations

from mcpctl.model.report import Report
from mcpctl.model.running import RunState
from mcpctl.model.server import BreakerState, TransportKind
from mcpctl.model.settings import Origin
from mcpctl.model.value import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class LsOptions:
    tag: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedServer:
    name: str
    transport: TransportKind
    command: tuple[str, ...] = ()
    url: str | None = None
    enabled: bool = True
    tags: tuple[str, ...] = ()
    description: str | None = None
    origin: Origin | None = None
    state: RunState | None = None
    """Where a supervisor runs."""
    breaker: BreakerState | None = None
    pid: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LsReport(Report):
    servers: tuple[ListedServer, ...] = ()
    profile: str | None = None
    folder: str | None = None
    """Where the user is: people are shown places from there."""
