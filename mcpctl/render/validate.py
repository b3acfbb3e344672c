"""How findings are shown to people: the line itself with carets under it, and what would mend it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import Any

from mcpctl.model.lint import SEVERITIES, Checked, Diagnostic, Severity, ValidateReport
from mcpctl.render.blocks import Block, Cell, Code, Flow, Line, Style
from mcpctl.render.view import View
from mcpctl.render.width import columns_of

STYLES: Mapping[Severity, Style] = {"error": "bad", "warning": "warn", "info": "name"}


def human(report: ValidateReport) -> Iterator[Block]:
    for diagnostic in report.diagnostics:
        yield from _block(diagnostic)
        yield Line()
    if report.diff:
        yield Code(report.diff, "diff")
    yield _summary(report)


def _block(diagnostic: Diagnostic) -> Iterator[Block]:
    style = STYLES[diagnostic.severity]
    yield Line(
        (Cell(f"{diagnostic.severity}[{diagnostic.code}]", style), Cell(f": {diagnostic.message}", "strong"))
    )
    excerpt = diagnostic.excerpt
    number = str(diagnostic.line)
    edge = " " * len(number)
    yield Line((Cell(f"{edge}--> ", "name"), f"{diagnostic.file}:{diagnostic.line}:{diagnostic.column}"))
    if excerpt is not None:
        before = " " * columns_of(excerpt.text[: excerpt.column - 1])
        under = excerpt.text[excerpt.column - 1 : excerpt.column - 1 + excerpt.length]
        carets = "^" * max(1, columns_of(under))
        label = f" {diagnostic.label}" if diagnostic.label else ""
        yield Line((Cell(f"{edge} |", "name"),))
        yield Line((Cell(f"{number} |", "name"), f" {excerpt.text}"))
        yield Line((Cell(f"{edge} |", "name"), " ", before, Cell(f"{carets}{label}", style)))
    if diagnostic.hint or diagnostic.fix:
        fixable = (
            ""
            if diagnostic.fix is None
            else " [fixable]"
            if diagnostic.fix.safe
            else " [fixable with --unsafe-fixes]"
        )
        hint = diagnostic.hint or (diagnostic.fix.title if diagnostic.fix else "")
        yield Line((Cell(f"{edge} = ", "name"), Cell("help: ", "strong"), hint, Cell(fixable, "dim")))


def _summary(report: ValidateReport) -> Block:
    files = _count(len(report.files), "file")
    counts = [_count(report.count(severity), severity) for severity in SEVERITIES if report.count(severity)]
    parts: list[str | Cell] = []
    if counts:
        worst: Style = "bad" if report.count("error") else "warn" if report.count("warning") else "name"
        parts += [Cell(f"Found {_listed(counts)}", worst), f" in {files}"]
        if report.fixable:
            safe = sum(1 for each in report.diagnostics if each.fix is not None and each.fix.safe)
            rest = report.fixable - safe
            ways = [f"{safe} with `--fix`"] if safe else []
            ways += [f"{rest} with `--unsafe-fixes`"] if rest else []
            parts.append(f"; fixable: {_listed(ways)}")
    else:
        servers = sum(each.servers for each in report.files)
        parts += [Cell("No problems", "good"), f" in {files} with {_count(servers, 'server')}"]
    if report.fixed:
        parts.append(f"; {report.fixed} fixed")
    if report.suppressed:
        parts.append(f"; {report.suppressed} suppressed")
    parts.append(".")
    return Flow(tuple(parts))


def notes(report: ValidateReport) -> Iterator[Block]:
    """Which host each file was taken for: the whole judgement hangs on it."""
    if len(report.files) > 20:
        hosts: dict[str, int] = {}
        for each in report.files:
            hosts[each.title] = hosts.get(each.title, 0) + 1
        words = ", ".join(f"{count} for {title}" for title, count in sorted(hosts.items()))
        yield Line((Cell("checked", "dim"), f" {words}"))
        return
    for each in report.files:
        why = {"path": "", "flag": "", "content": ", going by its content; `--host` says otherwise"}[
            each.chosen
        ]
        yield Line((Cell("checked", "dim"), f" {each.path} for {each.title}{why}"))


def _count(number: int, word: str) -> str:
    plural = word if number == 1 else f"{word}s"
    return f"{number} {plural}"


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _round(event: Checked) -> Block:
    """One round of `--watch`, a line for each finding."""
    lines = [
        f"{each['file']}:{each['line']}:{each['column']}: {each['severity']} {each['code']} {each['message']}"
        for each in event.data["diagnostics"]
    ]
    summary = event.data["summary"]
    lines += [f"error: {problem}" for problem in event.problems]
    lines.append(
        f"{summary['errors']} errors, {summary['warnings']} warnings, {summary['infos']} infos; watching"
    )
    return Code("\n".join(lines))


def data(report: ValidateReport) -> dict[str, Any]:
    return report.data()


def _formatted(module: str, name: str) -> Callable[[ValidateReport], str]:
    """A format whose module loads when it is asked for: most runs want none of them."""

    def render(report: ValidateReport) -> str:
        text: str = getattr(import_module(f"mcpctl.render.{module}"), name)(report)
        return text

    return render


VALIDATE = View(
    report=ValidateReport,
    data=data,
    human=human,
    notes=notes,
    formats={
        "concise": _formatted("validate_lines", "concise"),
        "jsonl": _formatted("validate_lines", "jsonl"),
        "github": _formatted("validate_lines", "github"),
        "sarif": _formatted("validate_sarif", "sarif"),
        "junit": _formatted("validate_junit", "junit"),
    },
    streams={Checked: _round},
)
