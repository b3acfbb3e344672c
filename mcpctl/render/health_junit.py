"""Health as JUnit XML: a suite for each server, a case for each step."""

from __future__ import annotations

import re
from typing import Any

from mcpctl.model.health import Check, HealthReport, ServerHealth

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold, escaped or not."""


def junit(report: HealthReport) -> str:
    from xml.etree import ElementTree as ET

    root = ET.Element("testsuites", name="mcpctl health")
    for server in report.servers:
        _suite(ET, root, server)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _suite(tree: Any, root: Any, server: ServerHealth) -> None:
    steps: dict[str, list[Check]] = {}
    for check in server.checks:
        steps.setdefault(check.name, []).append(check)
    suite = tree.SubElement(
        root,
        "testsuite",
        name=_text(server.name),
        tests=str(len(steps)),
        failures=str(sum(any(each.status == "failed" for each in checks) for checks in steps.values())),
        skipped=str(sum(all(each.status == "skipped" for each in checks) for checks in steps.values())),
        time=f"{sum(check.duration_ms for check in server.checks) / 1000:.3f}",
    )
    for name, checks in steps.items():
        _case(tree, suite, server.name, name, checks)


def _case(tree: Any, suite: Any, server: str, name: str, checks: list[Check]) -> None:
    took = sum(check.duration_ms for check in checks) / 1000
    case = tree.SubElement(
        suite, "testcase", classname=_text(f"mcpctl.{server}"), name=_text(name), time=f"{took:.3f}"
    )
    failed = [check for check in checks if check.status == "failed"]
    if failed:
        first = failed[0]
        failure = tree.SubElement(
            case, "failure", type=first.code or "failed", message=_text(first.message or "")
        )
        failure.text = _text("\n".join(_said(check) for check in failed))
    elif all(check.status == "skipped" for check in checks):
        tree.SubElement(case, "skipped", message=_text(checks[0].message or ""))
    warnings = [check for check in checks if check.status == "warning"]
    if warnings:
        tree.SubElement(case, "system-out").text = _text("\n".join(_said(check) for check in warnings))


def _said(check: Check) -> str:
    return f"{check.code} {check.message}" + (f"\n  {check.hint}" if check.hint else "")


def _text(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", text)
