"""Findings a line each: for editors and grep, for programs, and for the annotations of GitHub."""

from __future__ import annotations

import json

from mcpctl.model.lint import Diagnostic, Severity, ValidateReport
from mcpctl.render.annotations import annotation

_GITHUB: dict[Severity, str] = {"error": "error", "warning": "warning", "info": "notice"}


def concise(report: ValidateReport) -> str:
    lines = [_concise(each) for each in report.diagnostics]
    return "".join(f"{line}\n" for line in lines) + report.diff


def _concise(each: Diagnostic) -> str:
    mark = " [*]" if each.fix is not None and each.fix.safe else ""
    return f"{each.file}:{each.line}:{each.column}: {each.code}{mark} {each.message}"


def jsonl(report: ValidateReport) -> str:
    """One object per finding, then the counts."""
    rows = [{"type": "diagnostic", **each.data()} for each in report.diagnostics]
    rows.append({"type": "summary", **report.data()["summary"]})
    return "".join(json.dumps(row, sort_keys=True, ensure_ascii=False) + "\n" for row in rows)


def github(report: ValidateReport) -> str:
    return "".join(f"{_annotation(each)}\n" for each in report.diagnostics)


def _annotation(each: Diagnostic) -> str:
    where = {
        "file": each.file,
        "line": str(each.line),
        "col": str(each.column),
        "endLine": str(each.end_line),
        "endColumn": str(each.end_column),
        "title": f"{each.code} {each.name}",
    }
    text = each.message if each.hint is None else f"{each.message}\n{each.hint}"
    return annotation(_GITHUB[each.severity], where, text)
