"""How mcpctl's own pages and versions are shown."""

from __future__ import annotations

from typing import Any

from mcpctl.model.help import HelpReport, VersionReport
from mcpctl.render.blocks import Code, Fields, Line
from mcpctl.render.view import View


def help_data(report: HelpReport) -> dict[str, Any]:
    return {"topic": list(report.topic), "text": report.text}


def help_human(report: HelpReport) -> tuple[Code]:
    return (Code(report.text),)


def version_data(report: VersionReport) -> dict[str, Any]:
    return {
        "version": report.version,
        "python": report.python,
        "platform": report.platform,
        "libraries": dict(report.libraries),
    }


def version_human(report: VersionReport) -> tuple[Line, Fields]:
    rows = [("python", report.python), ("platform", report.platform), *report.libraries.items()]
    return Line((f"mcpctl {report.version}",)), Fields(rows)


HELP = View(report=HelpReport, data=help_data, human=help_human, paged=True)
VERSION = View(report=VersionReport, data=version_data, human=version_human)
