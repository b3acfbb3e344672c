import pytest

from mcpctl.policy.metrics import MAX_SERIES, OTHER, Metrics, Series


def test_a_series_counts_what_happened():
    series = Series()
    series.record(0.1, bytes_in=10, bytes_out=2)
    series.record(0.3, "deadline.call", attempts=3)
    series.record(0.0, cached=True, bytes_in=10)
    found = series.snapshot()
    assert {name: found[name] for name in ("calls", "ok", "cached", "attempts", "bytes_in", "bytes_out")} == {
        "calls": 3,
        "ok": 2,
        "cached": 1,
        "attempts": 4,
        "bytes_in": 20,
        "bytes_out": 2,
    }
    assert found["errors"] == {"deadline.call": 1}
    assert found["success_rate"] == pytest.approx(2 / 3)
    assert found["latency"]["max"] == 0.3
    assert found["latency"]["p50"] == pytest.approx(0.1, rel=0.01)


def test_answers_from_the_cache_do_not_flatter_the_latency():
    series = Series()
    series.record(1.0)
    for _ in range(99):
        series.record(0.0, cached=True)
    assert series.snapshot()["latency"]["min"] == 1.0


def test_a_series_without_calls_claims_nothing():
    found = Series().snapshot()
    assert found["success_rate"] is None
    assert set(found["latency"].values()) == {None}


def test_series_add_up():
    whole, part = Series(), Series()
    for series in (whole, part):
        series.record(0.1)
        series.record(0.2, "connect")
    whole.merge(part)
    found = whole.snapshot()
    assert (found["calls"], found["errors"]) == (4, {"connect": 2})
    assert whole.latency.count == 4


def test_a_server_is_the_sum_of_its_tools():
    metrics = Metrics()
    metrics.series("files", "read").record(0.1)
    metrics.series("files", "write").record(0.2, "timeout")
    metrics.series("other", "read").record(0.2)
    whole = metrics.total("files")
    assert (whole.calls, whole.failed, whole.latency.count) == (2, 1, 2)
    assert [each[:2] for each in metrics.each()] == [("files", "read"), ("files", "write"), ("other", "read")]


def test_names_that_a_client_makes_up_do_not_fill_the_memory():
    metrics = Metrics()
    for number in range(MAX_SERIES + 10):
        metrics.series("files", f"tool{number}").record(0.1)
    tools = {tool: series for _, tool, series in metrics.each()}
    assert len(tools) == MAX_SERIES + 1
    assert tools[OTHER].calls == 10
