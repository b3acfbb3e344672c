"""Where lanes write down what became of every request; read once a second, emptied a hundred times a second.

Requests that were written together share one entry (`Shot`), and with it one clock reading: that is what makes a
million of them a second affordable.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mcpctl.loadtest.histogram import Histogram, Recorder
from mcpctl.loadtest.plan import Operation
from mcpctl.loadtest.results import Tally, add_counts, requests_in

SAMPLE_LENGTH = 200
"""Characters of a server's words that are kept for each kind of error."""


class Book:
    """One operation in one phase. What began in the warm-up is still entered into the warm-up's book."""

    __slots__ = ("errors", "latency", "ok", "sent", "service", "strays", "tally")

    def __init__(self, operation: Operation) -> None:
        self.latency = Recorder()
        self.service = Recorder()
        self.ok = 0
        self.sent = 0
        self.errors: dict[str, int] = {}
        self.strays: dict[str, int] = {}
        self.tally = Tally(name=operation.name, kind=operation.kind)

    @property
    def ended(self) -> int:
        """Requests, and not what came without one."""
        return requests_in(self.ok, self.errors, self.strays)

    def drain(self) -> None:
        self.latency.drain()
        self.service.drain()

    def settle(self) -> Histogram:
        """Bring the tally up to date; the latencies that came since the last time."""
        fresh = self.latency.take()
        self.tally.latency.merge(fresh)
        self.tally.service.merge(self.service.take())
        self.tally.ok = self.ok
        self.tally.errors = dict(self.errors)
        self.tally.strays = dict(self.strays)
        return fresh


class Shot:
    """Requests of one operation that were due at one moment and written at one moment. Nanoseconds, monotonic."""

    __slots__ = ("book", "count", "due", "sent")

    def __init__(self, book: Book, due: int, count: int) -> None:
        self.book = book
        self.due = due
        self.count = count
        self.sent = due


class Ledger:
    def __init__(self, operations: Sequence[Operation]) -> None:
        self._operations = operations
        self.books = [Book(operation) for operation in operations]
        self.slip = Recorder()
        self.connect = Recorder()
        self.samples: dict[str, str] = {}
        self.late = 0
        self.dropped = 0

    def begin(self) -> None:
        """From now on everything counts; what is still under way belongs to the warm-up."""
        self.books = [Book(operation) for operation in self._operations]
        self.slip = Recorder()
        self.samples = {}
        self.late = self.dropped = 0

    @property
    def ok(self) -> int:
        return sum(book.ok for book in self.books)

    @property
    def sent(self) -> int:
        return sum(book.sent for book in self.books)

    def errors(self) -> dict[str, int]:
        return _added(book.errors for book in self.books)

    def strays(self) -> dict[str, int]:
        return _added(book.strays for book in self.books)

    def answered(self, shot: Shot, now: int, count: int) -> None:
        """Good answers that came at one moment."""
        book = shot.book
        book.ok += count
        if count == 1:
            book.latency.values.append(now - shot.due)
            book.service.values.append(now - shot.sent)
        else:
            book.latency.weighted.append((now - shot.due, count))
            book.service.weighted.append((now - shot.sent, count))

    def failed(self, shot: Shot, kind: str, sample: str, *, now: int | None = None) -> None:
        """A request that came to nothing; with `now`, the wait for it counts as a latency."""
        self._blame(shot.book, kind, sample)
        if now is not None:
            shot.book.latency.values.append(now - shot.due)
            shot.book.service.values.append(now - shot.sent)

    def strayed(self, book: Book, kind: str, sample: str) -> None:
        """An error, but no request: whoever asked for something else still waits for it."""
        self._blame(book, kind, sample)
        book.strays[kind] = book.strays.get(kind, 0) + 1

    def written(self, shot: Shot, now: int) -> None:
        shot.sent = now
        shot.book.sent += shot.count
        if shot.count == 1:
            self.slip.values.append(now - shot.due)
        else:
            self.slip.weighted.append((now - shot.due, shot.count))

    def drain(self) -> None:
        self.slip.drain()
        for book in self.books:
            book.drain()

    def _blame(self, book: Book, kind: str, sample: str) -> None:
        book.errors[kind] = book.errors.get(kind, 0) + 1
        if kind not in self.samples:
            self.samples[kind] = sample[:SAMPLE_LENGTH]


def _added(many: Iterable[dict[str, int]]) -> dict[str, int]:
    whole: dict[str, int] = {}
    for one in many:
        add_counts(whole, one)
    return whole
