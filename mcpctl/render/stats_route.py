"""How `mcpctl route` looks: the servers in the order in which they are asked, and why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mcpctl.model.duration import format_duration
from mcpctl.model.route import RouteReport
from mcpctl.render.blocks import Block, Cell, Table
from mcpctl.render.view import View


def data(report: RouteReport) -> dict[str, Any]:
    return {
        "capability": report.capability,
        "server": report.candidates[0].server if report.candidates else None,
        "candidates": [candidate.data() for candidate in report.candidates],
    }


def human(report: RouteReport) -> Iterator[Block]:
    yield Table(
        ("ORDER", "SERVER", "LATENCY", "WHY"),
        [
            (
                str(at),
                Cell(each.server, "name" if at == 1 else ""),
                "-" if each.latency_ms is None else format_duration(each.latency_ms / 1000),
                Cell(each.reason, "bad" if each.down or each.ejected else ""),
            )
            for at, each in enumerate(report.candidates, start=1)
        ],
    )


ROUTE = View(report=RouteReport, data=data, human=human)
