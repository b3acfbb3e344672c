"""How the page of a rule is shown, and the list of all rules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mcpctl.model.explain import ExplainReport, RulePage
from mcpctl.render.blocks import Block, Cell, Code, Line, Prose, Table
from mcpctl.render.validate import STYLES
from mcpctl.render.view import View


def data(report: ExplainReport) -> dict[str, Any]:
    return {"rules": [page.data() for page in report.pages]}


def human(report: ExplainReport) -> Iterator[Block]:
    if report.whole:
        yield from _page(report.pages[0])
        return
    rows = [
        (Cell(page.code, "name"), Cell(page.severity, STYLES[page.severity]), page.name, page.summary)
        for page in report.pages
    ]
    yield Table(("RULE", "SEVERITY", "NAME", "WHAT"), rows, prose=True)


def _page(page: RulePage) -> Iterator[Block]:
    yield Line(
        (
            Cell(page.code, "strong"),
            f" {page.name} (",
            Cell(page.severity, STYLES[page.severity]),
            f", since {page.since})",
        )
    )
    yield Line()
    yield Prose(page.summary)
    if page.why:
        yield Line()
        yield Prose(page.why)
    if page.hosts:
        yield Line()
        yield Line((Cell("Asked about: ", "dim"), ", ".join(page.hosts)))
    for title, text, host in (("Bad", page.bad, page.bad_host), ("Good", page.good, page.good_host)):
        yield Line()
        yield Line((Cell(f"{title} ({host}):", "strong"),))
        yield Code(_indented(text))


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines()) or "    (an empty file)"


EXPLAIN = View(report=ExplainReport, data=data, human=human, paged=True)
