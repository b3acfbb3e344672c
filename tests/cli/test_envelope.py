"""`--json` keeps its promise on every outcome: one object, sorted keys, the same shape."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mcpctl import errors
from mcpctl.errors import (
    AuthError,
    BugError,
    ConfigError,
    ConnectError,
    DeadlineError,
    InterruptError,
    McpctlError,
    ProtocolError,
    UsageError,
)
from mcpctl.model.events import Announced, Noticed
from tests.cli.probe import ProbeReport, probe, ran, result
from tests.support import world

GOLDEN = [
    (
        UsageError(
            "unknown tool `ecko`", code="usage.unknown_tool", hint="did you mean `echo`?", server="demo"
        ),
        2,
    ),
    (ConfigError("`command` is missing", code="config.shape", file="mcpctl.toml", line=3, column=7), 3),
    (ConnectError("the server exited with status 1", code="connect.spawn", server="files", exit_status=1), 4),
    (ProtocolError("the answer is not JSON-RPC", code="protocol.envelope", server="files"), 5),
    (DeadlineError("no answer within 2s", step="call", limit=2, server="files"), 6),
    (AuthError("the server wants authentication", code="auth.required", http_status=401), 7),
    (BugError("unexpected ValueError"), 70),
    (errors.OutputError("cannot write `x`"), 74),
    (InterruptError("interrupted by SIGINT"), 130),
]


@pytest.mark.parametrize(("error", "exit_code"), GOLDEN, ids=lambda value: type(value).__name__)
def test_every_error_has_its_envelope(error: McpctlError, exit_code: int, tmp_path: Path) -> None:
    def fail(options: object, ctx: object) -> ProbeReport:
        raise error

    outcome = ran(fail, ["--json"], tmp_path)
    if isinstance(error, errors.OutputError):
        assert (outcome.code, outcome.out) == (exit_code, ""), "what cannot be written is told on stderr"
        return
    expected = {
        "mcpctl": 1,
        "command": ["probe"],
        "status": "error",
        "exit_code": exit_code,
        "data": {},
        "errors": [
            {
                "code": error.code,
                "message": error.message,
                "hint": error.hint,
                "server": error.server,
                "file": error.file,
                "line": error.line,
                "column": error.column,
            }
        ],
    }
    assert outcome.out == json.dumps(expected, sort_keys=True) + "\n"
    assert (outcome.code, outcome.err) == (exit_code, "")


def test_exit_codes_are_the_ones_that_are_promised() -> None:
    classes = [
        each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, McpctlError)
    ]
    assert {each.__name__: each.exit_code for each in classes} == {
        "McpctlError": 70,
        "UsageError": 2,
        "ConfigError": 3,
        "ConnectError": 4,
        "ProtocolError": 5,
        "DeadlineError": 6,
        "AuthError": 7,
        "BugError": 70,
        "OutputError": 74,
        "ReaderGoneError": 0,
        "InterruptError": 130,
    }
    tested = {type(error) for error, _ in GOLDEN}
    assert set(classes) - tested == {McpctlError, errors.ReaderGoneError}


def test_faults_found_in_one_go_stand_side_by_side(tmp_path: Path) -> None:
    def fail(options: object, ctx: object) -> ProbeReport:
        raise ConfigError(
            "first", line=1, related=[ConfigError("second", line=2), ConfigError("third", line=3)]
        )

    assert [each["message"] for each in ran(fail, ["--json"], tmp_path).envelope["errors"]] == [
        "first",
        "second",
        "third",
    ]


@pytest.mark.parametrize(("exit_code", "status"), [(0, "ok"), (1, "failed"), (4, "failed")])
def test_an_answer_has_a_status(exit_code: int, status: str, tmp_path: Path) -> None:
    outcome = ran(lambda _, __: ProbeReport(exit_code=exit_code), ["--json"], tmp_path)
    assert outcome.envelope == {
        "mcpctl": 1,
        "command": ["probe"],
        "status": status,
        "exit_code": exit_code,
        "data": {"text": "done"},
        "errors": [],
    }
    assert outcome.code == exit_code


@pytest.mark.parametrize(
    ("argv", "code", "command"),
    [
        (["frobnicate", "--json"], "usage.unknown_verb", []),
        (["config", "shw", "--json"], "usage.unknown_verb", ["config"]),
        (["ls", "--nope", "--json"], "usage.unknown_option", ["ls"]),
        (["--json", "ls", "--tag"], "usage.missing_value", ["ls"]),
        (["ls", "--timeout", "soon", "--json"], "usage.invalid_value", ["ls"]),
        (["ls", "--nope", "--format", "json"], "usage.unknown_option", ["ls"]),
        (["ls", "--nope", "--format=json"], "usage.unknown_option", ["ls"]),
        (["ls", "--json", "--format", "sarif"], "usage.unknown_format", ["ls"]),
        (["ls", "--json", "--log-file", "no/such/folder/log"], "usage.unwritable", ["ls"]),
        (["help", "frobnicate", "--json"], "usage.unknown_topic", ["help"]),
    ],
)
def test_early_errors_are_in_the_format_that_was_asked_for(
    argv: list[str], code: str, command: list[str], tmp_path: Path
) -> None:
    outcome = result(argv, world(tmp_path))
    assert (outcome.code, outcome.err, outcome.out.count("\n")) == (2, "", 1)
    assert outcome.envelope["errors"][0]["code"] == code
    assert outcome.envelope["command"] == command
    assert list(outcome.envelope) == sorted(outcome.envelope)


def test_help_and_version_are_answers_like_any_other(tmp_path: Path) -> None:
    assert result(["--version", "--json"], world(tmp_path)).envelope["data"]["version"]
    assert "Usage: mcpctl ls" in result(["ls", "--help", "--json"], world(tmp_path)).envelope["data"]["text"]
    assert (
        "Usage: mcpctl config VERB" in result(["config", "--json"], world(tmp_path)).envelope["data"]["text"]
    )


def test_a_verb_that_streams_ends_with_the_envelope(tmp_path: Path) -> None:
    def announce(options: object, ctx: object) -> ProbeReport:
        ctx.emit(Announced(server="files", kind="tools"))
        ctx.emit(Noticed(message="this is talk"))
        return ProbeReport()

    outcome = ran(announce, ["--json"], tmp_path, streams={Announced: lambda event: f"changed: {event.kind}"})
    first, last = map(json.loads, outcome.out.splitlines())
    assert first == {"type": "announced", "server": "files", "kind": "tools", "uri": None}
    assert last == outcome.envelope
    assert outcome.err == "note: this is talk\n"


def test_json_is_safe_to_look_at_and_valid_whatever_is_in_it(tmp_path: Path) -> None:
    nasty = "\x1b]0;title\x07 \x9b31m \u202e \u2028 \ud800 é ✓ \x00"

    outcome = ran(lambda _, __: ProbeReport(text=nasty), ["--json"], tmp_path)
    assert outcome.envelope["data"]["text"] == nasty
    assert "é ✓" in outcome.out
    assert all(sign not in outcome.out for sign in "\x1b\x07\x9b\u202e\u2028\x00")


def test_json_has_no_numbers_that_json_does_not_have(tmp_path: Path) -> None:
    from mcpctl.render.envelope import encode

    assert encode({"b": float("nan"), "a": [float("inf"), 1.5], "c": {1: Path("x")}}) == (
        '{"a": [null, 1.5], "b": null, "c": {"1": "x"}}'
    )


def test_secrets_are_nowhere_in_an_envelope(tmp_path: Path) -> None:
    def leak(options: object, ctx: object) -> ProbeReport:
        ctx.redactor.add("hunter2-canary")
        return ProbeReport(
            text="it is hunter2-canary", errors=(ConnectError("hunter2-canary", hint="hunter2-canary"),)
        )

    outcome = result(["probe", "--json"], world(tmp_path), **probe(leak))
    assert "canary" not in outcome.out + outcome.err
    assert outcome.envelope["data"]["text"] == "it is ***"
