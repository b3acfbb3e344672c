"""A server that does not start at once is started again where retries are allowed; no tool is called twice for it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.commands.places import ECHO, HOSTILE, PYTHON, Answer, mcpctl

FALTERING = """
import os, sys
from pathlib import Path
starts = Path({starts!r})
starts.write_text(starts.read_text() + "x" if starts.exists() else "x")
if len(starts.read_text()) <= {failing}:
    sys.exit("not yet")
os.execv(sys.executable, [sys.executable, *{server!r}])
"""
"""Ends at once so many times, and is a server then."""


def _call(
    folder: Path, *options: str, failing: int, server: tuple[object, ...] = (ECHO,), **keys: object
) -> Answer:
    program = folder / "faltering.py"
    program.write_text(
        FALTERING.format(
            starts=str(folder / "starts"), failing=failing, server=[str(word) for word in server]
        )
    )
    entry = {"command": PYTHON, "args": [str(program)], **keys}
    (folder / "mcpctl.json").write_text(json.dumps({"servers": {"slow": entry}}))
    words = ("add", "a=1", "b=2") if server == (ECHO,) else ("echo", "x=1")
    return mcpctl(folder, "call", "slow", *words, *options)


def _tries(folder: Path) -> int:
    """The first starts a server of an unknown era twice: one that dies when it is asked who it is may only know
    greetings.
    """
    return len((folder / "starts").read_text()) - 1


RETRY = {"attempts": 3, "initial": "10ms"}


@pytest.mark.parametrize(("options", "keys"), [((), {"retry": RETRY}), (("--retries", "2"), {})])
def test_a_start_that_fails_is_tried_again_as_often_as_is_allowed(
    tmp_path: Path, options: tuple[str, ...], keys: dict[str, object]
) -> None:
    answer = _call(tmp_path, *options, "--json", failing=3, **keys)
    assert (answer.code, answer.data["structured"], answer.data["attempts"]) == (0, {"sum": 3}, 3)
    assert answer.err.count("trying again in") == 2
    assert _tries(tmp_path) == 3


@pytest.mark.parametrize(
    ("options", "keys", "tries"),
    [
        ((), {}, 1),
        ((), {"retry": {**RETRY, "attempts": 2}}, 2),
        (("--retries", "0"), {"retry": RETRY}, 1),
        ((), {"retry": {**RETRY, "on": ["timeout"]}}, 1),
        (("--timeout", "3s"), {"retry": {**RETRY, "initial": "1m"}}, 1),
    ],
)
def test_no_start_is_tried_that_was_not_allowed(
    tmp_path: Path, options: tuple[str, ...], keys: dict[str, object], tries: int
) -> None:
    answer = _call(tmp_path, *options, failing=9, **keys)
    assert (answer.code, _tries(tmp_path)) == (4, tries)
    assert "not yet" in answer.err


def test_what_the_start_took_of_the_retries_the_call_no_longer_has(tmp_path: Path) -> None:
    crashing = HOSTILE, "crash_midcall"
    unsafe = {**RETRY, "unsafe": True}
    answer = _call(tmp_path, failing=2, server=crashing, retry=unsafe)
    assert answer.code == 4
    assert answer.err.count("trying again in") == 2


def test_a_retried_start_lets_no_tool_be_called_twice(tmp_path: Path) -> None:
    answer = _call(tmp_path, failing=2, server=(HOSTILE, "crash_midcall"), retry=RETRY)
    assert answer.code == 4
    assert answer.err.count("trying again in") == 1
    assert _tries(tmp_path) == 2
