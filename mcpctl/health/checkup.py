"""Looks at many servers side by side, bounded, and puts together what was seen."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from mcpctl.health.findings import found
from mcpctl.health.probe import Probe, Surroundings
from mcpctl.health.verdicts import UP, exit_code, overall
from mcpctl.model.health import Check, HealthReport, Level, ServerHealth
from mcpctl.model.server import ServerSpec
from mcpctl.model.settings import Settings
from mcpctl.model.value import replace
from mcpctl.model.world import World
from mcpctl.session import SessionManager
from mcpctl.session.launch import Launches
from mcpctl.session.manager import STARTS_PER_CORE

AT_ONCE = 32
"""Looks under way: one that waits for a slow answer must not hold up the others."""


def surroundings(
    manager: SessionManager, launches: Launches, settings: Settings, world: World
) -> Surroundings:
    return Surroundings(
        manager,
        world,
        resolve=launches.resolve,
        folder=settings.folder or Path(world.cwd),
        starts=STARTS_PER_CORE * (os.cpu_count() or 1),
    )


async def look_at_all(
    specs: Sequence[ServerSpec],
    around: Surroundings,
    *,
    level: Level | None,
    resting: Mapping[str, str] | None = None,
    limit: float | None = None,
) -> tuple[ServerHealth, ...]:
    """In the order of `specs`. What is switched off is skipped, not started.

    `resting` names servers that a supervisor does not start now, and why: nobody waits for them. After `limit` seconds
    those that have not answered are unreachable, and the others keep their verdicts.
    """
    turns = asyncio.Semaphore(AT_ONCE)

    async def look(spec: ServerSpec) -> ServerHealth:
        if not spec.enabled:
            return skipped(spec, "it is switched off")
        if resting and spec.name in resting:
            return rests(spec, resting[spec.name])
        async with turns:
            return await Probe(spec, around, level=level).look()

    looks = [asyncio.create_task(look(spec), name=f"look at {spec.name}") for spec in specs]
    try:
        if looks:
            await asyncio.wait(looks, timeout=limit)
    finally:
        # Nobody waits for their ends: whoever closes the sessions does, in bounded time.
        pending = [each.cancel() for each in looks]
    return tuple(
        late(spec, limit or 0.0) if was_pending else each.result()
        for spec, each, was_pending in zip(specs, looks, pending, strict=True)
    )


def skipped(spec: ServerSpec, why: str) -> ServerHealth:
    check = Check(name="config", status="skipped", message=why)
    return ServerHealth(name=spec.name, status="skipped", level="config", checks=(check,))


def late(spec: ServerSpec, limit: float) -> ServerHealth:
    check = found(
        "H203", "start", f"there was no verdict within {limit:.3g} s, the time of the whole command"
    )
    return ServerHealth(name=spec.name, status="unreachable", level="start", checks=(check,))


def rests(spec: ServerSpec, why: str) -> ServerHealth:
    check = found(
        "H201", "start", f"the supervisor lets it rest: {why}", hint=f"see `mcpctl logs {spec.name}`"
    )
    return ServerHealth(name=spec.name, status="unreachable", level="start", checks=(check,))


def report(servers: Sequence[ServerHealth], *, now: float, fail_on: str = "unhealthy") -> HealthReport:
    return HealthReport(
        status=overall(servers),
        checked_at=now,
        servers=tuple(replace(each, last_success=now) if each.status in UP else each for each in servers),
        exit_code=exit_code(servers, fail_on=fail_on),
    )
