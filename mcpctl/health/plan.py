"""What the configuration declares in `[servers.NAME.health]`, read into values. Refuses what it does not know.

Everything wrong in a section is told at once, because each round of corrections costs a person a minute.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mcpctl.errors import ConfigError
from mcpctl.health.reading import Section
from mcpctl.model.health import LEVELS, Level
from mcpctl.model.server import ServerSpec

INTERVAL = 30.0
"""Seconds between two looks, where nobody says otherwise."""

TIMEOUT = 10.0
"""Seconds for one answer; a health check that waits as long as a call notices nothing in time."""

FALL, RISE = 3, 2
"""Looks in a row that it takes to get worse, and to get better: one lost packet is no outage."""

SOAK = 50
"""Rounds of calls: enough for a p95, and over in a moment for a server that is well."""

PERCENTS = ("p50", "p95", "p99")


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
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
class Canary:
    tool: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    expect: Expectation = field(default_factory=Expectation)
    timeout: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomCheck:
    """Something that stands behind a server: a program that exits with 0, or an address that answers well."""

    name: str
    command: tuple[str, ...] = ()
    url: str | None = None
    status: tuple[int, ...] = ()
    timeout: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthPlan:
    level: Level | None = None
    canaries: tuple[Canary, ...] = ()
    checks: tuple[CustomCheck, ...] = ()
    latency: Mapping[str, float] = field(default_factory=dict)
    """Percentile -> seconds."""
    interval: float = INTERVAL
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


def plan_of(spec: ServerSpec) -> HealthPlan:
    """Raises `ConfigError` for the first fault, with the others in `related`."""
    section = Section(spec.health, spec.name)
    plan = HealthPlan(
        level=section.choice("level", LEVELS),
        canaries=tuple(_canary(each) for each in section.tables("canary")),
        checks=_custom(section),
        latency=_latency(section.table("latency")),
        interval=section.duration("interval") or INTERVAL,
        timeout=section.duration("timeout") or TIMEOUT,
        fall=section.count("fall") or FALL,
        rise=section.count("rise") or RISE,
        required=section.flag("required", default=True),
        soak=section.count("soak") or SOAK,
    )
    section.finish()
    if section.faults:
        first, *rest = section.faults
        raise ConfigError(
            first.message,
            code=first.code,
            hint=first.hint,
            server=spec.name,
            related=rest,
        )
    return plan


def _canary(section: Section) -> Canary:
    canary = Canary(
        tool=section.text("tool", needed=True) or "",
        arguments=section.mapping("arguments") or {},
        expect=_expectation(section.table("expect")),
        timeout=section.duration("timeout"),
    )
    section.finish()
    return canary


def _expectation(section: Section) -> Expectation:
    pointer = section.take("pointer")
    if isinstance(pointer, Mapping):
        # `pointer = {"/sum" = 3}` reads best where a value is compared.
        if len(pointer) != 1:
            section.complain("pointer", "names one place and the value that belongs there")
        pointer, equals = next(iter(pointer.items()), ("", None))
        has_equals = True
    else:
        equals, has_equals = section.take("equals"), "equals" in section.given
    if pointer is not None and (not isinstance(pointer, str) or (pointer and pointer[0] != "/")):
        section.complain("pointer", "is a JSON pointer such as `/items/0/name`")
        pointer = None
    expectation = Expectation(
        contains=section.text("contains"),
        regex=section.text("regex"),
        pointer=pointer,
        equals=equals,
        has_equals=has_equals,
        json_schema=section.mapping("schema"),
        is_error=section.flag("is_error", default=False),
    )
    section.finish()
    return expectation


def _latency(section: Section) -> dict[str, float]:
    limits = {name: section.duration(name) for name in PERCENTS}
    section.finish()
    return {name: limit for name, limit in limits.items() if limit is not None}


def _custom(section: Section) -> tuple[CustomCheck, ...]:
    """Several under `checks`, or one written straight into the section."""
    found = [_custom_check(each, each.name) for each in section.tables("checks", named=True)]
    if {"command", "url"} & section.given.keys():
        found.append(_custom_check(section, "custom", alone=False))
    return tuple(found)


def _custom_check(section: Section, name: str, *, alone: bool = True) -> CustomCheck:
    command, url = section.words("command"), section.text("url")
    if bool(command) == (url is not None):
        section.complain("command", "is needed, or a `url`, but not both")
    check = CustomCheck(
        name=(section.text("name") if alone else None) or name,
        command=command,
        url=url,
        status=section.counts("status"),
        timeout=section.duration("timeout") if alone else None,
    )
    if alone:
        section.finish()
    return check
