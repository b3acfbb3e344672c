"""One generator: opens its sessions, lets a driver load them, and hands back what was measured.

It takes the event loop it runs on for itself. Whoever runs it hears of progress once a second and may stop it at any
time: what was measured until then is always a valid `Run`.
"""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
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

TICK = 0.01
"""Seconds between two looks at the profile, the deadlines and the backlog of latencies."""

_FALLEN_BEHIND = 1_000_000_000
"""Nanoseconds that an open schedule may be late at its end before the rest of it is given up."""

_REOPEN_PAUSE = 0.1
"""Seconds before a session that could not be opened again is tried once more."""

_LOOK = 0.05
"""Seconds between two looks whether the load was called off before it began."""

Phase = Literal["connecting", "waiting", "warmup", "load", "draining"]
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
    """Use once: `await Engine(plan).run()`."""

    def __init__(self, plan: Plan, *, heard: Heard | None = None, gate: Gate | None = None) -> None:
        """`gate` is asked, once all sessions are open, when to begin."""
        self._plan = plan
        self._heard = heard
        self._gate = gate
        self._ledger = Ledger(plan.operations)
        self._checker = Checker(plan.operations, every=plan.check_every) if plan.check_every else None
        self._ended: Ended | None = None
        self._in_flight: Callable[[], int] = int
        self._tasks: set[asyncio.Task[None]] = set()

    def stop(self, ended: Ended = "interrupted") -> None:
        """End the load now; `run` returns what was measured."""
        self._ended = self._ended or ended

    async def run(self) -> Run:
        """Raises `McpctlError` only when no load could be made at all."""
        plan = self._plan
        fleet = Fleet(plan, self._ledger, self._checker)
        watch = Watch(plan.seed)
        driver: BaseDriver | None = None
        try:
            driver = _driver(plan, self._ledger, fleet)
            fleet.report_to(driver)
            self._tell("connecting")
            await self._unless_stopped(fleet.open())
            await watch.calibrate()
            driver.lead = watch.wake_up
            await self._until_start()
            return await self._load(driver, fleet, watch)
        finally:
            watch.close()
            if driver is not None:
                driver.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await fleet.close()

    async def _load(self, driver: BaseDriver, fleet: Fleet, watch: Watch) -> Run:
        recording = Recording(self._plan, self._ledger)
        usage = Usage()
        self._in_flight = lambda: driver.in_flight
        driver.finished = recording.close_window
        renew = self._replace if isinstance(driver, OpenDriver) else self._reopen
        driver.recycle = lambda lane: self._spawn(renew(lane, fleet, driver))
        gc.collect()
        gc.freeze()
        try:
            begin = recording.start()
            if not self._plan.warmup:
                _count(driver, watch, recording)
            usage.look(fleet.processes(), at=0.0)
            driver.start(begin)
            while not self._is_over(driver, recording):
                await asyncio.sleep(TICK)
                self._tick(driver, fleet, watch, recording, usage)
        finally:
            gc.unfreeze()
        return self._result(driver, fleet, watch, recording, usage)

    def _is_over(self, driver: BaseDriver, recording: Recording) -> bool:
        """Ends the sending when its time has come; true once there is nothing left to wait for."""
        now = monotonic_ns()
        end = recording.started + int(self._plan.profile.end * 1e9)
        if driver.sending and (self._ended is not None or now >= end):
            late = isinstance(driver, OpenDriver) and not driver.is_spent and now < end + _FALLEN_BEHIND
            if self._ended is None and late:
                return False
            recording.missed = driver.missed(min(now, end))
            recording.close_window()
            driver.stop()
            self._tell("draining", recording)
        if driver.sending:
            return False
        return self._ended == "interrupted" or driver.lost_words is not None or driver.in_flight <= 0

    def _tick(
        self, driver: BaseDriver, fleet: Fleet, watch: Watch, recording: Recording, usage: Usage
    ) -> None:
        now = monotonic_ns()
        timeout = int(self._plan.call_timeout * 1e9)
        driver.steer(now)
        fleet.expire(now - timeout, now)
        self._ledger.drain()
        if self._checker is not None:
            self._checker.work()
        if not recording.counting and driver.sending and now - recording.started >= self._plan.warmup * 1e9:
            _count(driver, watch, recording)
        moment = recording.tick(now, driver.in_flight)
        if moment is not None:
            watch.drain()
            usage.look(fleet.processes(), at=moment.index + moment.span)
            self._tell("load", recording, moment)
        elif not recording.counting and recording.new_second(now):
            self._tell("warmup", recording)

    async def _reopen(self, lane: Lane, fleet: Fleet, driver: BaseDriver) -> None:
        """A session has served its share: close it and open the next one in its place."""
        await lane.close()
        if await self._opened(lane, fleet, driver):
            driver.opened(lane)

    async def _replace(self, lane: Lane, fleet: Fleet, driver: BaseDriver) -> None:
        """The same for a schedule that waits for nobody: what is in flight comes home beside the next session."""
        fresh = fleet.successor(lane)
        if await self._opened(fresh, fleet, driver):
            driver.choice.replace(lane, fresh)
            driver.opened(fresh)
        while lane.pending:  # noqa: ASYNC110 - answers are counted, not signalled
            await asyncio.sleep(TICK)
        await fleet.retire(lane)

    async def _opened(self, lane: Lane, fleet: Fleet, driver: BaseDriver) -> bool:
        while driver.sending:
            try:
                await fleet.open_one(lane)
            except McpctlError as error:
                if fleet.gave_up(lane):
                    driver.lost(lane, error.message)
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
        if self._gate is not None:
            begin = await self._gate()
        if begin is not None:
            await self._unless_stopped(asyncio.sleep(max(0.0, begin - time.time())))

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _result(
        self, driver: BaseDriver, fleet: Fleet, watch: Watch, recording: Recording, usage: Usage
    ) -> Run:
        run = recording.finish()
        run.effort = watch.end(slip=self._ledger.slip.take(), late_answers=self._ledger.late)
        run.connect = fleet.connect.take()
        run.processes = usage.samples
        run.restarts = fleet.restarts
        run.lost = driver.lost_words
        run.ended = self._ended or ("server_lost" if driver.lost_words else "complete")
        run.error_samples = dict(self._ledger.samples)
        if self._checker is not None:
            self._checker.enter(run)
        return run

    def _tell(self, phase: Phase, recording: Recording | None = None, moment: Moment | None = None) -> None:
        if self._heard is None:
            return
        elapsed = (monotonic_ns() - recording.started) / 1e9 if recording is not None else 0.0
        growth = recording.growth if recording is not None and moment is not None else ()
        self._heard(
            Progress(phase=phase, elapsed=elapsed, in_flight=self._in_flight(), moment=moment, growth=growth)
        )


def _driver(plan: Plan, ledger: Ledger, fleet: Fleet) -> BaseDriver:
    if plan.model == "open":
        return OpenDriver(plan, ledger)
    return ClosedDriver(plan, ledger, fleet.lanes)


def _count(driver: BaseDriver, watch: Watch, recording: Recording) -> None:
    """The warm-up is over."""
    driver.count()
    watch.begin()
    recording.begin()
