"""What Prometheus reads: of looks at servers, and of the calls that others made."""

from __future__ import annotations

from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from mcpctl.health.exposition import exposition
from mcpctl.health.traffic import traffic, with_history
from mcpctl.history.reading import History
from mcpctl.history.recorder import Recorder
from mcpctl.model.events import CallFinished
from mcpctl.model.health import Check, HealthReport, ServerHealth
from mcpctl.policy.metrics import Metrics

DAY = 86400.0

LABELS = ("server", "tool", "phase", "status", "outcome", "le")


def told(report: HealthReport) -> dict[tuple[str, ...], float]:
    """Every sample by its name and the values of its labels."""
    return {
        (sample.name, *(sample.labels[label] for label in LABELS if label in sample.labels)): sample.value
        for family in text_string_to_metric_families(exposition(report))
        for sample in family.samples
    }


def of(*servers: ServerHealth) -> HealthReport:
    return HealthReport(status="healthy", checked_at=5.0, servers=servers)


def finished(tool: str = "read", *, seconds: float = 0.02, error: str | None = None) -> CallFinished:
    return CallFinished(server="x", tool=tool, arguments={}, ok=error is None, seconds=seconds, error=error)


def test_a_server_is_told_with_all_that_is_known_of_it() -> None:
    samples = told(
        of(
            ServerHealth(
                name="x",
                status="healthy",
                level="list",
                checks=(Check(name="list", status="ok", duration_ms=20),),
                tools=3,
                noise_lines=2,
                restarts=4,
                uptime=60.0,
                last_success=99.0,
            )
        )
    )
    assert samples["mcp_up", "x"] == 1
    assert samples["mcp_tools", "x"] == 3
    assert samples["mcp_probe_duration_seconds", "x", "list"] == pytest.approx(0.02)
    assert samples["mcp_restarts_total", "x"] == 4
    assert samples["mcp_stdout_noise_lines_total", "x"] == 2
    assert samples["mcp_uptime_seconds", "x"] == 60
    assert samples["mcp_last_success_timestamp_seconds", "x"] == 99


def test_what_is_not_known_is_not_told() -> None:
    names = {name for name, *_ in told(of(ServerHealth(name="x", status="unreachable", level="start")))}
    assert names == {"mcp_up", "mcp_health_status", "mcp_checked_timestamp_seconds"}


def test_calls_are_counted_by_outcome_and_their_times_in_buckets() -> None:
    metrics = Metrics()
    for seconds, error in ((0.0005, None), (0.02, None), (0.02, "is_error"), (100.0, "deadline.call")):
        metrics.series("x", "read").record(seconds, error)
    report = HealthReport(status="healthy", checked_at=5.0, traffic=traffic(metrics.each()))
    samples = told(report)
    assert samples["mcp_calls_total", "x", "read", "ok"] == 2
    assert samples["mcp_calls_total", "x", "read", "is_error"] == 1
    assert samples["mcp_calls_total", "x", "read", "deadline.call"] == 1
    buckets = [
        samples["mcp_call_duration_seconds_bucket", "x", "read", le]
        for le in ("0.001", "0.025", "60.0", "+Inf")
    ]
    assert buckets == [1, 3, 3, 4]
    assert samples["mcp_call_duration_seconds_count", "x", "read"] == 4
    assert samples["mcp_call_duration_seconds_sum", "x", "read"] == pytest.approx(100.0405)


def test_counters_from_the_history_never_fall_when_old_calls_are_forgotten(tmp_path: Path) -> None:
    now = [1_000_000.0]
    path = tmp_path / "history.db"

    def counted() -> float:
        report = with_history(of(ServerHealth(name="x", status="healthy", level="list")), History(path))
        return told(report).get(("mcp_calls_total", "x", "read", "ok"), 0.0)

    recorder = Recorder(path, now=lambda: now[0], flush_every=60)
    for days in (0, 80, 15, 1):
        now[0] += days * DAY
        recorder.record(finished())
        recorder.flush()
    assert counted() == 4
    assert sum(span.series.calls for span in History(path).spans(0, now[0])) == 3
    now[0] += 100 * DAY
    recorder.record(finished("other"))
    recorder.flush()
    recorder.close()
    assert counted() == 0


def test_only_servers_of_the_report_are_counted_and_a_broken_history_costs_nothing_else(
    tmp_path: Path,
) -> None:
    path = tmp_path / "history.db"
    recorder = Recorder(path, now=lambda: 50.0, flush_every=60)
    recorder.record(finished())
    recorder.flush()
    recorder.close()
    other = of(ServerHealth(name="y", status="healthy", level="list"))
    assert with_history(other, History(path)).traffic == ()
    down = with_history(of(ServerHealth(name="x", status="unreachable", level="start")), History(path))
    assert down.servers[0].last_success == 50.0
    path.write_bytes(b"rubbish" * 1000)
    assert with_history(down, History(path)) == down
