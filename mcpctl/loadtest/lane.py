"""One session under load: what is in flight on it, and the ways in which a request ends.

A lane sends what a driver tells it to and reports back how many places have become free. It decides nothing about
when or how much. What is true of pipes and of HTTP alike stands here.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from typing import Protocol

from mcpctl.loadtest.answers import judge
from mcpctl.loadtest.ledger import Book, Ledger, Shot
from mcpctl.loadtest.plan import Target
from mcpctl.model.value import dataclass
from mcpctl.wire.jsonrpc import Envelope, RequestId

_LATE_KEPT = 10_000
"""Ids of requests that ran out of time and may still be answered; whatever is older is taken for a stranger's."""


UNLIMITED = 1 << 62
"""Calls of a session that has no number of them: it is counted down all the same, which costs less than to ask."""


class Driver(Protocol):
    """Whoever decides what is sent when."""

    def completed(self, lane: Lane, count: int, now: int) -> None:
        """So many requests of this lane have ended, one way or another."""

    def opened(self, lane: Lane) -> None:
        """A session can be used, for the first time or again."""

    def lost(self, lane: Lane, words: str) -> None:
        """The server is gone for good."""


class Silence:
    """A driver of nothing, for sessions that are the load themselves."""

    def completed(self, lane: Lane, count: int, now: int) -> None:
        """Nobody waits for a place."""

    def opened(self, lane: Lane) -> None:
        """Whoever opened it knows."""

    def lost(self, lane: Lane, words: str) -> None:
        """Whoever opened it is told by the handshake."""


class Numbers:
    """The next request id, of all lanes of one generator: so an answer that strays to another session is noticed."""

    __slots__ = ("next",)

    def __init__(self, first: int) -> None:
        self.next = first


class Sampler(Protocol):
    """Keeps a good answer now and then, to be validated in full when there is time."""

    def seen(self, operation: str, count: int, answers: bytes) -> None:
        """So many good answers; the last line of `answers` is one of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What all lanes of one generator share."""

    ledger: Ledger
    driver: Driver
    numbers: Numbers
    sampler: Sampler | None = None
    width: int = 1
    """Requests that a session will have in flight at once, as far as that is known before."""


class Lane(ABC):
    __slots__ = (
        "_late",
        "driver",
        "greeted",
        "held",
        "ledger",
        "limit",
        "numbers",
        "pending",
        "ready",
        "room",
        "sampler",
        "target",
    )

    def __init__(self, target: Target, around: Surroundings) -> None:
        self.target = target
        self.ledger = around.ledger
        self.driver = around.driver
        self.numbers = around.numbers
        self.sampler = around.sampler
        self.ready = False
        self.room = UNLIMITED
        """Requests that this session may still take before it is opened anew."""
        self.greeted = 0
        """When the handshake was over, by the monotonic clock."""
        self.held = 0
        """Places of a closed model that wait for the session to open again."""
        self.limit = target.limits.max_message
        """Bytes of one answer."""
        self.pending: dict[RequestId, Shot] = {}
        self._late: deque[RequestId] = deque(maxlen=_LATE_KEPT)

    @abstractmethod
    def issue(self, operation: int, count: int, due: int) -> None:
        """Prepare requests; `flush` sends them."""

    @abstractmethod
    def flush(self) -> None: ...

    @abstractmethod
    async def open(self) -> None:
        """Connect and shake hands. Raises `McpctlError`."""

    @abstractmethod
    async def close(self) -> None: ...

    @property
    def pid(self) -> int | None:
        """The local process behind it."""
        return None

    def expire(self, sent_before: int, now: int) -> None:
        """Give up what was sent too long ago. The oldest stand first, so this looks at little more than it ends."""
        overdue = []
        for number, shot in self.pending.items():
            if shot.sent > sent_before:
                break
            overdue.append((number, shot))
        for number, shot in overdue:
            del self.pending[number]
            self._late.append(number)
            self.ledger.failed(shot, "timeout", f"no answer within {(now - shot.sent) / 1e9:.3g} s", now=now)
            self.abandoned(number, shot)
        if overdue:
            self.driver.completed(self, len(overdue), now)

    def abandoned(self, number: RequestId, shot: Shot) -> None:
        """A request will not be waited for any longer."""

    def fail_all(self, kind: str, words: str, now: int) -> None:
        shots, self.pending = list(self.pending.values()), {}
        for shot in shots:
            self.ledger.failed(shot, kind, words)
        if shots:
            self.driver.completed(self, len(shots), now)

    def settle(self, shot: Shot, envelope: Envelope, now: int) -> None:
        """An answer to one request that is not plainly good."""
        fault = judge(envelope)
        if fault is None:
            self.ledger.answered(shot, now, 1)
        else:
            self.ledger.failed(shot, fault.kind, fault.words, now=now)

    def stray(self, number: RequestId | None, book: Book) -> None:
        """An answer that nobody waits for here: late, or not ours at all."""
        if number in self._late:
            self.ledger.late += 1
        else:
            self.ledger.strayed(
                book, "crosstalk", f"an answer carries the id {number}, which this session did not ask with"
            )
