"""What both models of load share: which operation goes where, and how a load ends.

A driver is told of every ending and answers with new requests at once; it never waits for anything.
"""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections.abc import Callable
from itertools import cycle

from mcpctl.loadtest.lane import Lane
from mcpctl.loadtest.ledger import Ledger
from mcpctl.loadtest.plan import Plan

_PICKS = 1 << 14
"""Length of the sequence of operations that is drawn once and then repeated; long enough to hide its period."""


class Choice:
    """Which operation comes next, and which session of its server takes it."""

    def __init__(self, plan: Plan) -> None:
        self._weights = [operation.weight for operation in plan.operations]
        self._targets = [operation.target for operation in plan.operations]
        self._lanes: list[list[Lane]] = [[] for _ in plan.targets]
        self._turns = [0 for _ in plan.targets]
        self.only = 0 if len(plan.operations) == 1 else None
        """The operation, if there is but one."""
        self.several_targets = len(plan.targets) > 1
        draw = random.Random(f"{plan.seed}/{plan.shard}/mix")  # noqa: S311 - a mix that must repeat
        picks = draw.choices(range(len(self._weights)), self._weights, k=_PICKS)
        self.next: Callable[[], int] = cycle(picks).__next__

    def add(self, target: int, lane: Lane) -> None:
        self._lanes[target].append(lane)

    def replace(self, old: Lane, fresh: Lane) -> None:
        for lanes in self._lanes:
            lanes[:] = [fresh if lane is old else lane for lane in lanes]

    def lane_for(self, operation: int) -> Lane | None:
        """The next session in turn that is open; None while there is none."""
        target = self._targets[operation]
        lanes = self._lanes[target]
        turn = self._turns[target]
        for step in range(len(lanes)):
            lane = lanes[(turn + step) % len(lanes)]
            if lane.ready and lane.room > 0:
                self._turns[target] = turn + step + 1
                return lane
        return None


class BaseDriver(ABC):
    """What both models share: who is told that the load is over, and that the server is."""

    def __init__(self, plan: Plan, ledger: Ledger) -> None:
        self.plan = plan
        self.ledger = ledger
        self.choice = Choice(plan)
        self.in_flight = 0
        self.finished: Callable[[], None] = _nothing
        """Called once when there is nothing left to send and nothing in flight."""
        self.recycle: Callable[[Lane], None] = _nothing_for
        """Called when a session has served its share: in the closed model when it is idle, in the open one at once."""
        self.lost_words: str | None = None
        self.lead = 0
        """Nanoseconds that the machine needs to wake up: a timer is set so much earlier."""
        self._stopped = False
        self._left: int | None = None

    @property
    def sending(self) -> bool:
        return not self._stopped

    @abstractmethod
    def start(self, begin: int) -> None: ...

    def missed(self, now: int) -> int:
        """Requests that are due by now and were not sent; only an open schedule can owe any."""
        del now
        return 0

    def count(self) -> None:
        """The warm-up is over: from now on, requests are spent."""
        self._left = self.plan.requests

    def steer(self, now: int) -> None:
        """Follow the profile; called a hundred times a second."""

    def stop(self) -> None:
        """Send nothing more; what is in flight may come home."""
        self._stopped = True
        self._check_finished()

    def close(self) -> None:
        self._stopped = True

    @abstractmethod
    def completed(self, lane: Lane, count: int, now: int) -> None: ...

    @abstractmethod
    def opened(self, lane: Lane) -> None: ...

    def lost(self, lane: Lane, words: str) -> None:
        del lane
        if self.lost_words is None:
            self.lost_words = words
            self.stop()

    def _check_finished(self) -> None:
        if self._stopped and self.in_flight <= 0:
            finished, self.finished = self.finished, _nothing
            finished()


def _nothing() -> None:
    """Until somebody listens."""


def _nothing_for(lane: Lane) -> None:
    del lane
