"""What was measured, second by second while it happens: turns a ledger into a `Run`."""

from __future__ import annotations

from time import monotonic_ns, time

from mcpctl.loadtest.histogram import Histogram
from mcpctl.loadtest.ledger import Book, Ledger
from mcpctl.loadtest.plan import Plan
from mcpctl.loadtest.results import MOST_MOMENTS, Moment, Run, Tally, add_counts, pack, regrouped, step_for

_SECOND = 1_000_000_000

_BLINK = 0.1
"""Seconds; several looks at the clock long, and too short to tell anything by itself."""


class Recording:
    def __init__(self, plan: Plan, ledger: Ledger) -> None:
        self._plan = plan
        self._ledger = ledger
        self._counted_from = 0
        self._mark = 0
        self._closed: int | None = None
        self._last_second = 0
        self._before = Moment(index=0)
        self.run = Run()
        self.started = 0
        """When the load began, by the monotonic clock in nanoseconds."""
        self.counting = False
        self.missed = 0
        self.growth: tuple[Tally, ...] = ()
        """What the last second added to each operation."""

    def start(self) -> int:
        self.started = monotonic_ns()
        return self.started

    def begin(self) -> None:
        """From now on everything counts."""
        self._ledger.begin()
        self._counted_from = self._mark = monotonic_ns() if self._plan.warmup else self.started
        self.run.started_at = time()
        self.run.tallies = {book.tally.name: book.tally for book in self._ledger.books}
        self.counting = True

    def new_second(self, now: int) -> bool:
        """Whether another second of the load has begun since the last time this was asked."""
        second = (now - self.started) // _SECOND
        is_new = second > self._last_second
        self._last_second = second
        return is_new

    def tick(self, now: int, in_flight: int) -> Moment | None:
        """The second that has just ended, if one has."""
        if not self.counting or now - self._mark < _SECOND:
            return None
        moment = self._moment(now, in_flight)
        self._mark += _SECOND * ((now - self._mark) // _SECOND)
        return moment

    def close_window(self) -> None:
        """Nothing more is sent: what was answered until now makes the throughput."""
        if self._closed is None and self.counting:
            self._closed = monotonic_ns()
            for book in self._ledger.books:
                book.tally.within = book.ended

    def finish(self, now: int) -> Run:
        self.close_window()
        if self.counting:
            self._last_moment(now)
        run = self.run
        if self.counting:
            run.duration = ((self._closed or now) - self._counted_from) / _SECOND
        run.dropped = self._ledger.dropped
        run.missed = self.missed
        run.moments = regrouped(run.moments, step_for(run.moments[-1].index)) if run.moments else []
        return run

    def _last_moment(self, now: int) -> None:
        """What is left of the last second; what lies behind the end of the load is no second of silence."""
        is_behind = self._mark >= self.started + self._plan.profile.end * _SECOND
        last = self._moment(now, 0)
        happened = last.sent or last.ok or last.errors or last.dropped
        if not happened and (is_behind or last.span < _BLINK) and len(self.run.moments) > 1:
            self.run.moments.pop()

    def _moment(self, now: int, in_flight: int) -> Moment:
        ledger, before = self._ledger, self._before
        self.growth = tuple(_settled(book) for book in ledger.books)
        fresh = Histogram()
        for tally in self.growth:
            fresh.merge(tally.latency)
        errors, strays = ledger.errors(), ledger.strays()
        moment = Moment(
            index=round((self._mark - self._counted_from) / _SECOND),
            span=(now - self._mark) / _SECOND,
            sent=ledger.sent - before.sent,
            ok=ledger.ok - before.ok,
            errors=_growth(before.errors, errors),
            strays=_growth(before.strays, strays),
            in_flight=in_flight,
            dropped=ledger.dropped - before.dropped,
            packed=pack(fresh),
        )
        self._before = Moment(
            index=0, sent=ledger.sent, ok=ledger.ok, errors=errors, strays=strays, dropped=ledger.dropped
        )
        self.run.moments.append(moment)
        if len(self.run.moments) > 2 * MOST_MOMENTS:
            self.run.moments = regrouped(self.run.moments, step_for(moment.index))
        return moment


def _settled(book: Book) -> Tally:
    """Bring a book's tally up to date; what it grew by."""
    tally = book.tally
    ok, errors, strays = tally.ok, tally.errors, tally.strays
    latency = book.settle()
    return Tally(
        name=tally.name,
        kind=tally.kind,
        latency=latency,
        ok=tally.ok - ok,
        errors=_growth(errors, tally.errors),
        strays=_growth(strays, tally.strays),
    )


def _growth(before: dict[str, int], after: dict[str, int]) -> dict[str, int]:
    grown = dict(after)
    add_counts(grown, {kind: -count for kind, count in before.items()})
    return {kind: count for kind, count in grown.items() if count}
