"""`mcpctl call`, from the words to the exit code."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.commands.places import PYTHON, configured, mcpctl


def test_the_text_of_a_result_is_all_that_stdout_gets(tmp_path: Path) -> None:
    configured(tmp_path)
    assert mcpctl(tmp_path, "call", "echo", "echo", "text=hello") == (0, "hello\n", "")


@pytest.mark.parametrize("words", [("echo.echo",), ("echo/echo",), ("echo", "echo")])
def test_server_and_tool_may_be_one_word(tmp_path: Path, words: tuple[str, ...]) -> None:
    configured(tmp_path)
    assert mcpctl(tmp_path, "call", *words, "text=hi").out == "hi\n"


def test_json_has_every_promised_key(tmp_path: Path) -> None:
    configured(tmp_path)
    answer = mcpctl(tmp_path, "call", "echo", "add", "a=1", "b=2", "--json")
    assert answer.code == 0
    promised = (
        "server tool protocol_version is_error text content structured truncated duration_ms connect_ms"
    )
    assert set(promised.split()) | {"warm", "cached", "attempts"} <= set(answer.data)
    assert answer.data["structured"] == {"sum": 3}
    assert (answer.data["warm"], answer.data["attempts"], answer.data["truncated"]) == (False, 1, None)


def test_a_failing_tool_speaks_on_stderr_and_exits_1(tmp_path: Path) -> None:
    configured(tmp_path)
    answer = mcpctl(tmp_path, "call", "rich", "fail")
    assert (answer.code, answer.out) == (1, "")
    assert "error: tool `fail` of `rich` reports a failure" in answer.err
    in_json = mcpctl(tmp_path, "call", "rich", "fail", "--json")
    assert (in_json.code, in_json.json["status"], in_json.data["is_error"]) == (1, "failed", True)


def test_control_sequences_reach_a_pipe_but_no_terminal(tmp_path: Path) -> None:
    configured(tmp_path)
    assert "\x1b[31m" not in mcpctl(tmp_path, "call", "rich", "fail", tty=True, env={"NO_COLOR": "1"}).err
    assert "\\u001b" in mcpctl(tmp_path, "call", "rich", "fail", "--json").out


def test_wrong_arguments_are_named_with_a_line_to_paste(tmp_path: Path) -> None:
    configured(tmp_path)
    answer = mcpctl(tmp_path, "call", "echo", "add", "a=one")
    assert answer.code == 2
    assert '`a`: "one" is not of type "number"' in answer.err
    assert '"b" is a required property' in answer.err
    assert "mcpctl call echo add a=1 b=1" in answer.err


def test_an_argument_that_the_tool_does_not_declare_is_told_and_sent(tmp_path: Path) -> None:
    configured(tmp_path)
    misspelt = mcpctl(tmp_path, "call", "echo", "echo", "txt=hi")
    assert "note: tool `echo` declares no argument `txt`\n  = did you mean `text`?" in misspelt.err
    extra = mcpctl(tmp_path, "call", "echo", "echo", "text=hi", "zzz=1")
    assert (extra.code, extra.out) == (0, "hi\n")
    assert extra.err == "note: tool `echo` declares no argument `zzz`\n"


def test_an_unknown_tool_is_offered_the_nearest_and_never_run(tmp_path: Path) -> None:
    configured(tmp_path)
    answer = mcpctl(tmp_path, "call", "echo", "ecco", "text=x", "--json")
    assert answer.code == 2
    assert answer.json["errors"][0]["code"] == "usage.unknown_tool"
    assert "`echo`" in answer.json["errors"][0]["hint"]


@pytest.mark.parametrize(
    ("arguments", "stdin"), [('{"text": "5"}', b""), ("-", b'{"text": "5"}'), ("@given.json", b"")]
)
def test_args_are_sent_as_typed(tmp_path: Path, arguments: str, stdin: bytes) -> None:
    configured(tmp_path)
    (tmp_path / "given.json").write_text('{"text": "5"}')
    assert mcpctl(tmp_path, "call", "echo", "echo", "--args", arguments, stdin=stdin).out == "5\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--args", "{"), "the value of `--args` is not JSON"),
        (("--args", "[1]"), "`--args` wants a JSON object"),
        (("--args", "@missing.json"), "cannot read `missing.json`: no such file"),
        (("text=@.",), "cannot read `.`: it is a folder"),
        (("text",), "`text` is not an argument"),
        (("--preview", "--recent", "text=x"), "`--preview` and `--recent` exclude each other"),
        (("--elicit", "nonsense", "text=x"), "`--elicit` is neither"),
        (("--root", "missing", "text=x"), "`--root missing` is not a folder"),
    ],
)
def test_words_that_cannot_be_meant_exit_2(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    configured(tmp_path)
    answer = mcpctl(tmp_path, "call", "echo", "echo", *words)
    assert (answer.code, answer.out) == (2, "")
    assert said in answer.err


def test_no_validate_sends_what_the_schema_refuses(tmp_path: Path) -> None:
    configured(tmp_path)
    assert mcpctl(tmp_path, "call", "echo", "echo", "text:=5").code == 2
    assert mcpctl(tmp_path, "call", "echo", "echo", "text:=5", "--no-validate").code in (0, 1)


@pytest.mark.parametrize(
    ("options", "first", "last"),
    [
        (("--head", "2"), "line 1", "line 2"),
        (("--tail", "2"), "line 299", "line 300"),
        (("--preview",), "line 1", "line 100"),
        (("--summary",), "line 1", "line 300"),
        (("--recent",), "line 101", "line 300"),
    ],
)
def test_a_cut_result_is_counted_and_kept_whole(
    tmp_path: Path, options: tuple[str, ...], first: str, last: str
) -> None:
    configured(tmp_path)
    answer = mcpctl(tmp_path, "call", "rich", "lines", *options)
    shown = [line for line in answer.out.splitlines() if line.startswith("line")]
    assert (shown[0], shown[-1]) == (first, last)
    assert "of 300 lines" in answer.err
    kept = Path(answer.err.split("the whole result is in ")[1].split("\n")[0])
    assert kept.read_text().count("\n") == 299
    assert kept.stat().st_mode & 0o777 == 0o600
    again = mcpctl(tmp_path, "call", "--last")
    assert again.out.count("\n") == 300


def test_a_result_is_kept_without_the_secrets_that_were_masked_when_it_was_shown(tmp_path: Path) -> None:
    configured(tmp_path, more='[servers.echo.env]\nTOKEN = "${CANARY_TOKEN}"\n')
    words = ("call", "echo", "echo", "text=long long hunter2-hunter2", "--max-chars", "4")
    answer = mcpctl(tmp_path, *words, env={"CANARY_TOKEN": "hunter2-hunter2"})
    kept = Path(answer.err.split("the whole result is in ")[1].split("\n")[0])
    assert kept.read_text() == "long long ***"
    assert mcpctl(tmp_path, "call", "--last").out.strip() == "long long ***"


def test_a_pipe_gets_everything_and_a_terminal_the_ends(tmp_path: Path) -> None:
    configured(tmp_path)
    assert mcpctl(tmp_path, "call", "rich", "lines").out.count("\n") == 300
    on_terminal = mcpctl(tmp_path, "call", "rich", "lines", tty=True)
    assert "line 100" in on_terminal.out
    assert "line 150" not in on_terminal.out
    assert mcpctl(tmp_path, "call", "rich", "lines", "--full", tty=True).out.count("\n") == 300


def test_the_configuration_sets_what_is_shown_by_default(tmp_path: Path) -> None:
    configured(tmp_path, more="[servers.rich.tools.lines.truncate]\nhead = 1\n")
    assert mcpctl(tmp_path, "call", "rich", "lines").out.startswith("line 1\n")
    assert mcpctl(tmp_path, "call", "rich", "lines").out.count("line 2\n") == 0


def test_cut_json_stays_json_and_cut_markdown_keeps_its_fences(tmp_path: Path) -> None:
    configured(tmp_path)
    cut = mcpctl(tmp_path, "call", "rich", "structured", "--max-chars", "40").out
    assert json.loads(cut)
    markdown = mcpctl(tmp_path, "call", "rich", "table", "--head", "5").out
    assert markdown.count("```") == 2


def test_structured_content_is_compact_in_a_pipe_and_pretty_on_a_terminal(tmp_path: Path) -> None:
    configured(tmp_path)
    assert mcpctl(tmp_path, "call", "rich", "structured").out.startswith('{"items":[{"name":"one"}')
    assert mcpctl(tmp_path, "call", "rich", "structured", tty=True).out.startswith("{\n")


@pytest.mark.parametrize(
    ("path", "expected"), [("/items/1/name", "two\n"), ("items.0", '{"name":"one"}\n'), ("unicode", "äß\n")]
)
def test_field_picks_one_value(tmp_path: Path, path: str, expected: str) -> None:
    configured(tmp_path)
    assert mcpctl(tmp_path, "call", "rich", "structured", "--field", path).out == expected


def test_a_field_that_is_not_there_says_what_is(tmp_path: Path) -> None:
    configured(tmp_path)
    answer = mcpctl(tmp_path, "call", "rich", "structured", "--field", "nothing")
    assert answer.code == 2
    assert "`items`" in answer.err


def test_media_is_named_and_saved(tmp_path: Path) -> None:
    configured(tmp_path)
    unsaved = mcpctl(tmp_path, "call", "rich", "media")
    assert unsaved.err.endswith(
        "note: what is no text is only named\n  = write it to files with `--save DIR`\n"
    )
    assert "--save" in mcpctl(tmp_path, "read", "rich", "rich://blob").err
    assert mcpctl(tmp_path, "read", "rich", "rich://note").err == ""
    answer = mcpctl(tmp_path, "call", "rich", "media", "--save", "out")
    assert "--save" not in answer.err
    assert "[image, image/png, 48 bytes, saved to" in answer.out
    assert "[link, rich://link]" in answer.out
    assert sorted(path.suffix for path in (tmp_path / "out").iterdir()) == [".pdf", ".png", ".wav"]
    assert next((tmp_path / "out").glob("*.png")).read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("words", [("call", "witness", "x"), ("read", "witness", "x://y")])
@pytest.mark.parametrize("folder", ["file", "file/deeper", "locked", "locked/deeper"])
def test_a_folder_that_cannot_be_saved_to_is_noticed_before_anything_is_sent(
    tmp_path: Path, words: tuple[str, ...], folder: str
) -> None:
    if folder.startswith("locked") and os.getuid() == 0:
        pytest.skip("nothing is locked for root")
    (tmp_path / "file").touch()
    (tmp_path / "locked").mkdir(mode=0o500)
    started = tmp_path / "started"
    server = {"command": PYTHON, "args": ["-c", f"open({str(started)!r}, 'w')"]}
    (tmp_path / "mcpctl.json").write_text(json.dumps({"servers": {"witness": server}}))
    answer = mcpctl(tmp_path, *words, "--save", folder, "--json")
    assert answer.code == 2
    assert [each["code"] for each in answer.json["errors"]] == ["usage.save"]
    assert f"cannot save to `{folder}`: " in answer.json["errors"][0]["message"]
    assert not started.exists()


def test_several_blocks_are_parted_by_an_empty_line(tmp_path: Path) -> None:
    configured(tmp_path)
    assert mcpctl(tmp_path, "call", "rich", "several").out == "first\n\nsecond\n"


def test_raw_is_the_result_as_it_came(tmp_path: Path) -> None:
    configured(tmp_path)
    assert (
        json.loads(mcpctl(tmp_path, "call", "rich", "several", "--raw").out)["content"][0]["text"] == "first"
    )


def test_a_result_that_breaks_its_own_schema_is_reported_and_strict_output_exits_5(tmp_path: Path) -> None:
    configured(tmp_path)
    lenient = mcpctl(tmp_path, "call", "rich", "liar")
    assert lenient.code == 0
    assert "breaks the tool's own output schema" in lenient.err
    assert mcpctl(tmp_path, "call", "rich", "liar", "--strict-output").code == 5


def test_a_question_is_declined_in_a_pipe_and_that_is_said(tmp_path: Path) -> None:
    configured(tmp_path)
    answer = mcpctl(tmp_path, "call", "rich", "ask")
    assert json.loads(answer.out) == {"action": "decline"}
    assert "declined `Who are you?`" in answer.err


def test_a_question_is_answered_from_an_option(tmp_path: Path) -> None:
    configured(tmp_path)
    given = mcpctl(tmp_path, "call", "rich", "ask", "--elicit", '{"name": "Ada"}')
    assert json.loads(given.out) == {"action": "accept", "content": {"name": "Ada"}}
    cancelled = mcpctl(tmp_path, "call", "rich", "ask", "--elicit", '{"action": "cancel"}')
    assert json.loads(cancelled.out) == {"action": "cancel"}
    incomplete = mcpctl(tmp_path, "call", "rich", "ask", "--elicit", "defaults")
    assert json.loads(incomplete.out) == {"action": "decline"}


def test_a_form_on_a_terminal_asks_again_until_the_answer_fits(tmp_path: Path) -> None:
    configured(tmp_path)
    typed = b"\nAda\n0\n41\n2\na, c\n"
    answer = mcpctl(tmp_path, "call", "rich", "ask", "--elicit", "ask", stdin=typed)
    content = json.loads(answer.out)["content"]
    assert content == {"name": "Ada", "age": 41, "color": "green", "tags": ["a", "c"]}
    assert "this one is needed" in answer.err
    assert "0 is less than the minimum of 1" in answer.err


@pytest.mark.parametrize(("typed", "action"), [(b"!\n", "decline"), (b"", "cancel"), (b"\n", "accept")])
def test_a_link_is_shown_and_never_opened(tmp_path: Path, typed: bytes, action: str) -> None:
    configured(tmp_path)
    answer = mcpctl(tmp_path, "call", "rich", "visit", "--elicit", "ask", stdin=typed)
    assert json.loads(answer.out)["action"] == action
    assert "https://example.com/sign-in" in answer.err


def test_sampling_is_answered_by_a_program(tmp_path: Path) -> None:
    configured(tmp_path)
    answer = mcpctl(tmp_path, "call", "rich", "sample", "--sample", "cat")
    assert json.loads(json.loads(answer.out)["content"]["text"])["maxTokens"] == 10
    declined = mcpctl(tmp_path, "call", "rich", "sample", "--sample", "decline")
    assert json.loads(declined.out)["error"]["message"] == "sampling was declined"
    broken = mcpctl(tmp_path, "call", "rich", "sample", "--sample", "false")
    assert "exited with code 1" in json.loads(broken.out)["error"]["message"]
    assert "does not offer" in mcpctl(tmp_path, "call", "rich", "sample").out


def test_roots_are_offered_when_they_are_named(tmp_path: Path) -> None:
    configured(tmp_path)
    answer = mcpctl(tmp_path, "call", "rich", "roots", "--root", ".")
    assert json.loads(answer.out)["roots"][0]["uri"] == tmp_path.resolve().as_uri()


def test_log_messages_are_talk(tmp_path: Path) -> None:
    configured(tmp_path)
    answer = mcpctl(tmp_path, "call", "rich", "log")
    assert answer.out == "logged\n"
    assert "look out" in answer.err


def test_a_json_rpc_error_exits_5_with_its_code(tmp_path: Path) -> None:
    configured(tmp_path)
    answer = mcpctl(tmp_path, "call", "rich", "fault", "--json")
    assert (answer.code, answer.json["errors"][0]["code"]) == (5, "protocol.rpc_error")
    assert "no such thing" in answer.json["errors"][0]["message"]


def test_a_tool_that_never_answers_ends_at_the_deadline(tmp_path: Path) -> None:
    configured(tmp_path, "hang_call")
    answer = mcpctl(tmp_path, "call", "hang_call", "echo", "x=1", "--timeout", "1s", "--json")
    assert (answer.code, answer.json["errors"][0]["code"]) == (6, "deadline.call")


def test_a_call_timeout_of_the_configuration_holds_within_a_longer_deadline(tmp_path: Path) -> None:
    configured(tmp_path, "hang_call")
    with (tmp_path / "mcpctl.toml").open("a") as file:
        file.write('call_timeout = "300ms"\n')
    answer = mcpctl(tmp_path, "call", "hang_call", "echo", "x=1", "--timeout", "30s", "--json")
    assert (answer.code, answer.json["errors"][0]["code"]) == (6, "deadline.call")
    assert "within 0.3 s" in answer.json["errors"][0]["message"]


def test_a_server_on_the_spot_needs_no_configuration(tmp_path: Path) -> None:
    from tests.commands.places import ECHO, PYTHON

    command = f"{PYTHON} {ECHO}"
    answer = mcpctl(tmp_path, "call", "--stdio", command, "echo", "text=hi")
    assert (answer.code, answer.out) == (0, "hi\n")
    wrong = mcpctl(tmp_path, "call", "--stdio", command, "add", "a=x")
    assert f"= mcpctl call --stdio '{command}' add a=1 b=1" in wrong.err, (
        "a line to paste names it the same way"
    )


def test_a_secret_from_the_environment_reaches_the_server_and_no_output(tmp_path: Path) -> None:
    configured(tmp_path, more='[servers.rich.env]\nTOKEN = "${CANARY}"\n')
    canary = "canary-4711-secret"
    for options in ((), ("--json",), ("-v", "--debug")):
        answer = mcpctl(
            tmp_path, "call", "rich", "environment", "name=TOKEN", *options, env={"CANARY": canary}
        )
        assert answer.code == 0
        assert canary not in answer.out + answer.err
    listed = mcpctl(tmp_path, "call", "rich", "environment", "name=TOKEN", env={"CANARY": canary}).out
    assert listed.strip() not in ("", "unset")


def test_an_unset_variable_is_named_with_its_place(tmp_path: Path) -> None:
    configured(tmp_path, more='[servers.rich.env]\nTOKEN = "${CANARY}"\n')
    answer = mcpctl(tmp_path, "call", "rich", "environment", "name=TOKEN")
    assert answer.code == 3
    assert "CANARY" in answer.err
    assert "mcpctl.toml" in answer.err


@pytest.mark.parametrize(
    ("mode", "code", "said"),
    [
        ("exit3", 4, "exited with code 3"),
        ("crash_midcall", 4, "exited with code 9"),
        ("segv_midcall", 4, "killed by SIGSEGV"),
        ("result_not_object", 5, "the `result` of the answer is a string"),
        ("wrong_types_call", 5, "`content`"),
        ("garbage", 0, "on stdout that are not JSON-RPC, such as `Starting server v1...`"),
        ("ansi", 0, ""),
        ("invalid_utf8_line", 0, ""),
    ],
)
def test_a_hostile_server_gets_its_sentence_and_its_exit_code(
    tmp_path: Path, mode: str, code: int, said: str
) -> None:
    configured(tmp_path, mode)
    answer = mcpctl(tmp_path, "call", mode, "echo", "x=1", tty=True, env={"NO_COLOR": "1"})
    assert answer.code == code
    assert said in " ".join(answer.err.split())
    assert "\x1b" not in answer.out
    assert 'File "' not in answer.err


def test_a_terminal_of_twenty_columns_breaks_nothing(tmp_path: Path) -> None:
    configured(tmp_path)
    for words in (
        ("tools", "rich"),
        ("tools", "echo", "add"),
        ("inspect", "rich"),
        ("resources", "rich"),
        ("ls",),
    ):
        answer = mcpctl(tmp_path, *words, tty=True, columns=20, env={"NO_COLOR": "1"})
        assert answer.code == 0, words
