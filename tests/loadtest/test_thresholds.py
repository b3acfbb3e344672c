from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mcpctl.errors import UsageError
from mcpctl.loadtest.thresholds import METRICS, parse_threshold, parse_thresholds


@pytest.mark.parametrize(
    ("expr", "tool", "metric", "limit", "unit"),
    [
        ("p99<200ms", None, "p99", 200.0, "ms"),
        ("p50 <= 1.5s", None, "p50", 1500.0, "ms"),
        ("max<250us", None, "max", 0.25, "ms"),
        ("mean<250µs", None, "mean", 0.25, "ms"),
        ("p99.9<1s", None, "p999", 1000.0, "ms"),
        ("errors<1%", None, "errors", 0.01, "share"),
        ("errors<5", None, "errors", 5.0, "count"),
        ("rps>500", None, "rps", 500.0, "per_second"),
        ("rps >= 500/s", None, "rps", 500.0, "per_second"),
        ("dropped<=0", None, "dropped", 0.0, "count"),
        ("echo:p99<50ms", "echo", "p99", 50.0, "ms"),
        ("files:read:errors < .5%", "files:read", "errors", 0.005, "share"),
        ("P99<1s", None, "p99", 1000.0, "ms"),
    ],
)
def test_a_threshold_is_read(expr: str, tool: str | None, metric: str, limit: float, unit: str) -> None:
    threshold = parse_threshold(expr)
    assert (threshold.tool, threshold.metric, threshold.unit) == (tool, metric, unit)
    assert threshold.limit == pytest.approx(limit)


@pytest.mark.parametrize(
    ("expr", "column", "words"),
    [
        ("p98<200ms", 1, "`p98` is not a metric"),
        ("p99", 4, "a comparison is missing"),
        ("p99=200ms", 4, "a comparison is missing"),
        ("p99<", 5, "a limit is missing"),
        ("p99<fast", 5, "a limit is missing"),
        ("p99<200", 8, "the limit has no unit"),
        ("p99<200parsecs", 8, "`parsecs` is not a unit of time"),
        ("p99<200ms and more", 8, "is not a unit of time"),
        ("errors<1ms", 9, "`ms` is not a unit of errors"),
        ("rps>5%", 6, "`%` is not a unit of throughput"),
        ("echo:<5", 6, "a metric is missing"),
        (":p99<5ms", 1, "has no name"),
        ("", 1, "a metric is missing"),
    ],
)
def test_a_mistake_is_named_with_its_column(expr: str, column: int, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_threshold(expr)
    assert words in caught.value.message
    assert caught.value.column == column
    assert caught.value.code == "usage.threshold"


def test_every_mistake_is_told_at_once() -> None:
    with pytest.raises(UsageError) as caught:
        parse_thresholds(("p99<1s", "p98<1s", "rps"))
    assert len(caught.value.related) == 1


def test_a_threshold_holds_or_not() -> None:
    assert parse_threshold("p99<200ms").holds(199.9)
    assert not parse_threshold("p99<200ms").holds(200)
    assert parse_threshold("rps>=500").holds(500)


def test_a_value_is_shown_in_its_unit() -> None:
    assert parse_threshold("p99<200ms").show(0.0123) == "12.3us"
    assert parse_threshold("p99<200ms").show(463.3) == "463ms"
    assert parse_threshold("p99<200ms").show(12_300) == "12.30s"
    assert parse_threshold("errors<1%").show(0.02) == "2%"
    assert parse_threshold("rps>1").show(12.34) == "12.3/s"


@settings(deadline=None)
@given(
    st.text(max_size=30)
    | st.sampled_from(METRICS).flatmap(lambda m: st.text(max_size=10).map(lambda t: m + t))
)
def test_any_text_is_read_or_refused_with_a_column(expr: str) -> None:
    columns = []
    try:
        parse_threshold(expr)
    except UsageError as fault:
        columns.append(fault.column)
    assert None not in columns
