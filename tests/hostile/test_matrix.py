"""Some cells of the matrix, of every kind; `python -m tests.hostile` draws it whole."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from mcpctl.cli.verbs import VERBS
from tests.hostile.__main__ import every_server
from tests.hostile.foretold import foretold
from tests.hostile.judging import Ended, fault
from tests.hostile.matrix import Cell, Entry, cell, matrix
from tests.hostile.verbs import COLD, WARM
from tests.security.lines import EXEMPT

NO_SERVER = """
    ls logout explain help version answer loadtest-compare loadtest-merge doctor cache completion demo
""".split()
"""Verbs that meet no server."""

SLICE = {
    "exit3": ["inspect", "inspect --all", "search", "health list", "loadtest", "validate --connect", "run"],
    "evil": ["inspect on a terminal", "call on a terminal", "loadtest on a terminal", "listen", "login"],
    "secret": ["call --save", "health start"],
    "wide_number": ["rpc", "read"],
    "deep": ["tools", "complete"],
    "members_numbers": ["prompts", "loadtest-ab"],
    "endless_line": ["resources"],
    "ignore_sigterm": ["loadtest"],
    "questions": ["call --strict"],
    "http:header_endless": ["call"],
    "http:status_evil": ["tools TOOL"],
    "http:events_line": ["loadtest --rate"],
    "http:ok": ["call", "prompt"],
    "storm": ["ps", "tools, warm", "call, warm", "logs", "stats"],
}


@pytest.fixture(scope="module")
def servers() -> Iterator[dict[str, Entry]]:
    with every_server() as entries:
        yield entries


def test_every_verb_that_meets_a_server_is_in_the_matrix() -> None:
    met = {words[0] for words in (*COLD.values(), *WARM.values())}
    groups = {"config", "auth"}
    missing = {name for name in VERBS if name.split()[0] not in {*met, *groups, *NO_SERVER, *EXEMPT}}
    assert missing == set(), "add it to tests/hostile/verbs.py"


@pytest.mark.parametrize("server", SLICE)
def test_verbs_survive(server: str, servers: dict[str, Entry]) -> None:
    bad = [each for each in matrix(SLICE[server], {server: servers[server]}, at_once=4) if each.fault]
    assert bad == []


def test_a_cell_knows_what_a_dead_server_must_lead_to(servers: dict[str, Entry]) -> None:
    assert foretold("call", "exit3") == {4}
    assert foretold("call", "http:401_any") == {7}
    assert foretold("call", "hang_call") == {6}
    assert cell("call", "ok", servers["exit3"]).fault.startswith("exit code 4, and not 0")


GOOD = {"command": ["call"], "data": {}, "errors": [], "exit_code": 0, "mcpctl": 1, "status": "ok"}


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({}, ""),
        ({"code": 70}, "exit code 70"),
        ({"err": 'Traceback (most recent call last):\n  File "x"'}, "a traceback"),
        ({"err": "\x1b]0;x\x07"}, "draws"),
        ({"err": "cAnArY-iN-hEaDeRs-4711"}, "tells CANARY_BEARER"),
        ({"out": ""}, "0 lines"),
        ({"out": f"{json.dumps(GOOD)}\n{json.dumps(GOOD)}"}, "2 lines"),
        ({"out": "nope"}, "no JSON"),
        ({"out": json.dumps({**GOOD, "a": 1})}, "no JSON: keys are not sorted"),
        ({"code": 4}, "says 0"),
        ({"out": json.dumps(GOOD | {"status": "failed"})}, "says `failed`"),
        ({"code": 4, "out": json.dumps(GOOD | {"status": "error", "exit_code": 4})}, "names no cause"),
        ({"left": ["17"]}, "left 17"),
    ],
)
def test_the_matrix_sees_what_is_wrong(changed: dict[str, object], words: str) -> None:
    ended = Ended(code=0, out=json.dumps(GOOD) + "\n", err="", seconds=1.0, left=[])._replace(**changed)  # type: ignore[arg-type]
    found = fault(ended)
    assert found.startswith(words) if words else not found


def test_a_cell_says_which_it_is(servers: dict[str, Entry]) -> None:
    done = cell("call", "exit3", servers["exit3"])
    assert done._replace(seconds=0) == Cell("call", "exit3", 4, "")
