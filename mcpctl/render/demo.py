"""The demo server shows itself; this is for the table of verbs, which has a view in every row."""

from __future__ import annotations

from mcpctl.model.report import Report
from mcpctl.render.view import View

DEMO = View(report=Report, data=lambda _: {}, human=lambda _: ())
