"""How a new configuration is announced."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mcpctl.model.initial import InitReport
from mcpctl.render.blocks import Block, Cell, Line
from mcpctl.render.view import View


def data(report: InitReport) -> dict[str, Any]:
    return {"path": report.path}


def human(report: InitReport) -> Iterator[Block]:
    yield Line((Cell("wrote", "good"), f" {report.path}"))


def notes(report: InitReport) -> Iterator[Block]:
    del report
    yield Line((Cell("  = ", "dim"), "try it: `mcpctl call first echo text=hello`"))


INIT = View(report=InitReport, data=data, human=human, notes=notes)
