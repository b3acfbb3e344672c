"""How a completion script is shown, and where it was put."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mcpctl.model.completion import CompletionReport
from mcpctl.render.blocks import Block, Cell, Line
from mcpctl.render.call import text_blocks
from mcpctl.render.view import View


def data(report: CompletionReport) -> dict[str, Any]:
    return {
        "shell": report.shell,
        "script": report.script,
        "installed": report.installed,
        "follow_up": report.follow_up,
    }


def human(report: CompletionReport) -> Iterator[Block]:
    if report.installed is None:
        yield from text_blocks(report.script)
    else:
        yield report.installed


def notes(report: CompletionReport) -> Iterator[Block]:
    if report.installed is not None:
        yield Line((Cell("note:", "good"), f" new shells of {report.shell} complete the words of mcpctl"))
    if report.follow_up is not None:
        yield Line((Cell("  = ", "dim"), report.follow_up))


COMPLETION = View(report=CompletionReport, data=data, human=human, notes=notes)
