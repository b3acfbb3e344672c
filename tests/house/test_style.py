"""Limits that keep every module readable, and what may be done where."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.house.sources import functions, trees
from tests.support import ROOT

MODULE_LINES = 400
FUNCTION_LINES = 60
NESTING = 3

BLOCKS = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.TryStar, ast.Match)

VAGUE = {"utils", "util", "helpers", "helper", "misc", "common"}

ENVIRONMENT = {"mcpctl/config/env.py", "mcpctl/__main__.py"}
"""The only readers of the environment; everybody else has a world."""

EXITS = {"mcpctl/__main__.py", "mcpctl/cli/drive.py", "mcpctl/lint/sharing.py"}
"""The process boundary, what ends a process that hangs, and the end of a child that was forked."""

APART = "mcpctl/demo/"
"""A program of its own, which is imported by nobody."""


def test_no_module_is_longer_than_it_can_be_read() -> None:
    long = {str(path): len((ROOT / path).read_text().splitlines()) for path in trees()}
    assert {path: lines for path, lines in long.items() if lines > MODULE_LINES} == {}


def test_no_function_is_longer_than_a_screen() -> None:
    long = {
        f"{path}:{node.lineno} {node.name}": length(node)
        for path, tree in trees().items()
        for node in functions(tree)
        if length(node) > FUNCTION_LINES
    }
    assert long == {}


def test_nothing_is_nested_deeper_than_three_levels() -> None:
    deep = {
        f"{path}:{node.lineno} {node.name}": depth(node)
        for path, tree in trees().items()
        for node in functions(tree)
        if depth(node) > NESTING
    }
    assert deep == {}


def test_every_module_says_why_it_exists() -> None:
    silent = [str(path) for path, tree in trees().items() if tree.body and ast.get_docstring(tree) is None]
    assert silent == []


def test_modules_are_named_for_what_they_are() -> None:
    assert [str(path) for path in trees() if VAGUE & {*path.parts, path.stem}] == []


def test_the_environment_is_read_in_one_place() -> None:
    found = [
        f"{path}:{node.lineno}"
        for path, node in nodes(ast.Attribute)
        if dotted(node) in {"os.environ", "os.getenv", "os.environb"} and str(path) not in ENVIRONMENT
    ]
    assert [place for place in found if not place.startswith(APART)] == []


def test_only_the_boundary_leaves_the_process() -> None:
    found = [
        f"{path}:{node.lineno}"
        for path, node in nodes(ast.Call)
        if dotted(node.func) in {"sys.exit", "os._exit", "exit", "quit"} and str(path) not in EXITS
    ]
    assert [place for place in found if not place.startswith(APART)] == []


def test_nothing_is_printed_past_the_renderer() -> None:
    found = [
        f"{path}:{node.lineno}"
        for path, node in nodes(ast.Call)
        if dotted(node.func) in {"print", "sys.stdout.write"} and str(path) != "mcpctl/__main__.py"
    ]
    assert [place for place in found if not place.startswith(APART)] == []


def length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def depth(node: ast.AST, level: int = 0) -> int:
    """Of blocks; `elif` and a function inside a function do not count."""
    deepest = level
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        is_elif = isinstance(node, ast.If) and isinstance(child, ast.If) and child in node.orelse
        opens = isinstance(child, BLOCKS) and not (is_elif and len(node.orelse) == 1)
        deepest = max(deepest, depth(child, level + 1 if opens else level))
    return deepest


def nodes(kind: type[ast.AST]) -> Iterator[tuple[object, ast.AST]]:
    for path, tree in trees().items():
        for node in ast.walk(tree):
            if isinstance(node, kind):
                yield path, node


def dotted(node: ast.AST) -> str:
    if isinstance(node, ast.Name):
        return node.id
    return f"{dotted(node.value)}.{node.attr}" if isinstance(node, ast.Attribute) else ""
