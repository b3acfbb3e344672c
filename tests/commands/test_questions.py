"""The server's questions are answered from the same options in both eras: live requests, and rounds of input."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.commands.places import RICH, Answer, mcpctl

both_eras = pytest.mark.parametrize("era", ["handshake", "stateless"])


def asked(folder: Path, era: str, tool: str, *options: str, stdin: bytes = b"", tty: bool = False) -> Answer:
    server = [sys.executable, str(RICH), *(["--modern"] if era == "stateless" else [])]
    (folder / "mcpctl.json").write_text(
        json.dumps({"servers": {"rich": {"command": server[0], "args": server[1:]}}})
    )
    answer = mcpctl(folder, "call", "rich", tool, *options, stdin=stdin, tty=tty)
    assert "Traceback" not in answer.err
    return answer


@both_eras
def test_the_era_is_the_one_that_is_meant(tmp_path: Path, era: str) -> None:
    asked(tmp_path, era, "log")
    assert mcpctl(tmp_path, "inspect", "rich", "--json").data["era"] == era


@both_eras
def test_without_an_option_a_question_in_a_pipe_is_declined_and_that_is_said(
    tmp_path: Path, era: str
) -> None:
    answer = asked(tmp_path, era, "ask")
    assert (answer.code, json.loads(answer.out)) == (0, {"action": "decline"})
    assert "declined `Who are you?`" in answer.err


@both_eras
@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ('{"name": "Ada"}', {"action": "accept", "content": {"name": "Ada"}}),
        ('{"action": "cancel"}', {"action": "cancel"}),
        ("@form.json", {"action": "accept", "content": {"name": "Grace"}}),
        ("decline", {"action": "decline"}),
        ("defaults", {"action": "decline"}),
    ],
)
def test_a_form_is_answered_from_an_option(
    tmp_path: Path, era: str, given: str, expected: dict[str, object]
) -> None:
    (tmp_path / "form.json").write_text('{"name": "Grace"}')
    assert json.loads(asked(tmp_path, era, "ask", "--elicit", given).out) == expected


def test_who_wants_questions_declined_is_not_told_how_to_answer_them(tmp_path: Path) -> None:
    assert "answer with" in mcpctl(tmp_path, "call", "demo", "ask").err
    said = mcpctl(tmp_path, "call", "demo", "ask", "--elicit", "decline").err
    assert said == "note: declined `Please tell us about yourself`\n"
    assert "answer" not in mcpctl(tmp_path, "call", "demo", "visit", "--elicit", "decline").err


@both_eras
def test_defaults_that_cannot_fill_a_form_say_why(tmp_path: Path, era: str) -> None:
    answer = asked(tmp_path, era, "ask", "--elicit", "defaults")
    assert "not all of its required fields have defaults" in answer.err
    assert "`--elicit defaults`" not in answer.err


@both_eras
def test_a_form_is_filled_on_a_terminal(tmp_path: Path, era: str) -> None:
    answer = asked(tmp_path, era, "ask", "--elicit", "ask", stdin=b"Ada\n\n2\na,c\n")
    content = {"name": "Ada", "age": 30, "color": "green", "tags": ["a", "c"]}
    assert json.loads(answer.out) == {"action": "accept", "content": content}


@both_eras
def test_a_link_is_shown_and_not_opened(tmp_path: Path, era: str) -> None:
    shown = asked(tmp_path, era, "visit", "--elicit", "ask", stdin=b"\n")
    assert json.loads(shown.out)["action"] == "accept"
    assert "https://example.com/sign-in" in shown.err
    declined = asked(tmp_path, era, "visit")
    assert json.loads(declined.out)["action"] == "decline"
    assert "https://example.com/sign-in" in declined.err
    refused = asked(tmp_path, era, "visit_first")
    assert (refused.code, refused.out) == (5, "")
    assert (
        "sign in first\n  = visit `https://example.com/sign-in` if you trust it, then call again"
        in refused.err
    )


@both_eras
def test_sampling_is_answered_by_a_program(tmp_path: Path, era: str) -> None:
    answer = asked(tmp_path, era, "sample", "--sample", "cat")
    request = json.loads(json.loads(answer.out)["content"]["text"])
    assert request["messages"][0]["content"]["text"] == "say hi"


@both_eras
def test_roots_are_those_that_are_named(tmp_path: Path, era: str) -> None:
    answer = asked(tmp_path, era, "roots", "--root", ".")
    assert json.loads(answer.out)["roots"][0]["uri"] == tmp_path.resolve().as_uri()


@pytest.mark.parametrize("program", [" ", "no-such-program-at-all", "cat 'open"])
def test_a_program_that_cannot_be_run_is_a_fault_of_the_command_line(tmp_path: Path, program: str) -> None:
    answer = asked(tmp_path, "stateless", "sample", "--sample", program, "--json")
    assert (answer.code, answer.json["errors"][0]["code"]) == (2, "usage.sample")


@pytest.mark.parametrize("options", [(), ("--sample", "decline"), ("--sample", "false")])
def test_in_the_stateless_era_a_call_ends_where_nobody_samples(
    tmp_path: Path, options: tuple[str, ...]
) -> None:
    answer = asked(tmp_path, "stateless", "sample", *options, "--json")
    assert answer.code == 5
    assert answer.json["errors"][0]["code"] == "protocol.unanswered"
    assert "sampling" in answer.json["errors"][0]["message"]
