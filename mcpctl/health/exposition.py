"""Health in the exposition format of Prometheus, written by `prometheus-client`, which is loaded when it is needed."""

from __future__ import annotations

from collections.abc import Callable

from mcpctl.model.health import HealthReport, ServerHealth, Verdict

UP: tuple[Verdict, ...] = ("healthy", "degraded")

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
        for phase, (seconds, fine) in _phases(server).items():
            took(server.name, phase).set(seconds)
            good(server.name, phase).set(fine)
    return generate_latest(registry).decode()


def _phases(server: ServerHealth) -> dict[str, tuple[float, bool]]:
    phases: dict[str, tuple[float, bool]] = {}
    for check in server.checks:
        if check.status != "skipped":
            seconds, fine = phases.get(check.name, (0.0, True))
            phases[check.name] = max(seconds, check.duration_ms / 1000), fine and check.status != "failed"
    return phases
