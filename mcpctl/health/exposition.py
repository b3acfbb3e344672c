"""Health in the exposition format of Prometheus, written by `prometheus-client`, which is loaded when it is needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from mcpctl.health.verdicts import UP
from mcpctl.model.health import HealthReport, ServerHealth, Verdict

if TYPE_CHECKING:
    from prometheus_client import Metric

STATES: tuple[Verdict, ...] = (
    "healthy",
    "degraded",
    "unhealthy",
    "auth_required",
    "unreachable",
    "config_error",
    "skipped",
)


def exposition(report: HealthReport) -> str:
    from prometheus_client import CollectorRegistry, Gauge, generate_latest

    registry = CollectorRegistry()

    def gauge(name: str, about: str, *labels: str) -> Callable[..., Gauge]:
        return Gauge(name, about, labels, registry=registry).labels

    up = gauge("mcp_up", "Whether a server takes calls.", "server")
    state = gauge("mcp_health_status", "1 for the verdict that a server has.", "server", "status")
    latency = gauge("mcp_latency_seconds", "Of the last answer.", "server")
    tools = gauge("mcp_tools", "Tools that a server lists.", "server")
    took = gauge("mcp_probe_duration_seconds", "How long a step of the check took.", "server", "phase")
    good = gauge("mcp_check_success", "1 where a step of the check found nothing wrong.", "server", "phase")
    uptime = gauge("mcp_uptime_seconds", "Since the server was started.", "server")
    success = gauge("mcp_last_success_timestamp_seconds", "When it was last seen to be up.", "server")
    checked = Gauge("mcp_checked_timestamp_seconds", "When it was checked.", registry=registry)
    checked.set(report.checked_at)
    for server in report.servers:
        up(server.name).set(server.status in UP)
        for each in STATES:
            state(server.name, each).set(each == server.status)
        if server.latency_ms is not None:
            latency(server.name).set(server.latency_ms / 1000)
        if server.tools is not None:
            tools(server.name).set(server.tools)
        if server.uptime is not None:
            uptime(server.name).set(server.uptime)
        if server.last_success is not None:
            success(server.name).set(server.last_success)
        for phase, (seconds, fine) in _phases(server).items():
            took(server.name, phase).set(seconds)
            good(server.name, phase).set(fine)
    registry.register(_Counted(report))
    return generate_latest(registry).decode()


class _Counted:
    """Figures that somebody else counts: all that is left to do is to tell them."""

    def __init__(self, report: HealthReport) -> None:
        self._report = report

    def collect(self) -> Iterator[Metric]:
        """What prometheus_client asks of a collector."""
        from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily

        restarts = CounterMetricFamily("mcp_restarts", "Starts after an unasked-for end.", labels=("server",))
        noise = CounterMetricFamily(
            "mcp_stdout_noise_lines", "Lines on stdout that are no messages.", labels=("server",)
        )
        for server in self._report.servers:
            if server.restarts is not None:
                restarts.add_metric((server.name,), server.restarts)
            if server.noise_lines is not None:
                noise.add_metric((server.name,), server.noise_lines)
        calls = CounterMetricFamily(
            "mcp_calls", "Calls by how they ended.", labels=("server", "tool", "outcome")
        )
        took = HistogramMetricFamily(
            "mcp_call_duration_seconds", "Of calls that reached the server.", labels=("server", "tool")
        )
        for each in self._report.traffic:
            for outcome, count in each.outcomes.items():
                calls.add_metric((each.server, each.tool, outcome), count)
            buckets = [(repr(bound), float(count)) for bound, count in each.buckets]
            buckets.append(("+Inf", float(each.reached)))
            took.add_metric((each.server, each.tool), buckets, sum_value=each.seconds)
        yield from (restarts, noise, calls, took)


def _phases(server: ServerHealth) -> dict[str, tuple[float, bool]]:
    phases: dict[str, tuple[float, bool]] = {}
    for check in server.checks:
        if check.status != "skipped":
            seconds, fine = phases.get(check.name, (0.0, True))
            phases[check.name] = max(seconds, check.duration_ms / 1000), fine and check.status != "failed"
    return phases
