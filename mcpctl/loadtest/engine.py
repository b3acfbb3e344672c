"""One generator: opens its sessions, lets a driver load them, and hands back what was measured.

It takes the event loop it runs on for itself. Whoever runs it hears of progress once a second and may stop it at any
time: what was measured until then is always a valid `Run`.
"""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Awaitable, Callable, Coroutine
from time import monotonic_ns
from typing import Literal

from mcpctl.errors import McpctlError
from mcpctl.loadtest.checking import Checker
from mcpctl.loadtest.closed import ClosedDriver
from mcpctl.loadtest.driver import BaseDriver
from mcpctl.loadtest.fleet import Fleet
from mcpctl.loadtest.lane import Lane
from mcpctl.loadtest.ledger import Ledger
from mcpctl.loadtest.opened import OpenDriver
from mcpctl.loadtest.plan import Plan
from mcpctl.loadtest.recording import Recording
from mcpctl.loadtest.results import Moment, Run, Tally
from mcpctl.loadtest.usage import Usage
from mcpctl.loadtest.watch import Watch
from mcpctl.model.load_report import Phase
from mcpctl.model.value import dataclass

TICK = 0.01
"""Seconds between two looks at the profile, the deadlines and the backlog of latencies."""

_FALLEN_BEHIND = 1_000_000_000
"""Nanoseconds that an open schedule may be late at its end before the rest of it is given up."""

_REOPEN_PAUSE = 0.1
"""Seconds before a session that could not be opened again is tried once more."""

_LOOK = 0.05
"""Seconds between two looks whether the load was called off before it began."""

Ended = Literal["complete", "interrupted", "aborted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    phase: Phase
    elapsed: float
    """Seconds since the load began, warm-up included."""
    in_flight: int
    moment: Moment | None = None
    """The second that just ended, where it counts."""
    growth: tuple[Tally, ...] = ()
    """What that second added to each operation."""


Heard = Callable[[Progress], None]

Gate = Callable[[], Awaitable[float]]
"""Seconds since the epoch at which to begin."""


class Engine:
    """Use once: `run`, then `aclose`."""

    def __init__(self, plan: Plan, *, heard: Heard | None = None, gate: Gate | None = None) -> None:
        """Needs a running event loop. `gate` is asked, once all sessions are open, when to begin."""
        self._plan = plan
        self._heard = heard
        self._gate = gate
        self._ended: Ended | None = None
        self._ledger = Ledger(plan.operations)
        self._checker = Checker(plan.operations, every=plan.check_every) if plan.check_every else None
        self._recording = Recording(plan, self._ledger)
        self._fleet = Fleet(plan, self._ledger, self._checker)
        self._driver = self._chosen_driver()
        self._fleet.report_to(self._driver)
        self._watch = Watch(plan.seed)
        self._usage = Usage()
        self._tasks: set[asyncio.Task[None]] = set()

    def stop(self, ended: Ended = "interrupted") -> None:
        """End the load now; `run` returns what was measured."""
        self._ended = self._ended or ended

    async def run(self) -> Run:
        """Raises `McpctlError` only when no load could be made at all."""
        self._tell("connecting")
        await self._unless_stopped(self._fleet.open())
        await self._watch.calibrate()
        self._driver.lead = self._watch.wake_up
        await self._until_start()
        if self._ended is None:
            await self._load()
        return self._result()

    async def aclose(self) -> None:
        """End every session. What was measured is known before, for servers may take their time."""
        self._watch.close()
        self._driver.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._fleet.close()

    def _chosen_driver(self) -> BaseDriver:
        if self._plan.model == "open":
            driver: BaseDriver = OpenDriver(self._plan, self._ledger)
            driver.recycle = lambda lane: self._spawn(self._replace(lane))
        else:
            driver = ClosedDriver(self._plan, self._ledger, self._fleet.lanes)
            driver.recycle = lambda lane: self._spawn(self._reopen(lane))
        driver.finished = self._recording.close_window
        return driver

    async def _load(self) -> None:
        gc.collect()
        gc.freeze()
        try:
            begin = self._recording.start()
            if not self._plan.warmup:
                self._count()
            self._usage.look(self._fleet.processes(), at=0.0)
            self._driver.start(begin)
            while not self._is_over():
                await asyncio.sleep(TICK)
                self._tick()
        finally:
            gc.unfreeze()

    def _is_over(self) -> bool:
        """Ends the sending when its time has come; true once there is nothing left to wait for."""
        driver, recording = self._driver, self._recording
        now = monotonic_ns()
        end = recording.started + int(self._plan.profile.end * 1e9)
        if driver.sending and (self._ended is not None or now >= end):
            late = isinstance(driver, OpenDriver) and not driver.is_spent and now < end + _FALLEN_BEHIND
            if self._ended is None and late:
                return False
            recording.missed = driver.missed(min(now, end))
            recording.close_window()
            driver.stop()
            self._tell("draining")
        if driver.sending:
            return False
        return self._ended == "interrupted" or driver.lost_words is not None or driver.in_flight <= 0

    def _tick(self) -> None:
        driver, recording = self._driver, self._recording
        now = monotonic_ns()
        driver.steer(now)
        self._fleet.expire(now - int(self._plan.call_timeout * 1e9), now)
        self._ledger.drain()
        if self._checker is not None:
            self._checker.work()
        warm = now - recording.started >= self._plan.warmup * 1e9
        if not recording.counting and driver.sending and warm:
            self._count()
        moment = recording.tick(now, driver.in_flight)
        if moment is not None:
            self._watch.drain()
            self._usage.look(self._fleet.processes(), at=moment.index + moment.span)
            self._tell("load", moment)
        elif not recording.counting and recording.new_second(now):
            self._tell("warmup")

    def _count(self) -> None:
        """The warm-up is over."""
        self._driver.count()
        self._watch.begin()
        self._recording.begin()

    async def _reopen(self, lane: Lane) -> None:
        """A session has served its share: close it and open the next one in its place."""
        await lane.close()
        if await self._opened(lane):
            self._driver.opened(lane)

    async def _replace(self, lane: Lane) -> None:
        """The same for a schedule that waits for nobody: what is in flight comes home beside the next session."""
        fresh = self._fleet.successor(lane)
        if await self._opened(fresh):
            self._driver.choice.replace(lane, fresh)
            self._driver.opened(fresh)
        while lane.pending:  # noqa: ASYNC110 - answers are counted, not signalled
            await asyncio.sleep(TICK)
        await self._fleet.retire(lane)

    async def _opened(self, lane: Lane) -> bool:
        while self._driver.sending:
            try:
                await self._fleet.open_one(lane)
            except McpctlError as error:
                if self._fleet.gave_up(lane):
                    self._driver.lost(lane, error.message)
                    return False
                await asyncio.sleep(_REOPEN_PAUSE)
                continue
            return True
        return False

    async def _unless_stopped(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.ensure_future(work)
        while not task.done():
            if self._ended is not None:
                task.cancel()
            await asyncio.wait({task}, timeout=_LOOK)
        if not task.cancelled():
            task.result()

    async def _until_start(self) -> None:
        begin = self._plan.start_at
        self._tell("waiting")
        if self._gate is not None and self._ended is None:
            begin = await self._gate()
        if begin is not None:
            await self._unless_stopped(asyncio.sleep(max(0.0, begin - time.time())))

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _result(self) -> Run:
        driver, ledger = self._driver, self._ledger
        run = self._recording.finish(monotonic_ns())
        run.effort = self._watch.end(slip=ledger.slip.take(), late_answers=ledger.late)
        run.connect = self._fleet.connect.take()
        run.processes = self._usage.samples
        run.restarts = self._fleet.restarts
        run.lost = driver.lost_words
        run.ended = self._ended or ("server_lost" if driver.lost_words else "complete")
        run.error_samples = dict(ledger.samples)
        if self._checker is not None:
            self._checker.enter(run)
        return run

    def _tell(self, phase: Phase, moment: Moment | None = None) -> None:
        if self._heard is None:
            return
        started = self._recording.started
        self._heard(
            Progress(
                phase=phase,
                elapsed=(monotonic_ns() - started) / 1e9 if started else 0.0,
                in_flight=self._driver.in_flight,
                moment=moment,
                growth=self._recording.growth if moment is not None else (),
            )
        )


async def measure(plan: Plan, *, heard: Heard | None = None, gate: Gate | None = None) -> Run:
    """One load, from the first session opened to the last one closed."""
    engine = Engine(plan, heard=heard, gate=gate)
    try:
        return await engine.run()
    finally:
        await engine.aclose()
