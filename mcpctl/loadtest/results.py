"""What one generator measured, as mergeable values: the common coin of workers, shards, stored runs and verdicts.

Everything adds up: counts are summed, histograms merged, seconds put side by side. Nothing is averaged.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from operator import sub
from zlib import compress, decompress

from mcpctl.loadtest.histogram import Histogram
from mcpctl.model.load_report import ProcessSample

MOST_MOMENTS = 600
"""Kept of one run: ten minutes by the second, longer ones by two, four, eight."""


@dataclass(slots=True, kw_only=True)
class Tally:
    """One operation. Latencies are of requests that were answered or ran out of time; whatever was refused or lost
    sooner would make a server look the faster the less it works.
    """

    name: str
    kind: str
    latency: Histogram = field(default_factory=Histogram)
    """From the moment the request was due."""
    service: Histogram = field(default_factory=Histogram)
    """From the moment it was written."""
    ok: int = 0
    errors: dict[str, int] = field(default_factory=dict)
    strays: dict[str, int] = field(default_factory=dict)
    """Those of the errors that are no request's own: answers that nobody here asked for."""
    within: int = 0
    """Requests that had ended when the sending ended; the rest came home afterwards."""

    @property
    def requests(self) -> int:
        return requests_in(self.ok, self.errors, self.strays)

    @property
    def failed(self) -> int:
        """Errors of every kind; strays come on top of the requests."""
        return sum(self.errors.values())

    def merge(self, other: Tally) -> None:
        self.latency.merge(other.latency)
        self.service.merge(other.service)
        self.ok += other.ok
        self.within += other.within
        add_counts(self.errors, other.errors)
        add_counts(self.strays, other.strays)


@dataclass(slots=True, kw_only=True)
class Moment:
    """One second of one generator, or of all; its latencies are kept packed, an hour has 3600 of them."""

    index: int
    span: float = 1.0
    sent: int = 0
    ok: int = 0
    errors: dict[str, int] = field(default_factory=dict)
    strays: dict[str, int] = field(default_factory=dict)
    in_flight: int = 0
    dropped: int = 0
    packed: bytes = b""

    @property
    def rps(self) -> float:
        """Requests that ended, a second."""
        return requests_in(self.ok, self.errors, self.strays) / self.span if self.span > 0 else 0.0

    def latency(self) -> Histogram:
        return unpack(self.packed)

    def merge(self, other: Moment) -> None:
        self.span = max(self.span, other.span)
        self.sent += other.sent
        self.ok += other.ok
        add_counts(self.errors, other.errors)
        add_counts(self.strays, other.strays)
        self.in_flight += other.in_flight
        self.dropped += other.dropped
        both = self.latency()
        both.merge(other.latency())
        self.packed = pack(both)


@dataclass(slots=True, kw_only=True)
class Effort:
    """What the generator itself cost and added; when merged, counts add up and the worst of each figure stays."""

    cpu_share: float = 0.0
    """Of one core."""
    starved_share: float = 0.0
    """Share of the time in which it was ready to run and others ran."""
    slip: Histogram = field(default_factory=Histogram)
    """From the moment a request was due to the moment it was written."""
    lag: Histogram = field(default_factory=Histogram)
    """How long something ready waited for the generator, at random moments."""
    wake_up: int = 0
    """How late a timer rings on this machine while nothing happens."""
    pauses: int = 0
    """Nanoseconds of garbage collection."""
    longest_pause: int = 0
    late_answers: int = 0
    workers: int = 1

    def merge(self, other: Effort) -> None:
        self.cpu_share = max(self.cpu_share, other.cpu_share)
        self.starved_share = max(self.starved_share, other.starved_share)
        self.slip.merge(other.slip)
        self.lag.merge(other.lag)
        self.wake_up = max(self.wake_up, other.wake_up)
        self.pauses += other.pauses
        self.longest_pause = max(self.longest_pause, other.longest_pause)
        self.late_answers += other.late_answers
        self.workers += other.workers


@dataclass(slots=True, kw_only=True)
class Run:
    tallies: dict[str, Tally] = field(default_factory=dict)
    moments: list[Moment] = field(default_factory=list)
    connect: Histogram = field(default_factory=Histogram)
    """Opening a session: process or connection, and handshake."""
    effort: Effort = field(default_factory=Effort)
    started_at: float = 0.0
    """Seconds since the epoch, of the first second that counts."""
    duration: float = 0.0
    dropped: int = 0
    missed: int = 0
    """Requests of an open schedule that were due and never sent, because the generator fell behind for good."""
    error_samples: dict[str, str] = field(default_factory=dict)
    sampled: int = 0
    faults: list[str] = field(default_factory=list)
    failed_samples: int = 0
    processes: list[ProcessSample] = field(default_factory=list)
    restarts: int = 0
    """How often a session was opened beyond the first time: processes started anew, where the server is a local one."""
    lost: str | None = None
    """How the server went away, where it did."""
    ended: str = "complete"
    dead: list[str] = field(default_factory=list)
    """Workers that never reported back."""

    @property
    def requests(self) -> int:
        return sum(tally.requests for tally in self.tallies.values())

    @property
    def ok(self) -> int:
        return sum(tally.ok for tally in self.tallies.values())

    def whole(self) -> Tally:
        """All operations as one."""
        whole = Tally(name="", kind="tool")
        for tally in self.tallies.values():
            whole.merge(tally)
        return whole

    def merge(self, other: Run) -> None:
        """Add a run that was made at the same time by another generator."""
        for name, tally in other.tallies.items():
            self.tallies.setdefault(name, Tally(name=name, kind=tally.kind)).merge(tally)
        _merge_moments(self.moments, other.moments)
        self.connect.merge(other.connect)
        self.effort.merge(other.effort)
        self.started_at = min(filter(None, (self.started_at, other.started_at)), default=0.0)
        self.duration = max(self.duration, other.duration)
        self.dropped += other.dropped
        self.missed += other.missed
        for kind, sample in other.error_samples.items():
            self.error_samples.setdefault(kind, sample)
        self.sampled += other.sampled
        self.failed_samples += other.failed_samples
        self.faults += [fault for fault in other.faults if fault not in self.faults]
        self.processes += other.processes
        self.restarts += other.restarts
        self.lost = self.lost or other.lost
        self.ended = min(self.ended, other.ended, key=_ENDS.index)
        self.dead += other.dead


_ENDS = ("server_lost", "interrupted", "aborted", "complete")
"""The worst first: it is what a merged run ended with."""


def merged(runs: Iterable[Run]) -> Run:
    whole = Run(effort=Effort(workers=0))
    for run in runs:
        whole.merge(run)
    return whole


def requests_in(ok: int, errors: Mapping[str, int], strays: Mapping[str, int]) -> int:
    """How many requests these were: strays are errors, but nobody's requests."""
    return ok + sum(errors.values()) - sum(strays.values())


def add_counts(into: dict[str, int], more: Mapping[str, int]) -> None:
    for kind, count in more.items():
        into[kind] = into.get(kind, 0) + count


def regrouped(moments: Iterable[Moment], step: int) -> list[Moment]:
    """So many seconds to a moment. What a second has is added up; what was in flight at its end was the most of it."""
    groups: dict[int, list[Moment]] = {}
    for moment in moments:
        groups.setdefault(moment.index // step * step, []).append(moment)
    return [_joined(index, group) if len(group) > 1 else group[0] for index, group in sorted(groups.items())]


def step_for(last: int) -> int:
    """Seconds to a moment for a run whose last second has this number: a run of a day has no more moments than others."""
    step = 1
    while last // step >= MOST_MOMENTS:
        step *= 2
    return step


def pack(histogram: Histogram) -> bytes:
    """Small and quick, for one second at a time; files hold the standard encoding instead."""
    buckets = sorted(histogram.counts)
    numbers = array("q", (histogram.minimum, histogram.maximum, histogram.sum))
    numbers.extend(map(sub, buckets, [0, *buckets]))
    numbers.extend(map(histogram.counts.__getitem__, buckets))
    return compress(numbers.tobytes(), 1)


def unpack(packed: bytes) -> Histogram:
    histogram = Histogram()
    if packed:
        numbers = array("q")
        numbers.frombytes(decompress(packed))
        size = (len(numbers) - 3) // 2
        histogram.minimum, histogram.maximum, histogram.sum = numbers[:3]
        histogram.counts = dict(zip(accumulate(numbers[3 : 3 + size]), numbers[3 + size :], strict=True))
        histogram.count = sum(histogram.counts.values())
    return histogram


def _joined(index: int, group: list[Moment]) -> Moment:
    latency = Histogram()
    joined = Moment(index=index, span=sum(moment.span for moment in group))
    for moment in group:
        latency.merge(moment.latency())
        joined.sent += moment.sent
        joined.ok += moment.ok
        add_counts(joined.errors, moment.errors)
        add_counts(joined.strays, moment.strays)
        joined.in_flight = max(joined.in_flight, moment.in_flight)
        joined.dropped += moment.dropped
    joined.packed = pack(latency)
    return joined


def _merge_moments(into: list[Moment], more: list[Moment]) -> None:
    step = step_for(max((moment.index for moment in (*into, *more)), default=0))
    known = {moment.index: moment for moment in regrouped(into, step)}
    for moment in regrouped(more, step):
        present = known.get(moment.index)
        if present is None:
            known[moment.index] = Moment(index=moment.index, span=moment.span)
            known[moment.index].merge(moment)
        else:
            present.merge(moment)
    into[:] = [known[index] for index in sorted(known)]
