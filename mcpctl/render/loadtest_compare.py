"""How two sets of runs compare: metric by metric, with the smallest change that could have been seen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mcpctl.model.load_report import ComparisonReport, LoadProgressed
from mcpctl.render.blocks import Block, Cell, Line
from mcpctl.render.loadtest import comparison_blocks
from mcpctl.render.loadtest_data import comparison_data
from mcpctl.render.loadtest_live import live
from mcpctl.render.loadtest_words import VERDICTS
from mcpctl.render.view import View


def data(report: ComparisonReport) -> dict[str, Any]:
    return {
        "before": report.before,
        "after": report.after,
        "runs_before": report.runs_before,
        "runs_after": report.runs_after,
        "paired": report.paired,
        "metrics": [comparison_data(one) for one in report.metrics],
        "verdict": report.verdict,
        "notes": list(report.notes),
    }


def human(report: ComparisonReport) -> Iterator[Block]:
    one = report.runs_before == 1
    how = "interleaved pair" if report.paired else "run"
    against = "" if report.paired else f" against {report.runs_after}"
    yield f"{report.runs_before} {how}{'' if one else 's'}{against}"
    yield f"A  {report.before}"
    yield f"B  {report.after}"
    yield ""
    yield from comparison_blocks(report.metrics, "A", "B")
    yield ""
    yield Line(("verdict: ", Cell(report.verdict, VERDICTS[report.verdict])))


def notes(report: ComparisonReport) -> Iterator[Block]:
    for note in report.notes:
        yield Line((Cell("note:", "warn"), f" {note}"))
    about: dict[str, list[str]] = {}
    for one in report.metrics:
        if one.note is not None:
            name = one.metric if one.operation is None else f"{one.operation}:{one.metric}"
            about.setdefault(one.note, []).append(name)
    for note, names in about.items():
        yield Line((Cell("note:", "warn"), f" {', '.join(names)}: {note}"))


COMPARE = View(report=ComparisonReport, data=data, human=human, notes=notes, drawn={LoadProgressed: live})
