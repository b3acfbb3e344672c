"""The load generator for a long time: pipes and HTTP, sessions that come and go, errors and timeouts among the answers.

The memory of the worker and of whoever conducts it must not grow.
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from pathlib import Path
from statistics import median

from mcpctl.loadtest.conductor import conduct
from mcpctl.loadtest.workers import Workers
from mcpctl.model.load import LoadProgressed
from tests.loadtest.servers import call, http_target, opened, stdio_target

RATE = 5000
"""Requests a second: a machine that soaks for an hour has other things to do as well."""

AT_FIRST, LATER = 10.0, 1.0
"""MB a minute. The histograms of the first minutes still find new buckets; then there are none left to find. Even the
first is less than one object for each call.
"""

LONG = 600.0
"""Seconds from which on a run is judged by what comes later."""

SETTLING = 0.3
"""Share of the run after which memory is looked at."""


def soak(seconds: float) -> str:
    faults = ("--fail-every", "97", "--swallow-every", "5003")
    with http_target("--session", *faults, name="web") as web:
        operations = (call("{{uuid}}", name="pipe.echo"), call("{{n}}", name="web.echo", target=1))
        plan = opened(
            stdio_target(*faults, name="pipe"),
            rate=RATE,
            seconds=seconds,
            operations=operations,
            sessions=2,
            calls_per_session=5_000,
            call_timeout=1.0,
        )
        samples = asyncio.run(_watched(replace(plan, targets=(plan.targets[0], web))))
    settled = samples[int(len(samples) * SETTLING) :]
    told = []
    for place, name in enumerate(("worker", "conductor")):
        grown = slope([memory[place] for memory in settled]) * 60
        told.append(f"the {name} at {settled[-1][place]:.1f} MB grew by {grown:.2f} MB a minute")
        assert grown < (LATER if seconds >= LONG else AT_FIRST), told[-1]
    return f"{len(samples)} s, " + ", ".join(told)


def slope(values: list[float]) -> float:
    """The middle one of the slopes of all pairs: a single step is no trend."""
    pairs = [
        (late - early) / (after - before)
        for before, early in enumerate(values)
        for after, late in enumerate(values[before + 1 :], before + 1)
    ]
    return median(pairs) if pairs else 0.0


async def _watched(plan: object) -> list[tuple[float, float]]:
    samples: list[tuple[float, float]] = []
    group = Workers(1, {"PATH": os.defpath})
    worker = group._members[0]._pipe.process.pid

    def look(event: object) -> None:
        if isinstance(event, LoadProgressed) and event.phase == "load":
            samples.append((_resident(worker), _resident(os.getpid())))

    try:
        run = await conduct(plan, group, emit=look)  # type: ignore[arg-type]
    finally:
        await group.aclose()
    assert run.ended == "complete", run.lost
    assert run.ok > 0
    return samples


def _resident(pid: int) -> float:
    """Megabytes."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
