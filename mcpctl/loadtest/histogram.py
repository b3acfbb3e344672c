"""Latencies as counts: 1024 buckets per power of two, so that no value is off by 0.1 % however many there are.

The hot path appends to a list (10 ns); `Recorder.drain` sorts the backlog into buckets when there is time.
Values are whole nanoseconds. Buckets are laid out as HdrHistogram lays them out with three digits; see `encoding`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import ceil

SUB_BUCKET_BITS = 10
"""2 ** 10 buckets per power of two: the widest is 1/1024 of its value."""

_LINEAR_BITS = SUB_BUCKET_BITS + 1


def bucket_of(value: int) -> int:
    shift = value.bit_length() - _LINEAR_BITS
    return (shift << SUB_BUCKET_BITS) + (value >> shift) if shift > 0 else value


def lowest_of(bucket: int) -> int:
    """The smallest value that falls into this bucket."""
    shift = (bucket >> SUB_BUCKET_BITS) - 1
    if shift <= 0:
        return bucket
    return (bucket - (shift << SUB_BUCKET_BITS)) << shift


def highest_of(bucket: int) -> int:
    return lowest_of(bucket) + _width_of(bucket) - 1


def middle_of(bucket: int) -> int:
    return lowest_of(bucket) + (_width_of(bucket) >> 1)


def _width_of(bucket: int) -> int:
    return 1 << max(0, (bucket >> SUB_BUCKET_BITS) - 1)


class Histogram:
    """Counts by bucket, and what can be kept exactly beside them: total, sum, smallest and largest value."""

    __slots__ = ("count", "counts", "maximum", "minimum", "sum")

    def __init__(self) -> None:
        self.counts: dict[int, int] = {}
        self.count = 0
        self.sum = 0
        self.minimum = 0
        self.maximum = 0

    def record(self, value: int, count: int = 1) -> None:
        self.record_weighted(((value, count),))

    def record_many(self, values: Sequence[int]) -> None:
        """The drain of the hot path, so the bucket is worked out in place: a call each would double its price."""
        if not values:
            return
        counts = self.counts
        get = counts.get
        for value in values:
            shift = value.bit_length() - _LINEAR_BITS
            bucket = (shift << SUB_BUCKET_BITS) + (value >> shift) if shift > 0 else max(value, 0)
            counts[bucket] = get(bucket, 0) + 1
        self._note(min(values), max(values), sum(values), len(values))

    def record_weighted(self, pairs: Sequence[tuple[int, int]]) -> None:
        """Pairs of a value and how often it was seen."""
        if not pairs:
            return
        counts = self.counts
        total = weighted = 0
        for value, count in pairs:
            bucket = bucket_of(max(value, 0))
            counts[bucket] = counts.get(bucket, 0) + count
            total += count
            weighted += value * count
        self._note(min(pairs)[0], max(pairs)[0], weighted, total)

    def merge(self, other: Histogram) -> None:
        if not other.count:
            return
        counts = self.counts
        get = counts.get
        for bucket, count in other.counts.items():
            counts[bucket] = get(bucket, 0) + count
        self._note(other.minimum, other.maximum, other.sum, other.count)

    def _note(self, low: int, high: int, total: int, count: int) -> None:
        self.minimum = min(self.minimum, max(low, 0)) if self.count else max(low, 0)
        self.maximum = max(self.maximum, high)
        self.sum += total
        self.count += count

    @property
    def mean(self) -> float:
        return self.sum / self.count if self.count else 0.0

    def percentile(self, percent: float) -> int:
        return self.percentiles((percent,))[0]

    def percentiles(self, percents: Iterable[float]) -> list[int]:
        """The value that so many per cent do not exceed; 0 while nothing was recorded."""
        wanted = list(percents)
        found = [0] * len(wanted)
        if not self.count:
            return found
        order = sorted(range(len(wanted)), key=wanted.__getitem__)
        buckets = iter(sorted(self.counts))
        bucket, seen = -1, 0
        for position in order:
            # The 1e-9 keeps 99.9 % of 1000 at 999: the product alone is 999.0000000000001.
            rank = max(1, ceil(wanted[position] / 100 * self.count - 1e-9))
            while seen < rank:
                bucket = next(buckets)
                seen += self.counts[bucket]
            found[position] = max(self.minimum, min(self.maximum, highest_of(bucket)))
        return found


class Recorder:
    """The list that the hot path appends to, and the histogram it ends up in.

    `values` and `weighted` stay the same objects, so that their bound `append` may be kept.
    """

    __slots__ = ("histogram", "values", "weighted")

    def __init__(self) -> None:
        self.histogram = Histogram()
        self.values: list[int] = []
        self.weighted: list[tuple[int, int]] = []

    def drain(self) -> None:
        if self.values:
            self.histogram.record_many(self.values)
            self.values.clear()
        if self.weighted:
            self.histogram.record_weighted(self.weighted)
            self.weighted.clear()

    def take(self) -> Histogram:
        """What was recorded since the last time, and start anew."""
        self.drain()
        taken, self.histogram = self.histogram, Histogram()
        return taken
