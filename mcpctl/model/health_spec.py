"""What `[servers.NAME.health]` declares, as values. Apart from `server`, since most entries have no such section."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mcpctl.model.health import Level
from mcpctl.model.value import dataclass, field

INTERVAL = 30.0
"""Seconds between two looks, where nobody says otherwise."""

TIMEOUT = 10.0
"""Seconds for one answer; a health check that waits as long as a call notices nothing in time."""

FALL, RISE = 3, 2
"""Looks in a row that it takes to get worse, and to get better: one lost packet is no outage."""

SOAK = 50
"""Rounds of calls: enough for a p95, and over in a moment for a server that is well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectSpec:
    """What an answer must be; everything that is given must hold."""

    contains: str | None = None
    regex: str | None = None
    pointer: str | None = None
    """A JSON pointer into the structured answer; alone it must only lead somewhere."""
    equals: Any = None
    has_equals: bool = False
    json_schema: Mapping[str, Any] | None = None
    is_error: bool = False
    """The tool must say that it failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CanarySpec:
    tool: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    expect: ExpectSpec = field(default_factory=ExpectSpec)
    timeout: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckSpec:
    """Something that stands behind a server: a program that exits with 0, or an address that answers well."""

    name: str
    command: tuple[str, ...] = ()
    url: str | None = None
    status: tuple[int, ...] = ()
    timeout: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthSpec:
    level: Level | None = None
    canaries: tuple[CanarySpec, ...] = ()
    checks: tuple[CheckSpec, ...] = ()
    latency: Mapping[str, float] = field(default_factory=dict)
    """Percentile -> seconds."""
    interval: float | None = None
    """None where nobody asked for one: a watch then takes `INTERVAL`, a supervisor looks at nothing by itself."""
    timeout: float = TIMEOUT
    fall: int = FALL
    rise: int = RISE
    required: bool = True
    soak: int = SOAK
    """Rounds of calls at that level."""

    @property
    def objective(self) -> float | None:
        """Seconds that no call should take: the loosest promise."""
        return max(self.latency.values(), default=None)
