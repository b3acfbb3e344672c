"""JUnit XML, which every CI system shows: one test case for each file, failed where the file has errors."""

from __future__ import annotations

import re

from mcpctl.model.lint import Diagnostic, ValidateReport

_FORBIDDEN = "[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
"""What XML 1.0 cannot hold, escaped or not."""


def junit(report: ValidateReport) -> str:
    from xml.etree import ElementTree as ET

    failed = {each.file for each in report.diagnostics if each.severity == "error"}
    suites = ET.Element("testsuites")
    suite = ET.SubElement(
        suites,
        "testsuite",
        name="mcpctl validate",
        tests=str(len(report.files) + len(report.errors)),
        failures=str(len(failed)),
        errors=str(len(report.errors)),
    )
    for each in report.files:
        case = ET.SubElement(suite, "testcase", classname=f"mcpctl.{each.host}", name=_text(each.path))
        found = [diagnostic for diagnostic in report.diagnostics if diagnostic.file == each.path]
        errors = [diagnostic for diagnostic in found if diagnostic.severity == "error"]
        if errors:
            count = f"{len(errors)} error" + ("s" if len(errors) > 1 else "")
            failure = ET.SubElement(case, "failure", type=errors[0].code, message=count)
            failure.text = _lines(errors)
        others = [diagnostic for diagnostic in found if diagnostic.severity != "error"]
        if others:
            ET.SubElement(case, "system-out").text = _lines(others)
    for error in report.errors:
        case = ET.SubElement(suite, "testcase", classname="mcpctl", name=_text(error.file or "configuration"))
        ET.SubElement(case, "error", type=error.code, message=_text(error.message))
    ET.indent(suites)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(suites, encoding="unicode")}\n'


def _lines(diagnostics: list[Diagnostic]) -> str:
    rows = [f"{each.file}:{each.line}:{each.column}: {each.code} {each.message}" for each in diagnostics]
    return _text("\n".join(rows))


def _text(text: str) -> str:
    return re.sub(_FORBIDDEN, "\ufffd", text)
