"""Words for a load and its figures that the terminal and the page have in common."""

from __future__ import annotations

from collections.abc import Mapping

from mcpctl.loadtest.thresholds import show_milliseconds
from mcpctl.model.load_report import LoadReport
from mcpctl.render.blocks import Style

VERDICTS: Mapping[str, Style] = {
    "valid": "good",
    "generator_bound": "warn",
    "invalid": "bad",
    "pass": "good",
    "improvement": "good",
    "regression": "bad",
    "inconclusive": "warn",
}


def show_value(metric: str, value: float) -> str:
    if metric == "errors":
        return f"{value:.3%}"
    return f"{value:.1f}/s" if metric == "rps" else show_milliseconds(value)


def level_text(report: LoadReport) -> str:
    if report.model == "open":
        return f"{report.concurrency:g} requests/s"
    sessions = f" over {report.sessions} sessions" if report.sessions > 1 else ""
    return f"{report.concurrency:g} in flight{sessions}"
