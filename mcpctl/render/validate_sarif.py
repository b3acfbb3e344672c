"""SARIF 2.1.0, which code-scanning services read. Written by hand: the format is a few nested objects."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from mcpctl import __version__
from mcpctl.model.lint import Diagnostic, Severity, ValidateReport

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

_LEVELS: dict[Severity, str] = {"error": "error", "warning": "warning", "info": "note"}


def sarif(report: ValidateReport) -> str:
    codes = sorted({each.code for each in report.diagnostics})
    driver = {
        "name": "mcpctl",
        "version": __version__,
        "semanticVersion": __version__,
        "informationUri": "https://pypi.org/project/mcpctl-toolkit/",
        "rules": [_rule(code) for code in codes],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "artifacts": [{"location": {"uri": _uri(each.path)}} for each in report.files],
        "results": [_result(each, codes.index(each.code)) for each in report.diagnostics],
        "invocations": [
            {
                "executionSuccessful": not report.errors,
                "toolExecutionNotifications": [
                    {"level": "error", "message": {"text": error.message}} for error in report.errors
                ],
            }
        ],
    }
    return (
        json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False)
        + "\n"
    )


def _rule(code: str) -> dict[str, Any]:
    from mcpctl.lint.catalogue import all_rules

    rule = all_rules()[code]
    return {
        "id": rule.code,
        "name": "".join(word.capitalize() for word in rule.name.split("-")),
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.page or rule.summary},
        "help": {"text": f"Run `mcpctl explain {rule.code}`."},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {"tags": ["security"] if code.startswith("MCP2") else ["configuration"]},
    }


def _result(each: Diagnostic, index: int) -> dict[str, Any]:
    text = each.message if each.hint is None else f"{each.message} ({each.hint})"
    location: dict[str, Any] = {
        "physicalLocation": {
            "artifactLocation": {"uri": _uri(each.file)},
            "region": {
                "startLine": each.line,
                "startColumn": each.column,
                "endLine": each.end_line,
                "endColumn": each.end_column,
            },
        }
    }
    if each.server is not None:
        location["logicalLocations"] = [{"name": each.server, "kind": "object"}]
    return {
        "ruleId": each.code,
        "ruleIndex": index,
        "level": _LEVELS[each.severity],
        "message": {"text": text},
        "locations": [location],
        "partialFingerprints": {"mcpctl/v1": each.fingerprint},
    }


def _uri(path: str) -> str:
    return quote(path.replace("\\", "/").removeprefix("./"), safe="/+@~!$&'()*,;=-._") or "stdin"
