"""What `mcpctl health` is told, what it finds, and what happens while it watches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from mcpctl.model.asking import Aside
from mcpctl.model.events import Event
from mcpctl.model.report import Report
from mcpctl.model.value import dataclass, field

Level = Literal["config", "start", "handshake", "list", "canary", "soak"]
LEVELS: tuple[Level, ...] = ("config", "start", "handshake", "list", "canary", "soak")
"""Each includes those before it."""

Verdict = Literal[
    "healthy", "degraded", "unhealthy", "auth_required", "unreachable", "config_error", "skipped"
]
CheckStatus = Literal["ok", "warning", "failed", "skipped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthOptions:
    words: tuple[str, ...] = ()
    aside: Aside = field(default_factory=Aside)
    level: Level | None = None
    tag: tuple[str, ...] = ()
    fail_on: Literal["unhealthy", "degraded"] = "unhealthy"
    cold: bool = False
    watch: bool = False
    interval: float | None = None
    until: Literal["healthy"] | None = None
    on_change: str | None = None
    webhook: str | None = None
    serve: str | None = None
    output: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was looked at. `name` is its step; a step with several findings has several of these."""

    name: str
    status: CheckStatus
    duration_ms: float = 0.0
    code: str | None = None
    message: str | None = None
    hint: str | None = None

    def data(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "status": self.status,
            "duration_ms": round(self.duration_ms, 3),
            "code": self.code,
            "message": self.message,
            "hint": self.hint,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerHealth:
    """One server as it was just seen."""

    name: str
    status: Verdict
    level: Level
    checks: tuple[Check, ...] = ()
    latency_ms: float | None = None
    """Of the last answer: a canary's, else that of a list."""
    protocol_version: str | None = None
    tools: int | None = None
    required: bool = True
    objective: float | None = None
    """Seconds that a call of this server may take, where the configuration says so."""
    noise_lines: int | None = None
    """Lines on its stdout that were no messages."""
    restarts: int | None = None
    uptime: float | None = None
    last_success: float | None = None
    """Time of day when it was last seen to be up."""

    @property
    def trouble(self) -> Check | None:
        """The worst finding: what a person should read first."""
        for status in ("failed", "warning"):
            found = next((check for check in self.checks if check.status == status), None)
            if found is not None:
                return found
        return None

    @property
    def reason(self) -> str:
        trouble = self.trouble
        return "" if trouble is None else trouble.message or trouble.name

    def data(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "status": self.status,
            "level": self.level,
            "latency_ms": None if self.latency_ms is None else round(self.latency_ms, 3),
            "protocol_version": self.protocol_version,
            "tools": self.tools,
            "required": self.required,
            "checks": [check.data() for check in self.checks],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """What real calls of one tool took, and how they ended, since somebody began to count."""

    server: str
    tool: str
    outcomes: Mapping[str, int]
    """`ok`, or the code of an error -> calls."""
    seconds: float
    """All of them together, of calls that reached the server."""
    buckets: tuple[tuple[float, int], ...]
    """Seconds -> calls that took no longer."""
    reached: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthReport(Report):
    status: Verdict
    checked_at: float
    """Time of day."""
    servers: tuple[ServerHealth, ...] = ()
    changes: tuple[HealthChanged, ...] = ()
    """What changed while it was watched."""
    probes: int = 0
    traffic: tuple[Traffic, ...] = ()
    """For `/metrics`; `stats` tells more of it."""
    watched: Literal["table", "lines"] | None = None
    output: str | None = None
    """Where the answer goes in place of stdout."""
    form: str | None = None

    def data(self) -> dict[str, Any]:
        return {
            "status": self.status,
            "checked_at": instant(self.checked_at),
            "servers": [server.data() for server in self.servers],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Probed(Event):
    """A server was looked at. `status` is what was seen, `state` what many looks agree on."""

    at: str
    status: Verdict
    state: Verdict
    level: Level
    latency_ms: float | None = None
    protocol_version: str | None = None
    tools: int | None = None
    checks: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthChanged(Event):
    at: str
    before: Verdict | None
    after: Verdict
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerted(Event):
    """Numbers that deserve a person's attention."""

    at: str
    severity: Literal["warning", "critical"]
    rule: str
    message: str
    tool: str | None = None
    value: float = 0.0
    limit: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthServed(Event):
    """Others can ask now."""

    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchRow:
    name: str
    state: Verdict | None
    latencies_ms: tuple[float, ...] = ()
    """The last ones, oldest first."""
    since: float | None = None
    """Seconds in this state."""
    last_error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthSeen(Event):
    """The whole table, for a terminal that shows it live."""

    rows: tuple[WatchRow, ...]
    changes: tuple[HealthChanged | Alerted, ...] = ()
    at: str = ""
    room: int = 24
    """Lines of the terminal."""


def instant(seconds: float) -> str:
    """A time of day as JSON and people read it."""
    from datetime import UTC, datetime

    said = datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
    return said.replace("+00:00", "Z")
