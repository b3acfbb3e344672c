"""Latencies in log-linear buckets: every power of two is split evenly, so the relative error is the same everywhere.

Sparse, so memory follows the spread of the values and never their number. Serves statistics that are kept for long;
the load generator has a finer one. Refuses to interpolate: a percentile is the middle of the bucket it falls into.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from math import ceil, frexp, ldexp

COARSE = 7
"""128 buckets per power of two: 0.4 % at worst, at most 6,400 buckets for everything between the bounds."""

_SCALE = float(2 << COARSE)

SMALLEST = 1e-9
LARGEST = 1e6
"""Seconds. Nothing here is faster than a nanosecond or slower than eleven days; what claims to be is put at the edge."""


class Histogram:
    __slots__ = ("_counts", "count", "largest", "smallest", "total")

    def __init__(self) -> None:
        self._counts: defaultdict[int, int] = defaultdict(int)
        self.count = 0
        self.total = 0.0
        self.smallest = LARGEST
        self.largest = 0.0

    @property
    def mean(self) -> float | None:
        return self.total / self.count if self.count else None

    def record(self, seconds: float, count: int = 1) -> None:
        # One comparison for the usual case; it is false for NaN too.
        if not SMALLEST <= seconds <= LARGEST:
            seconds = LARGEST if seconds > LARGEST else SMALLEST
        mantissa, exponent = frexp(seconds)
        self._counts[(exponent << COARSE) + int(mantissa * _SCALE)] += count
        self.count += count
        self.total += seconds * count
        # Not min() and max(): two calls would cost as much as all the rest.
        if seconds < self.smallest:  # noqa: PLR1730 (see above)
            self.smallest = seconds
        if seconds > self.largest:  # noqa: PLR1730 (see above)
            self.largest = seconds

    def percentile(self, percent: float) -> float | None:
        return self.percentiles(percent)[percent]

    def percentiles(self, *percents: float) -> dict[float, float | None]:
        """The value that this share of all recordings does not exceed, for each of several shares in one pass."""
        found: dict[float, float | None] = dict.fromkeys(percents)
        if not self.count:
            return found
        buckets = iter(self.buckets())
        value, seen = 0.0, 0
        for percent in sorted(found):
            rank = min(max(ceil(self.count * percent / 100.0), 1), self.count)
            while seen < rank:
                value, count = next(buckets)
                seen += count
            # The first and the last are known exactly.
            found[percent] = self.smallest if rank == 1 else self.largest if rank == self.count else value
        return found

    def buckets(self) -> Iterator[tuple[float, int]]:
        """The middle of each bucket in use and how many recordings it holds, in rising order."""
        for key in sorted(self._counts):
            yield _middle(key), self._counts[key]

    def merge(self, other: Histogram) -> None:
        self.take(
            other._counts.items(),
            count=other.count,
            total=other.total,
            smallest=other.smallest,
            largest=other.largest,
        )

    def take(
        self,
        counts: Iterable[tuple[int, int]],
        *,
        count: int,
        total: float,
        smallest: float,
        largest: float,
    ) -> None:
        """What another one held, without making that one first: its `counts`, of which `count` is the sum."""
        own = self._counts
        for key, many in counts:
            own[key] += many
        self.count += count
        self.total += total
        self.smallest = min(self.smallest, smallest)
        self.largest = max(self.largest, largest)

    def counts(self) -> list[tuple[int, int]]:
        """Every bucket in use, in rising order, as `take` reads them."""
        return sorted(self._counts.items())


def _middle(key: int) -> float:
    # A key is (exponent << bits) + n with n in [2**bits, 2**(bits + 1)), hence the one that is taken off.
    exponent = (key >> COARSE) - 1
    return ldexp((key - (exponent << COARSE) + 0.5) / _SCALE, exponent)
