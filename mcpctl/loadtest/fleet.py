"""All sessions of one generator: made, opened a few at a time, watched over and closed."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from math import ceil
from time import monotonic_ns

from mcpctl.errors import McpctlError
from mcpctl.loadtest.checking import Checker
from mcpctl.loadtest.driver import BaseDriver
from mcpctl.loadtest.histogram import Recorder
from mcpctl.loadtest.host import Host
from mcpctl.loadtest.http_lane import HttpLane
from mcpctl.loadtest.lane import UNLIMITED, Lane, Numbers, Silence, Surroundings
from mcpctl.loadtest.ledger import Ledger
from mcpctl.loadtest.pipe_lane import PipeLane
from mcpctl.loadtest.plan import Plan, Target
from mcpctl.loadtest.requests import LineRequest, PostRequest, first_id
from mcpctl.loadtest.session_lane import SessionLane
from mcpctl.loadtest.templates import Draws
from mcpctl.model.value import replace

_REMOTE_GATE = 128
"""Handshakes over HTTP at once; a listening socket queues about as many."""

_PATIENCE = 2.0
"""Seconds for which a session is tried again that could be opened before."""


class Fleet:
    def __init__(self, plan: Plan, ledger: Ledger, checker: Checker | None) -> None:
        """Needs a running event loop."""
        self._plan = plan
        self._ledger = ledger
        self._checker = checker
        self._driver: BaseDriver | None = None
        self._failing_since: int | None = None
        self._gates = {target.name: asyncio.Semaphore(_gate_size(target)) for target in plan.targets}
        self._numbers = Numbers(first_id(plan.shard))
        self._makers: dict[str, Callable[[], Lane]] = {}
        self.connect = Recorder()
        self.openings = 0
        self.lanes: list[Lane] = []

    def report_to(self, driver: BaseDriver) -> None:
        """Make the sessions, and let them report to this driver."""
        self._driver = driver
        plan = self._plan
        draws = Draws(seed=plan.seed, shard=plan.shard, shards=plan.shards, lines=plan.lines)
        for index, target in enumerate(plan.targets):
            for lane in self._lanes_of(index, target, draws):
                lane.room = plan.calls_per_session or UNLIMITED
                driver.choice.add(index, lane)
                self.lanes.append(lane)

    async def open(self) -> None:
        """All of them, or the first error."""
        tasks = [asyncio.ensure_future(self.open_one(lane)) for lane in self.lanes]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def open_one(self, lane: Lane) -> None:
        async with self._gates[lane.target.name]:
            began = monotonic_ns()
            try:
                await lane.open()
            except McpctlError:
                self._failing_since = self._failing_since or monotonic_ns()
                raise
        self._failing_since = None
        self.openings += 1
        lane.room = self._plan.calls_per_session or UNLIMITED
        if not isinstance(lane, SessionLane):
            self.connect.values.append(lane.greeted - began)

    def successor(self, lane: Lane) -> Lane:
        """One more session with the same server, to be opened."""
        fresh = self._makers[lane.target.name]()
        self.lanes.append(fresh)
        return fresh

    async def retire(self, lane: Lane) -> None:
        """Close a session for good."""
        await self._close_one(lane)
        self.lanes.remove(lane)

    def gave_up(self, lane: Lane) -> bool:
        """Whether no session could be opened for too long."""
        del lane
        since = self._failing_since
        return since is not None and (monotonic_ns() - since) / 1e9 > _PATIENCE

    def expire(self, sent_before: int, now: int) -> None:
        for lane in self.lanes:
            if lane.pending:
                lane.expire(sent_before, now)

    @property
    def restarts(self) -> int:
        """Sessions that were opened in the place of others."""
        return max(0, self.openings - self._plan.open_sessions * len(self._plan.targets))

    def processes(self) -> Iterator[tuple[str, int]]:
        """Name and number of every local server."""
        for lane in self.lanes:
            pid = lane.pid
            if pid is not None:
                yield lane.target.name, pid

    async def close(self) -> None:
        await asyncio.gather(*(self._close_one(lane) for lane in self.lanes), return_exceptions=True)

    async def _close_one(self, lane: Lane) -> None:
        async with self._gates[lane.target.name]:
            await lane.close()

    def _lanes_of(self, index: int, target: Target, draws: Draws) -> Iterator[Lane]:
        plan = self._plan
        assert self._driver is not None
        around = Surroundings(
            ledger=self._ledger,
            driver=self._driver,
            numbers=self._numbers,
            sampler=self._checker,
            width=_width(plan),
        )
        if plan.operations[index].kind == "session":
            make = self._maker(index, target, draws, replace(around, driver=Silence(), width=1))
            yield SessionLane(target, make, around)
            return
        make = self._makers[target.name] = self._maker(index, target, draws, around)
        for _ in range(plan.open_sessions):
            yield make()

    def _maker(self, index: int, target: Target, draws: Draws, around: Surroundings) -> Callable[[], Lane]:
        mine = {
            place: operation
            for place, operation in enumerate(self._plan.operations)
            if operation.target == index and operation.kind != "session"
        }
        if target.transport == "stdio":
            lines = {place: LineRequest(operation, draws) for place, operation in mine.items()}
            return lambda: PipeLane(target, lines, around)
        shard = self._plan.shard
        posts = {
            place: PostRequest(operation, draws, target=target, shard=shard)
            for place, operation in mine.items()
        }
        host = Host(target, posts)
        return lambda: HttpLane(host, around)


def _gate_size(target: Target) -> int:
    """Processes that start at once gain no time beyond two a core, and delay the first one."""
    return 2 * (os.cpu_count() or 1) if target.transport == "stdio" else _REMOTE_GATE


def _width(plan: Plan) -> int:
    """Of each session of a closed load; an open one has as many as it will have."""
    if plan.model == "open":
        return 1
    return ceil(plan.profile.peak / plan.shards / plan.open_sessions / len(plan.targets))
