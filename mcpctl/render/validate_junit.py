"""JUnit XML, which every CI system shows: one test case for each file, failed where the file has errors."""

from __future__ import annotations

from mcpctl.model.lint import Diagnostic, ValidateReport
from mcpctl.render.junit import document, holdable


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
        case = ET.SubElement(suite, "testcase", classname=f"mcpctl.{each.host}", name=holdable(each.path))
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
        case = ET.SubElement(
            suite, "testcase", classname="mcpctl", name=holdable(error.file or "configuration")
        )
        ET.SubElement(case, "error", type=error.code, message=holdable(error.message))
    return document(suites)


def _lines(diagnostics: list[Diagnostic]) -> str:
    rows = [f"{each.file}:{each.line}:{each.column}: {each.code} {each.message}" for each in diagnostics]
    return holdable("\n".join(rows))
