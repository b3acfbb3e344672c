"""A few columns and rows of the matrix that `python -m tests.hostile` draws in whole."""

from __future__ import annotations

import pytest

from mcpctl.cli.verbs import VERBS
from tests.hostile.matrix import BY_NAME, Cell, cell, fault, matrix, stdio_servers, verbs
from tests.security.lines import EXEMPT

NO_SERVER = """
    ls logout explain help version route stats answer ps logs restart stop reload loadtest-ab loadtest-compare
    loadtest-merge doctor completion demo
""".split()
"""Verbs that meet no server of their own, or only through a supervisor, which has `run` in its place."""


def test_every_verb_that_meets_a_server_is_in_the_matrix() -> None:
    met = {verb.split()[0] for verb in verbs()}
    missing = {
        name
        for name in VERBS
        if name.split()[0] not in met | {"config", "auth"} and name not in {*NO_SERVER, *EXEMPT}
    }
    assert missing == set(), "add it to tests/hostile/matrix.py"


@pytest.mark.parametrize("mode", ["exit3", "ansi", "garbage", "wrong_types_list"])
def test_verbs_survive_a_server_that(mode: str) -> None:
    chosen = ["inspect", "tools", "health", "loadtest", *BY_NAME]
    bad = [each for each in matrix(chosen, stdio_servers([mode]), at_once=4) if each.fault]
    assert bad == []


def test_a_call_that_is_never_answered_names_its_deadline() -> None:
    (entry,) = stdio_servers(["exit3"]).values()
    assert cell("call", "exit3", entry) == Cell("call", "exit3", 4, "")


def test_the_matrix_sees_what_is_wrong() -> None:
    good = '{"exit_code": 0, "errors": [], "data": {}}'
    assert fault(0, good, "", []) == ""
    assert fault(70, good, "", []).startswith("exit code 70")
    assert fault(0, good, "Traceback (most recent call last)", []).startswith("a traceback")
    assert fault(0, good, "\x1b]0;x\x07", []).startswith("draws")
    assert fault(0, "", "", []).startswith("no JSON")
    assert fault(1, good, "", []).startswith("says 0")
    assert fault(0, good, "", ["17"]) == "left 17"
