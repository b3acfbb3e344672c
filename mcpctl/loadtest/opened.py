"""The open model: a schedule that the server has no say in. What finds no room under the cap is dropped and counted."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from math import ceil
from time import monotonic_ns

from mcpctl.loadtest.clock import Alarm, alarm
from mcpctl.loadtest.driver import BaseDriver
from mcpctl.loadtest.lane import Lane
from mcpctl.loadtest.ledger import Ledger
from mcpctl.loadtest.plan import Plan, shared
from mcpctl.loadtest.profile import arrivals

_BURST = 512
"""Requests sent at one ring of the schedule; answers must be read between two of them."""

_LEAD_SHARE = 10
"""The timer may be set early by one part in so many of the wait, and the rest is spun away: a tenth of a core at most."""


class OpenDriver(BaseDriver):
    """A schedule that the server has no say in; what finds no room under the cap is dropped and counted."""

    def __init__(self, plan: Plan, ledger: Ledger) -> None:
        super().__init__(plan, ledger)
        self._due: Iterator[float] = arrivals(
            plan.profile, kind=plan.arrivals, seed=plan.seed, shard=plan.shard, shards=plan.shards
        )
        self._cap = max(1, shared(plan.max_in_flight, plan.shard, plan.shards))
        self._begin = 0
        self._taken = 0
        """Moments of the schedule that were looked at: the last one may lie ahead."""
        self._next: int | None = None
        self._end = 0
        """When all requests are spent: where the interval behind the last one ends."""
        self._ahead = 0.0
        """Share of an interval from the end of the warm-up to the first request that counts."""
        self._alarm: Alarm = alarm(self._ring)
        self._waiting: deque[tuple[int, int]] = deque()
        """Operation and due time of what no session was open for."""

    def start(self, begin: int) -> None:
        self._begin = begin
        self._advance()
        self._set_alarm(begin)
        self._stop_if_spent()

    @property
    def is_spent(self) -> bool:
        return self._next is None and not self._waiting

    def count(self) -> None:
        super().count()
        # What was looked at last is sent from now on, and so counts.
        if self._next is not None and self._left is not None:
            area = self.plan.profile.area(until=(monotonic_ns() - self._begin) / 1e9)
            self._ahead = ceil(area) - area
            self._next = self._next if self._left else None
            self._left = max(0, self._left - 1)

    def missed(self, now: int) -> int:
        plan, waiting = self.plan, len(self._waiting)
        due = plan.profile.area(until=(now - self._begin) / 1e9) / plan.shards
        if self._next is None or (plan.arrivals == "poisson" and self._next > now):
            return waiting  # nothing else is due, or only on average
        if self._left is not None:
            due = min(due, self._taken + self._left)
        return max(0, int(due) - self._taken) + waiting

    def completed(self, lane: Lane, count: int, now: int) -> None:
        del lane, now
        self.in_flight -= count
        if self._stopped:
            self._check_finished()

    def opened(self, lane: Lane) -> None:
        waiting, self._waiting = self._waiting, deque()
        touched: dict[Lane, None] = {lane: None}
        for operation, due in waiting:
            self._offer(operation, due, touched)
        for each in touched:
            each.flush()
        self._stop_if_spent()

    def stop(self) -> None:
        # What waits for a session was never sent; it will not be.
        self.in_flight -= len(self._waiting)
        self._waiting.clear()
        super().stop()

    def close(self) -> None:
        super().close()
        self._alarm.close()

    def _ring(self) -> None:
        if self._stopped:
            return
        now = monotonic_ns()
        while self._next is not None and 0 < self._next - now <= self.lead:
            now = monotonic_ns()
        touched: dict[Lane, None] = {}
        choice = self.choice
        for _ in range(_BURST):
            due = self._next
            if due is None or due > now:
                break
            self._advance()
            if self.in_flight >= self._cap:
                self.ledger.dropped += 1
                continue
            self.in_flight += 1
            self._offer(choice.next() if choice.only is None else choice.only, due, touched)
        for lane in touched:
            lane.flush()
        self._set_alarm(monotonic_ns())
        self._stop_if_spent()

    def _stop_if_spent(self) -> None:
        """All requests were sent. The quiet end of a schedule is part of it, by the clock as well as by their number."""
        if self._left != 0 or not self.is_spent:
            return
        if monotonic_ns() < self._end:
            self._alarm.set(self._end)
        else:
            self.stop()

    def _set_alarm(self, now: int) -> None:
        if self._next is not None:
            self._alarm.set(self._next - min(self.lead, max(0, self._next - now) // _LEAD_SHARE))

    def _offer(self, operation: int, due: int, touched: dict[Lane, None]) -> None:
        lane = self.choice.lane_for(operation)
        if lane is None:
            self._waiting.append((operation, due))
            return
        lane.issue(operation, 1, due)
        touched[lane] = None
        if lane.room <= 0:
            lane.flush()
            lane.ready = False
            self.recycle(lane)

    def _advance(self) -> None:
        if self._left is not None:
            if self._left == 0:
                self._next, self._end = None, self._quiet_end()
                return
            self._left -= 1
        moment = next(self._due, None)
        self._taken += moment is not None
        self._next = None if moment is None else self._begin + int(moment * 1e9)

    def _quiet_end(self) -> int:
        """Requests that come by chance need none: there is an interval before the first as well."""
        plan = self.plan
        if plan.arrivals == "poisson" or not self._taken:
            return 0
        turn = (self._taken - 1) * plan.shards + plan.shard
        return self._begin + int(plan.profile.moment(turn + 1 - self._ahead) * 1e9)
