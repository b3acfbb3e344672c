"""The syntax trees of the package, parsed once for all tests of the house."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.support import ROOT

GENERATED = {Path("mcpctl/cli/generated/table.py")}
"""Written by a program, read by none but programs."""


@cache
def trees() -> dict[Path, ast.Module]:
    paths = sorted(path.relative_to(ROOT) for path in (ROOT / "mcpctl").rglob("*.py"))
    return {path: ast.parse((ROOT / path).read_text()) for path in paths if path not in GENERATED}


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node
