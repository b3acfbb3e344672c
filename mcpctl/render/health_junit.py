"""Health as JUnit XML: a suite for each server, a case for each step."""

from __future__ import annotations

from typing import Any

from mcpctl.model.health import Check, HealthReport, ServerHealth
from mcpctl.render.junit import document, holdable


def junit(report: HealthReport) -> str:
    from xml.etree import ElementTree as ET

    root = ET.Element("testsuites", name="mcpctl health")
    for server in report.servers:
        _suite(ET, root, server)
    return document(root)


def _suite(tree: Any, root: Any, server: ServerHealth) -> None:
    steps: dict[str, list[Check]] = {}
    for check in server.checks:
        steps.setdefault(check.name, []).append(check)
    suite = tree.SubElement(
        root,
        "testsuite",
        name=holdable(server.name),
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
        suite, "testcase", classname=holdable(f"mcpctl.{server}"), name=holdable(name), time=f"{took:.3f}"
    )
    failed = [check for check in checks if check.status == "failed"]
    if failed:
        first = failed[0]
        failure = tree.SubElement(
            case, "failure", type=first.code or "failed", message=holdable(first.message or "")
        )
        failure.text = holdable("\n".join(_said(check) for check in failed))
    elif all(check.status == "skipped" for check in checks):
        tree.SubElement(case, "skipped", message=holdable(checks[0].message or ""))
    warnings = [check for check in checks if check.status == "warning"]
    if warnings:
        tree.SubElement(case, "system-out").text = holdable("\n".join(_said(check) for check in warnings))


def _said(check: Check) -> str:
    return f"{check.code} {check.message}" + (f"\n  {check.hint}" if check.hint else "")
