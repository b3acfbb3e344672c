"""Servers that are kept running: their states, what happens to them, and the options and report of `mcpctl run`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from mcpctl.model.events import Event
from mcpctl.model.report import Report
from mcpctl.model.server import BreakerState, ReloadStrategy
from mcpctl.model.value import dataclass, field

RunState = Literal["stopped", "starting", "running", "degraded", "draining", "backoff", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LastExit:
    """How a server ended, the time of day included. Without code and signal it only closed its pipes."""

    at: float
    reason: str
    code: int | None = None
    signal: str | None = None
    stderr_tail: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerStatus:
    name: str
    state: RunState
    reason: str = ""
    since: float
    """Time of day of the last change of state."""
    transport: str = "stdio"
    pid: int | None = None
    uptime: float | None = None
    starts: int = 0
    restarts: int = 0
    """Starts after deaths that nobody asked for."""
    reloads: int = 0
    tools: int | None = None
    calls: int = 0
    errors: int = 0
    p50_ms: float | None = None
    in_flight: int = 0
    protocol_version: str | None = None
    last_error: str | None = None
    last_exit: LastExit | None = None
    breaker: BreakerState | None = None
    """None where the configuration asks for none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    servers: tuple[str, ...] = ()
    detach: bool = False
    replace: bool = False
    watch: bool = True
    duration: float | None = None
    idle: float | None = None
    """Leave when nobody has called anything for so long."""
    exit_on_failure: bool = False
    stdio: bool = False
    http: str | None = None
    allow_host: tuple[str, ...] = ()
    """Further names by which hosts may reach the endpoint."""
    serve: str | None = None
    """Where probes are answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport(Report):
    pid: int
    detached: bool = False
    socket: str | None = None
    log: str | None = None
    servers: tuple[ServerStatus, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Supervised(Event):
    """The supervisor is there: other verbs can reach it."""

    pid: int
    socket: str
    config: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Served(Event):
    """The endpoint is there: hosts can connect to it."""

    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StateChanged(Event):
    before: RunState
    state: RunState
    reason: str = ""
    pid: int | None = None
    restarts: int = 0
    delay: float | None = None
    """Seconds until the next start, in `backoff`."""
    stderr_tail: tuple[str, ...] = ()
    """Last words, where the reason is an end that nobody asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolChanges:
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Tool name -> which of its parts differ: `description`, `inputSchema` and so on."""

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reloaded(Event):
    """A new build serves."""

    strategy: ReloadStrategy
    because: str
    seconds: float
    pid: int | None = None
    tools: ToolChanges = field(default_factory=ToolChanges)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReloadFailed(Event):
    """A new build did not come up. `serving` tells whether the one before still answers."""

    because: str
    message: str
    serving: bool
    stderr_tail: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconfigured(Event):
    """A changed configuration is in force; names of servers."""

    file: str | None = None
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    adjusted: tuple[str, ...] = ()
    """Changed in what needs no new process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigRefused(Event):
    """A changed configuration has faults, so nothing was changed."""

    message: str
    hint: str | None = None
    file: str | None = None
    line: int | None = None
    column: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Surveyed(Event):
    """How all servers are at this moment, for whoever looks at them."""

    servers: tuple[ServerStatus, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrote(Event):
    """A line that a server wrote to its stderr."""

    text: str
    at: float
