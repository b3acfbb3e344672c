"""No verb shows a secret, and none lets a server draw on the terminal: on a terminal, in a pipe, as JSON, in logs and traces."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mcpctl.cli.verbs import VERBS
from tests.commands.places import Answer, mcpctl
from tests.security.lines import EXEMPT, LINES
from tests.security.scene import VARIABLES, leaked, prepare, unsafe

ALL = [line for lines in LINES.values() for line in lines]

STREAMS = {"listen", "run"}
"""Their JSON is one object a line."""


def name(line: list[str]) -> str:
    return " ".join(line).replace("\x1b", "")


def played(folder: Path, line: list[str], *more: str, tty: bool = False) -> Answer:
    prepare(folder)
    return mcpctl(folder, *line, *more, env=VARIABLES, tty=tty, stdin=b"\x04")


def test_every_verb_is_led_through_or_exempt_with_a_reason() -> None:
    assert set(VERBS) - {*LINES, *EXEMPT} == set(), "add command lines to tests/security/lines.py"
    assert {*LINES, *EXEMPT} - set(VERBS) == set()
    assert LINES.keys() & EXEMPT.keys() == set()


@pytest.mark.parametrize("line", ALL, ids=name)
def test_a_terminal_sees_neither_secrets_nor_what_would_steer_it(line: list[str], tmp_path: Path) -> None:
    answer = played(tmp_path, line, "-vv", tty=True)
    assert unsafe(answer.out) == ""
    assert unsafe(answer.err) == ""
    assert leaked(answer.out + answer.err) == []
    assert answer.code != 70, answer.err


@pytest.mark.parametrize("line", ALL, ids=name)
def test_json_logs_and_traces_hold_no_secret_and_no_control_character(
    line: list[str], tmp_path: Path
) -> None:
    answer = played(tmp_path, line, "--json", "--debug", "--log-file", "log", "--trace", "trace")
    files = [path.read_text() for path in tmp_path.iterdir() if path.is_file() and path.name != "mcpctl.json"]
    for text in (answer.out, answer.err, *files):
        assert leaked(text) == []
        assert unsafe(text) == ""
    for text in answer.out.splitlines():
        json.loads(text)
    assert answer.code != 70, answer.err


FORMATS = [
    [*lines[0], "--format", form]
    for verb, lines in LINES.items()
    for form in VERBS[verb].load_view().choices
    if form not in {"human", "json"}
]


@pytest.mark.parametrize("line", FORMATS, ids=name)
def test_no_other_format_holds_either(line: list[str], tmp_path: Path) -> None:
    answer = played(tmp_path, line)
    assert leaked(answer.out + answer.err) == []
    assert unsafe(answer.out + answer.err) == ""
    assert answer.code != 70, answer.err


def test_the_error_channel_is_safe_in_a_pipe_too(tmp_path: Path) -> None:
    for line in (["call", "bad", "fail"], ["call", "dead", "say"], ["call", "bad", "fault"]):
        answer = played(tmp_path, line, "-vv")
        assert unsafe(answer.err) == ""
        assert leaked(answer.err) == []
