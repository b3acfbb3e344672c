"""The closed model: so many places, each with one request in flight, and the next one when it has ended."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from time import monotonic_ns

from mcpctl.loadtest.clock import Alarm, alarm
from mcpctl.loadtest.driver import BaseDriver
from mcpctl.loadtest.lane import Lane
from mcpctl.loadtest.ledger import Ledger
from mcpctl.loadtest.plan import Plan, shared

_REST = 0.001
"""Seconds until a place is tried again whose server has no open session."""


class ClosedDriver(BaseDriver):
    """So many places, each with one request in flight, the next one when it has ended."""

    def __init__(self, plan: Plan, ledger: Ledger, lanes: Sequence[Lane]) -> None:
        super().__init__(plan, ledger)
        self._lanes = lanes
        self._loop = asyncio.get_running_loop()
        self._places = 0
        """In use: in flight, thinking, or waiting for a session."""
        self._wanted = 0
        self._begin = 0
        self._turn = 0
        self._think = int(plan.think * 1e9)
        self._thinking: deque[tuple[int, Lane, int]] = deque()
        self._alarm: Alarm | None = alarm(self._thought) if plan.think else None

    def start(self, begin: int) -> None:
        self._begin = begin
        self.steer(begin)

    def steer(self, now: int) -> None:
        if self._stopped:
            return
        if self._left == 0:
            self.stop()
            return
        plan = self.plan
        at = (now - self._begin) / 1e9
        self._wanted = shared(round(plan.profile.level(at)), plan.shard, plan.shards)
        missing = self._wanted - self._places
        if missing <= 0:
            return
        self._places = self._wanted
        lanes = self._lanes
        touched = lanes if missing >= len(lanes) else ()
        for turn in range(self._turn, self._turn + missing):
            lane = lanes[turn % len(lanes)]
            self._send(lane, 1, now)
            if not touched:
                lane.flush()
        for lane in touched:
            lane.flush()
        self._turn = (self._turn + missing) % len(lanes)

    def completed(self, lane: Lane, count: int, now: int) -> None:
        self.in_flight -= count
        if self._places > self._wanted:
            leaving = min(count, self._places - self._wanted)
            self._places -= leaving
            count -= leaving
        if self._stopped:
            self._places -= count
            self._check_finished()
        elif count and self._alarm is not None:
            if not self._thinking:
                self._alarm.set(now + self._think)
            self._thinking.append((now + self._think, lane, count))
        elif count:
            self._send(lane, count, now)
            lane.flush()
        self._rest_if_served(lane)

    def opened(self, lane: Lane) -> None:
        held, lane.held = lane.held, 0
        if held and not self._stopped:
            self._send(lane, held, monotonic_ns())
            lane.flush()

    def stop(self) -> None:
        self._thinking.clear()
        super().stop()

    def close(self) -> None:
        super().close()
        if self._alarm is not None:
            self._alarm.close()

    def _send(self, lane: Lane, count: int, due: int) -> None:
        """Use places again; those that may send nothing more, because all requests are spent, fall empty."""
        if self._left is not None and count > self._left:
            self._places -= count - self._left
            count = self._left
        room = lane.room if lane.ready else 0
        if count > room:
            lane.held += count - room
            count = room
        if self._left is not None:
            self._left -= count
        self.in_flight += count
        self._issue(lane, count, due)
        if self._left == 0:
            self.stop()

    def _issue(self, lane: Lane, count: int, due: int) -> None:
        choice = self.choice
        if choice.only is not None:
            if count:
                lane.issue(choice.only, count, due)
            return
        for _ in range(count):
            operation = choice.next()
            taker = choice.lane_for(operation) if choice.several_targets else lane
            if taker is None:
                # All sessions of that server are being opened anew.
                self.in_flight -= 1
                self._loop.call_later(_REST, self._retry, lane, due)
                continue
            taker.issue(operation, 1, due)
            if taker is not lane:
                taker.flush()

    def _retry(self, lane: Lane, due: int) -> None:
        if not self._stopped:
            self._send(lane, 1, due)
            lane.flush()

    def _thought(self) -> None:
        now = monotonic_ns()
        thinking = self._thinking
        while thinking and thinking[0][0] <= now:
            due, lane, count = thinking.popleft()
            self._send(lane, count, due)
            lane.flush()
        if thinking and self._alarm is not None:
            self._alarm.set(thinking[0][0])

    def _rest_if_served(self, lane: Lane) -> None:
        """A session that has had its share of calls is opened anew once it is idle."""
        if lane.room <= 0 and lane.ready and not lane.pending and not self._stopped:
            lane.ready = False
            self.recycle(lane)
