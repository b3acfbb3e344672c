"""One load from beginning to end, whoever generates it: figures while it runs, an early end where one is due.

Whoever cancels it still gets what was measured.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Protocol

from mcpctl.loadtest.engine import Ended
from mcpctl.loadtest.live import Live
from mcpctl.loadtest.messages import Beat
from mcpctl.loadtest.plan import Plan
from mcpctl.loadtest.results import Run
from mcpctl.loadtest.thresholds import PERCENTILES, Threshold
from mcpctl.loadtest.verdict import value_of
from mcpctl.model.events import Emit

_SETTLED = 3.0
"""Seconds after which a throughput is one."""


class Generators(Protocol):
    count: int

    async def run(self, plan: Plan, on_beat: Callable[[int, Beat], None]) -> Run: ...

    async def stop(self, ended: Ended = "interrupted") -> Run: ...


async def conduct(
    plan: Plan, generators: Generators, *, emit: Emit, abort_on: Sequence[Threshold] = ()
) -> Run:
    """Raises what kept the load from being made at all."""
    live = Live(plan, generators.count, emit)
    failed = asyncio.Event()

    def hear(generator: int, beat: Beat) -> None:
        live.hear(generator, beat)
        if beat.moment is not None and any(is_missed(threshold, live.run) for threshold in abort_on):
            failed.set()

    work = asyncio.ensure_future(generators.run(plan, hear))
    alarm = asyncio.ensure_future(failed.wait())
    try:
        await asyncio.wait({work, alarm}, return_when=asyncio.FIRST_COMPLETED)
        if not work.done():
            return await generators.stop("aborted")
        return work.result()
    except asyncio.CancelledError:
        return await generators.stop("interrupted")
    finally:
        alarm.cancel()
        work.cancel()
        await asyncio.gather(work, alarm, return_exceptions=True)


def is_missed(threshold: Threshold, run: Run) -> bool:
    """Whether a load that goes on misses it by now, as far as that can be told by now."""
    tally = run.whole() if threshold.tool is None else run.tallies.get(threshold.tool)
    if tally is None or not tally.requests:
        return False
    if threshold.metric == "rps" and run.duration < _SETTLED:
        return False
    share = PERCENTILES.get(threshold.metric)
    if share is not None and tally.latency.count * (100 - share) < 100:
        return False
    return not threshold.holds(value_of(threshold, run, tally))
