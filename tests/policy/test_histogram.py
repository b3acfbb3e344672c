from math import ceil, inf, nan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mcpctl.policy.histogram import LARGEST, SMALLEST, Histogram

times = st.floats(1e-7, 1e4)


def _of(values) -> Histogram:
    histogram = Histogram()
    for value in values:
        histogram.record(value)
    return histogram


@given(values=st.lists(times, min_size=1, max_size=200), percent=st.floats(0, 100))
@settings(max_examples=60, deadline=None)
def test_a_percentile_is_the_exact_one_but_for_the_error_of_its_bucket(values, percent):
    exact = sorted(values)[max(ceil(len(values) * percent / 100), 1) - 1]
    assert _of(values).percentile(percent) == pytest.approx(exact, rel=0.00401)


@given(st.lists(times, max_size=50), st.lists(times, max_size=50))
@settings(max_examples=60, deadline=None)
def test_merging_is_recording_into_one(left, right):
    merged = _of(left)
    merged.merge(_of(right))
    together = _of(left + right)
    assert list(merged.buckets()) == list(together.buckets())
    assert merged.percentiles(0, 50, 100) == together.percentiles(0, 50, 100)
    assert merged.count == len(left) + len(right)


@given(st.lists(times, max_size=50))
@settings(max_examples=40, deadline=None)
def test_what_one_counted_is_taken_by_another(values):
    histogram, taker = _of(values), Histogram()
    taker.take(
        histogram.counts(),
        count=histogram.count,
        total=histogram.total,
        smallest=histogram.smallest,
        largest=histogram.largest,
    )
    assert taker.counts() == histogram.counts()
    for figure in ("count", "total", "smallest", "largest"):
        assert getattr(taker, figure) == getattr(histogram, figure)


def test_buckets_rise_without_gap_or_overlap_over_powers_of_two():
    values = [1.0 + n / 512 for n in range(1024)]
    middles = [middle for middle, _ in _of(values).buckets()]
    assert middles == sorted(middles)
    assert sum(count for _, count in _of(values).buckets()) == len(values)
    assert len(middles) == 128 + 64


@pytest.mark.parametrize(
    ("value", "kept"), [(0, SMALLEST), (-5, SMALLEST), (nan, SMALLEST), (inf, LARGEST), (1e9, LARGEST)]
)
def test_what_cannot_be_a_latency_is_put_at_the_edge(value, kept):
    histogram = _of([value])
    assert (histogram.smallest, histogram.largest, histogram.count) == (kept, kept, 1)


def test_the_extremes_and_the_mean_are_exact():
    histogram = _of([0.1, 0.2, 0.6])
    assert (histogram.percentile(0), histogram.percentile(100)) == (0.1, 0.6)
    assert histogram.mean == pytest.approx(0.3)


def test_an_empty_one_has_no_percentiles():
    empty = Histogram()
    assert empty.percentiles(50, 99) == {50: None, 99: None}
    assert empty.mean is None


def test_several_at_once_count_as_several():
    histogram = Histogram()
    histogram.record(1.0, 99)
    histogram.record(2.0)
    assert (histogram.count, histogram.percentile(99)) == (100, pytest.approx(1.0, rel=0.004))


def test_memory_follows_the_spread_and_not_the_number():
    histogram = Histogram()
    for exponent in range(-9, 6):
        for step in range(1000):
            histogram.record(10.0**exponent * (1 + step / 111))
    assert len(list(histogram.buckets())) < 50 * 128
