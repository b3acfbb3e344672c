"""The recorder against exact order statistics, and its encoding against the `hdrhistogram` package."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mcpctl.errors import UsageError
from mcpctl.loadtest import encoding
from mcpctl.loadtest.histogram import Histogram, Recorder, bucket_of, highest_of, lowest_of, middle_of

hdrh = pytest.importorskip("hdrh.histogram")
PERCENTS = (0, 10, 50, 90, 95, 99, 99.9, 99.99, 100)


def latencies(count: int, seed: int = 1) -> list[int]:
    draw = random.Random(seed)
    return [int(draw.lognormvariate(12, 2)) + 1 for _ in range(count)]


def exact(values: list[int], percent: float) -> int:
    ordered = sorted(values)
    return ordered[max(0, -(-round(percent * len(values) * 1000) // 100_000) - 1)]


@settings(deadline=None)
@given(st.integers(0, 1 << 45))
def test_every_value_lies_in_its_bucket_and_no_bucket_is_wider_than_a_thousandth(value: int) -> None:
    bucket = bucket_of(value)
    assert lowest_of(bucket) <= value <= highest_of(bucket)
    assert highest_of(bucket) - lowest_of(bucket) <= value / 1000
    assert lowest_of(bucket) <= middle_of(bucket) <= highest_of(bucket)
    assert bucket_of(highest_of(bucket) + 1) == bucket + 1


def test_percentiles_are_off_by_less_than_a_thousandth() -> None:
    values = latencies(20_000)
    histogram = Histogram()
    histogram.record_many(values)
    for percent, found in zip(PERCENTS, histogram.percentiles(PERCENTS), strict=True):
        assert found == pytest.approx(exact(values, percent), rel=0.001)
    assert histogram.mean == pytest.approx(sum(values) / len(values))
    assert (histogram.minimum, histogram.maximum) == (min(values), max(values))


def test_percentiles_may_be_asked_in_any_order() -> None:
    histogram = Histogram()
    histogram.record_many(list(range(1, 1001)))
    assert histogram.percentiles((99, 50, 99.9, 1)) == [990, 500, 999, 10]


def test_an_empty_histogram_answers_zero() -> None:
    histogram = Histogram()
    assert histogram.percentile(99) == 0
    assert histogram.mean == 0
    assert encoding.decode(encoding.encode(histogram)).count == 0


def test_merging_equals_recording_everything_in_one_place() -> None:
    values = latencies(5_000)
    whole, left, right = Histogram(), Histogram(), Histogram()
    whole.record_many(values)
    left.record_many(values[:1234])
    right.record_many(values[1234:])
    left.merge(right)
    left.merge(Histogram())
    for slot in Histogram.__slots__:
        assert getattr(left, slot) == getattr(whole, slot)


def test_weighted_records_equal_repeated_ones() -> None:
    once, often = Histogram(), Histogram()
    once.record_weighted([(70_000, 3), (5, 2)])
    often.record_many([70_000, 5, 70_000, 5, 70_000])
    assert once.counts == often.counts
    assert once.sum == often.sum
    assert (once.minimum, once.maximum) == (5, 70_000)


def test_a_negative_latency_counts_as_none() -> None:
    histogram = Histogram()
    histogram.record_many([-5, 10])
    histogram.record(-7)
    assert histogram.minimum == 0
    assert histogram.counts == {0: 2, 10: 1}


def test_a_recorder_keeps_its_lists_so_that_append_may_be_bound_once() -> None:
    recorder = Recorder()
    append, weigh = recorder.values.append, recorder.weighted.append
    append(100)
    weigh((200, 4))
    first = recorder.take()
    append(300)
    second = recorder.take()
    assert (first.count, second.count) == (5, 1)
    assert second.maximum == 300


def test_our_encoding_is_read_by_the_reference() -> None:
    values = latencies(20_000, seed=2)
    histogram = Histogram()
    histogram.record_many(values)
    reference = hdrh.HdrHistogram.decode(encoding.encode(histogram))
    assert reference.get_total_count() == len(values)
    for percent in PERCENTS[1:]:
        ours = histogram.percentile(percent)
        assert reference.get_value_at_percentile(percent) == pytest.approx(ours, rel=0.001)


def test_our_encoding_is_byte_for_byte_what_the_reference_counts() -> None:
    values = latencies(3_000, seed=3)
    histogram = Histogram()
    reference = hdrh.HdrHistogram(1, 3_600_000_000_000, 3)
    histogram.record_many(values)
    for value in values:
        reference.record_value(value)
    again = encoding.decode(reference.encode().decode())
    assert again.counts == histogram.counts
    assert encoding.decode(encoding.encode(histogram)).counts == histogram.counts


@pytest.mark.parametrize("digits", [1, 2, 4])
def test_histograms_of_other_precision_are_read_within_their_own(digits: int) -> None:
    values = latencies(2_000, seed=4)
    reference = hdrh.HdrHistogram(1, 3_600_000_000_000, digits)
    for value in values:
        reference.record_value(value)
    histogram = encoding.decode(reference.encode().decode())
    assert histogram.count == len(values)
    tolerance = max(0.001, 10.0**-digits)
    assert histogram.percentile(90) == pytest.approx(exact(values, 90), rel=tolerance)


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(st.integers(0, 40_000), st.integers(1, 1 << 60), max_size=40))
def test_any_counts_survive_a_round_trip(counts: dict[int, int]) -> None:
    histogram = Histogram()
    histogram.record_weighted([(lowest_of(bucket), count) for bucket, count in counts.items()])
    assert encoding.decode(encoding.encode(histogram)).counts == counts


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_garbage_is_refused_in_words(noise: bytes) -> None:
    import base64

    with pytest.raises(UsageError, match="the histogram cannot be read"):
        encoding.decode(base64.b64encode(noise).decode())


def test_a_damaged_encoding_is_refused_in_words() -> None:
    histogram = Histogram()
    histogram.record_many(latencies(1000))
    text = encoding.encode(histogram)
    for damaged in (text[:40], "!" + text, text[:100] + "AAAA" + text[104:], ""):
        with pytest.raises(UsageError, match="the histogram cannot be read"):
            encoding.decode(damaged)
