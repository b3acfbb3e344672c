"""Health in the exposition format of Prometheus; the same text that `--serve` answers at `/metrics`."""

from __future__ import annotations

from mcpctl.model.health import HealthReport


def prometheus(report: HealthReport) -> str:
    from mcpctl.health.exposition import exposition

    return exposition(report)
