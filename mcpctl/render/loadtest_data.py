"""The figures of a load test as JSON has them."""

from __future__ import annotations

from typing import Any

from mcpctl.model.load_report import LimitFound, LoadReport, MetricComparison, OperationReport, Spread


def data(report: LoadReport) -> dict[str, Any]:
    return {
        "server": report.server,
        "tool": report.tool,
        "protocol_version": report.protocol_version,
        "transport": report.transport,
        "model": report.model,
        "sessions": report.sessions,
        "concurrency": report.concurrency,
        "requests": report.requests,
        "ok": report.ok,
        "errors": dict(report.errors_by_kind),
        "error_samples": dict(report.error_samples),
        "dropped": report.dropped,
        "duration_s": round(report.duration, 6),
        "rps": round(report.rps, 3),
        "latency_ms": _spread_data(report.latency),
        "service_ms": _spread_data(report.service),
        "connect_ms": _spread_data(report.connect),
        "connects": report.connects,
        "restarts": report.restarts,
        "operations": [_operation_data(each) for each in report.operations],
        "thresholds": [
            {
                "expr": each.expr,
                "value": each.value,
                "shown": each.shown,
                "passed": each.passed,
                "note": each.note,
            }
            for each in report.thresholds
        ],
        "comparison": [comparison_data(each) for each in report.comparison],
        "verdict": report.verdict,
        "reasons": list(report.reasons),
        "generator": _members(report.generator),
        "checked": _members(report.checked),
        "seconds": [_members(each) for each in report.seconds],
        "processes": [_members(each) for each in report.processes],
        "histogram": report.histogram,
        "service_histogram": report.service_histogram,
        "connect_histogram": report.connect_histogram,
        "ended": report.ended,
        "started_at": report.started_at,
        "environment": dict(report.environment),
        "limit": None if report.limit is None else _limit_data(report.limit),
    }


def comparison_data(one: MetricComparison) -> dict[str, Any]:
    return _members(one)


def _spread_data(spread: Spread) -> dict[str, float]:
    return {name: round(value, 6) for name, value in _members(spread).items()}


def _operation_data(each: OperationReport) -> dict[str, Any]:
    return {
        "name": each.name,
        "kind": each.kind,
        "requests": each.requests,
        "ok": each.ok,
        "errors": dict(each.errors),
        "rps": round(each.rps, 3),
        "latency_ms": _spread_data(each.latency),
        "service_ms": _spread_data(each.service),
        "histogram": each.histogram,
        "service_histogram": each.service_histogram,
    }


def _limit_data(limit: LimitFound) -> dict[str, Any]:
    return {
        "expr": limit.expr,
        "quantity": limit.quantity,
        "highest": limit.highest,
        "steps": [_members(step) for step in limit.steps],
    }


def _members(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__slots__}
