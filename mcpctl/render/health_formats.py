"""Health a line each: for programs that read JSON lines, and for the annotations of GitHub."""

from __future__ import annotations

from typing import Any

from mcpctl.model.health import Check, HealthReport, ServerHealth
from mcpctl.render.annotations import annotation
from mcpctl.render.envelope import encode, envelope, faults

_GITHUB = {"failed": "error", "warning": "warning"}


def jsonl(report: HealthReport) -> str:
    """One object a server, then the envelope; what was watched was told line by line already."""
    lines = []
    if report.watched is None:
        lines = [encode({"type": "server", **server.data()}) for server in report.servers]
    return "".join(f"{line}\n" for line in (*lines, encode(ending(report))))


def ending(report: HealthReport) -> dict[str, Any]:
    """The last line of a stream, as `--json` has it; errors are those that ended it early."""
    return envelope(
        ("health",),
        status="error" if report.errors else "failed" if report.exit_code else "ok",
        exit_code=report.exit_code,
        data=report.data(),
        errors=faults(report.errors),
    )


def github(report: HealthReport) -> str:
    lines = [
        _annotation(server, check)
        for server in report.servers
        for check in server.checks
        if check.status in _GITHUB
    ]
    return "".join(f"{line}\n" for line in lines)


def _annotation(server: ServerHealth, check: Check) -> str:
    title = f"{check.code} {server.name} {check.name}"
    text = check.message or "" if check.hint is None else f"{check.message}\n{check.hint}"
    return annotation(_GITHUB[check.status], {"title": title}, text)
