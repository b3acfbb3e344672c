"""The load generator for a long time: pipes and HTTP, sessions that come and go, errors and timeouts among the answers.

The memory of the worker and of whoever conducts it must not grow.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import TypeAlias

from mcpctl.loadtest.conductor import conduct
from mcpctl.loadtest.plan import Plan
from mcpctl.loadtest.workers import Workers
from tests.loadtest.servers import call, closed, http_target, opened, stdio_target

RATE = 5000
"""Requests a second: a machine that soaks for an hour has other things to do as well."""

PLACES = 16
"""Requests in flight on each session of a soak that counts calls: as many a second as the machine can do."""

AT_FIRST, LATER = 33.0, 3.3
"""Bytes a call. The histograms of the first minutes still find new buckets; then there are none left to find. Even the
first is less than one object for each call.
"""

LONG = 3_000_000
"""Calls from which on a run is judged by what comes later."""

SETTLING = 0.3
"""Share of the run after which memory is looked at."""

FEW = 10
"""Samples that are too few to tell a trend."""

EVERY, OFTEN = 1.0, 0.05
"""Seconds between two samples, of a long soak and of a short one."""

Sample: TypeAlias = tuple[float, float, float]
"""A moment, and the bytes of the worker and of the conductor."""


def soak(seconds: float) -> str:
    return _soaked(lambda target, **about: opened(target, rate=RATE, seconds=seconds, **about), EVERY)


def soak_calls(calls: int) -> str:
    """The short form: so many calls, as fast as they will go."""
    return _soaked(lambda target, **about: closed(target, places=PLACES, requests=calls, **about), OFTEN)


def _soaked(planned: Callable[..., Plan], every: float) -> str:
    faults = ("--fail-every", "97", "--swallow-every", "5003")
    with http_target("--session", *faults, name="web") as web:
        operations = (call("{{uuid}}", name="pipe.echo"), call("{{n}}", name="web.echo", target=1))
        plan = planned(
            stdio_target(*faults, name="pipe"),
            operations=operations,
            sessions=2,
            calls_per_session=5_000,
            call_timeout=1.0,
        )
        return _judged(*asyncio.run(_watched(replace(plan, targets=(plan.targets[0], web)), every)))


def _judged(samples: list[Sample], calls: int) -> str:
    began, ended = samples[0][0], samples[-1][0]
    settled = [each for each in samples if each[0] > began + (ended - began) * SETTLING]
    assert len(settled) > FEW, f"{len(settled)} samples tell no trend"
    told = []
    for place, name in enumerate(("worker", "conductor"), start=1):
        grown = slope([(each[0], each[place]) for each in settled]) * (ended - began) / calls
        told.append(f"the {name} at {settled[-1][place] / 1e6:.1f} MB grew by {grown:.1f} bytes a call")
        assert grown < (LATER if calls >= LONG else AT_FIRST), told[-1]
    return f"{calls} calls, " + ", ".join(told)


def slope(points: list[tuple[float, float]]) -> float:
    """The middle one of the slopes of all pairs: a single step is no trend."""
    pairs = [
        (late - early) / (after - before)
        for at, (before, early) in enumerate(points)
        for after, late in points[at + 1 :]
    ]
    return median(pairs) if pairs else 0.0


async def _watched(plan: Plan, every: float) -> tuple[list[Sample], int]:
    """Samples while there was load, and how many calls that was."""
    samples: list[Sample] = []
    group = Workers(1, {"PATH": os.defpath})
    worker = group._members[0]._pipe.process.pid

    async def look() -> None:
        while True:
            samples.append((time.monotonic(), _resident(worker), _resident(os.getpid())))
            await asyncio.sleep(every)

    looking = asyncio.ensure_future(look())
    try:
        run = await conduct(plan, group, emit=lambda _: None)
    finally:
        looking.cancel()
        await group.aclose()
    assert run.ended == "complete", run.lost
    assert run.ok > 0
    return samples, run.ok


def _resident(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
