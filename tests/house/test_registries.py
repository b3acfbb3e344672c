"""Every registry is complete: what exists is listed, and what is listed exists."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from mcpctl.cli.verbs import VERBS, load_signature
from mcpctl.model.report import Report
from mcpctl.render.view import View
from tests.house.sources import functions, trees
from tests.support import ROOT


@pytest.mark.parametrize("name", VERBS)
def test_every_row_of_the_table_leads_somewhere(name: str) -> None:
    verb = VERBS[name]
    assert callable(load_signature(verb.signature))
    assert callable(verb.load_command())
    assert verb.load_options()
    assert isinstance(verb.load_view(), View)
    assert issubclass(verb.load_view().report, Report)


def test_every_report_has_a_view() -> None:
    reports = {
        node.name
        for path, tree in trees().items()
        if path.parts[1] == "model"
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        and any(isinstance(base, ast.Name) and base.id == "Report" for base in node.bases)
    }
    shown = {
        name.id
        for path, tree in trees().items()
        if path.parts[1] == "render"
        for function in functions(tree)
        for argument in function.args.args
        if argument.annotation is not None
        for name in ast.walk(argument.annotation)
        if isinstance(name, ast.Name)
    }
    assert reports - shown == set()


def test_every_verb_is_in_the_readme() -> None:
    readme = Path(ROOT / "README.md").read_text()
    assert [name for name in VERBS if f"`{name}" not in readme and f"mcpctl {name}" not in readme] == []


def test_every_exit_code_is_explained_where_people_look() -> None:
    from mcpctl import errors
    from mcpctl.cli.helptext import EXIT_CODES

    codes = {
        each.exit_code
        for each in vars(errors).values()
        if isinstance(each, type) and issubclass(each, errors.McpctlError)
    }
    assert {int(code) for code, _ in EXIT_CODES} == codes | {0, 1}
