"""What other command lines for MCP were seen to do wrong, or their users asked for. Each name says what holds here."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.commands.places import HOSTILE, Answer, configured, mcpctl
from tests.support import ROOT

WITNESS = ROOT / "tests/servers/witness.py"


class Witness:
    """A server that keeps what it was sent."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        self.log = folder / "log"
        self.options(*options)

    def options(self, *options: str) -> None:
        entry = {"command": sys.executable, "args": [str(WITNESS), str(self.log), *options]}
        (self.folder / "mcpctl.json").write_text(json.dumps({"servers": {"witness": entry}}))

    def call(self, *words: str) -> Answer:
        return mcpctl(self.folder, "call", "witness", *words)

    def messages(self, method: str) -> list[dict[str, Any]]:
        lines = map(json.loads, self.log.read_text().splitlines())
        return [line for line in lines if line.get("method") == method]

    def starts(self) -> int:
        return self.log.read_text().count('"started"')


def written(folder: Path, name: str, text: str) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)


# -- exit codes: several peers exit with 0 whatever happens ----------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("call", "echo", "nonsense"), 2),
        (("call", "echo", "fail"), 1),
        (("call", "rich", "fault"), 5),
        (("call", "nobody", "echo"), 3),
        (("call", "--stdio", "/no/such/program", "echo"), 4),
        (("call", "exit3", "echo", "x=1"), 4),
        (("call", "crash_midcall", "echo", "x=1"), 4),
        (("call", "echo", "echo"), 2),
        (("call", "echo", "add", "a=one", "b=2"), 2),
        (("call", "echo", "echo", "--args", "{broken"), 2),
        (("call", "hang_call", "echo", "x=1", "--timeout", "500ms"), 6),
        (("call", "no_init", "echo", "x=1", "--timeout", "500ms"), 6),
        (("call", "rich", "liar", "--strict-output"), 5),
        (("inspect", "exit3"), 4),
        (("tools", "exit3"), 4),
    ],
)
def test_every_failure_has_the_exit_code_of_its_kind(
    tmp_path: Path, words: tuple[str, ...], code: int
) -> None:
    configured(tmp_path, "exit3", "crash_midcall", "hang_call", "no_init")
    answer = mcpctl(tmp_path, *words)
    assert answer.code == code
    assert answer.out == "" or words[2] == "liar", "an error stood on stdout"
    assert not answer.err.startswith("Traceback"), "only a server's own words may hold one"
    in_json = mcpctl(tmp_path, *words, "--json")
    assert (in_json.code, in_json.json["exit_code"]) == (code, code)


# -- configurations --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"comand": "python3"}, "comand"),
        ({"command": "python3", "args": "server.py"}, "args"),
        ({"command": "python3", "url": "https://example.com/mcp"}, "url"),
        ({"command": "python3", "env": {"TOKEN": "${NOT_SET_ANYWHERE}"}}, "NOT_SET_ANYWHERE"),
        ({"command": "python3", "type": "carrier-pigeon"}, "type"),
        ({"command": "python3", "transport": "carrier-pigeon"}, "transport"),
    ],
)
def test_a_wrong_entry_is_named_before_anything_is_started(
    tmp_path: Path, entry: dict[str, Any], said: str
) -> None:
    written(tmp_path, "mcpctl.json", json.dumps({"servers": {"wrong": entry}}))
    answer = mcpctl(tmp_path, "call", "wrong", "echo", "--json")
    assert answer.code == 3
    errors = answer.json["errors"]
    assert any(said in f"{error['message']} {error['hint']}" for error in errors), errors
    assert any(str(error["file"]).endswith("mcpctl.json") and error["line"] for error in errors), errors


def test_an_address_that_is_none_is_named(tmp_path: Path) -> None:
    written(tmp_path, "mcpctl.json", json.dumps({"servers": {"wrong": {"url": "htp:/nope"}}}))
    answer = mcpctl(tmp_path, "call", "wrong", "echo", "--json")
    assert (answer.code, answer.json["errors"][0]["server"]) == (3, "wrong")


def test_comments_in_the_file_of_vs_code_are_read(tmp_path: Path) -> None:
    entry = {"command": sys.executable, "args": [str(ROOT / "tests/servers/echo.py")]}
    written(
        tmp_path,
        ".vscode/mcp.json",
        '{ // mine\n "servers": {"mine": ' + json.dumps(entry) + ",}, /* end */ }",
    )
    assert mcpctl(tmp_path, "call", "mine", "echo", "text=hi").out == "hi\n"


def test_the_mcp_json_of_a_project_is_found_from_below(tmp_path: Path) -> None:
    entry = {"command": sys.executable, "args": ["${WHERE}/tests/servers/echo.py"]}
    written(tmp_path, ".mcp.json", json.dumps({"mcpServers": {"mine": entry}}))
    answer = mcpctl(tmp_path, "call", "mine", "echo", "text=hi", env={"WHERE": str(ROOT)})
    assert answer.out == "hi\n"


# -- tools -----------------------------------------------------------------------------------------------------------


def test_tools_with_invalid_schemas_are_shown_all_the_same(tmp_path: Path) -> None:
    configured(tmp_path, "bad_schema", "recursive_schema")
    for server in ("bad_schema", "recursive_schema"):
        tools = mcpctl(tmp_path, "tools", server, "--json").data["tools"]
        assert [tool["name"] for tool in tools] == ["echo"]


def test_a_tool_that_fails_is_called_once(tmp_path: Path) -> None:
    for tool, code in (("fault", 5), ("crash", 4)):
        witness = Witness(tmp_path)
        assert witness.call(tool).code == code
        assert [each["params"]["name"] for each in witness.messages("tools/call")] == [tool]
        witness.log.unlink()


def test_a_misspelt_tool_is_never_run_in_the_name_of_another(tmp_path: Path) -> None:
    witness = Witness(tmp_path)
    answer = witness.call("delete_users")
    assert (answer.code, "`delete_user`" in answer.err) == (2, True)
    assert witness.messages("tools/call") == []


@pytest.mark.parametrize("arguments", [{"n": "abc"}, {"n": "7"}, {"s": 7, "n": None}, {"other": [1, {}]}])
def test_arguments_given_verbatim_arrive_verbatim(tmp_path: Path, arguments: dict[str, Any]) -> None:
    witness = Witness(tmp_path)
    witness.call("say", "--no-validate", "--args", json.dumps(arguments))
    (call,) = witness.messages("tools/call")
    assert call["params"]["arguments"] == arguments


def test_a_text_that_is_no_number_is_refused_and_not_sent_as_null(tmp_path: Path) -> None:
    witness = Witness(tmp_path)
    answer = witness.call("say", "n=abc")
    assert (answer.code, "`n`" in answer.err) == (2, True)
    assert witness.messages("tools/call") == []


def test_a_renamed_tool_is_known_at_once(tmp_path: Path) -> None:
    witness = Witness(tmp_path, "--tools", "before")
    assert witness.call("before").code == 0
    witness.options("--tools", "after")
    assert witness.call("after").code == 0
    assert witness.call("before").code == 2


def test_one_call_is_one_server_and_one_greeting(tmp_path: Path) -> None:
    witness = Witness(tmp_path)
    assert witness.call("say").code == 0
    assert (witness.starts(), len(witness.messages("initialize"))) == (1, 1)
    assert len(witness.messages("tools/call")) == 1


def test_a_tool_that_crashed_does_not_spoil_the_next_call(tmp_path: Path) -> None:
    witness = Witness(tmp_path)
    assert witness.call("crash").code == 4
    assert witness.call("say").out == "said\n"


# -- capabilities ----------------------------------------------------------------------------------------------------


def test_sampling_and_roots_are_offered_only_where_somebody_answers(tmp_path: Path) -> None:
    witness = Witness(tmp_path)
    witness.call("say")
    witness.call("say", "--sample", "cat", "--root", ".")
    without, offered = (each["params"]["capabilities"] for each in witness.messages("initialize"))
    assert {"sampling", "roots"} & set(without) == set()
    assert {"sampling", "roots"} <= set(offered)


# -- output ----------------------------------------------------------------------------------------------------------


def test_a_line_of_megabytes_is_printed_whole(tmp_path: Path) -> None:
    configured(tmp_path)
    text = "x" * 5_000_000
    (tmp_path / "long").write_text(text)
    answer = mcpctl(tmp_path, "call", "echo", "echo", "text=@long")
    assert (answer.code, len(answer.out)) == (0, len(text) + 1)
    on_terminal = mcpctl(tmp_path, "call", "echo", "echo", "text=@long", "--full", tty=True)
    assert len(on_terminal.out) == len(text) + 1


def test_json_is_never_cut_unless_that_was_asked_for(tmp_path: Path) -> None:
    configured(tmp_path)
    whole = mcpctl(tmp_path, "call", "rich", "lines", "count=5000", "--json", tty=True)
    assert whole.data["text"].count("\n") == 4999
    assert whole.data["truncated"] is None


def test_progress_is_seen_on_a_terminal_and_nowhere_else(tmp_path: Path) -> None:
    configured(tmp_path)
    assert "step 2" in mcpctl(tmp_path, "call", "rich", "progress", tty=True, env={"NO_COLOR": "1"}).err
    assert mcpctl(tmp_path, "call", "rich", "progress").err == ""


def test_a_server_that_prints_on_stdout_is_told_so_in_words(tmp_path: Path) -> None:
    answer = mcpctl(tmp_path, "call", "--stdio", f"{sys.executable} {HOSTILE} garbage", "echo", "x=1")
    assert answer.code == 0
    assert "on stdout that are not JSON-RPC" in answer.err
    assert "its log messages belong on stderr" in answer.err


def test_a_program_that_is_missing_is_named(tmp_path: Path) -> None:
    answer = mcpctl(tmp_path, "call", "--stdio", "npx-is-not-here -y server", "echo", "--json")
    (error,) = answer.json["errors"]
    assert (answer.code, error["code"].partition(".")[0]) == (4, "connect")
    assert "npx-is-not-here" in error["message"]


# -- several servers -------------------------------------------------------------------------------------------------


def test_a_dead_server_does_not_take_the_others_down(tmp_path: Path) -> None:
    configured(tmp_path, "exit3", "crash_midcall")
    for words in (("tools", "--all"), ("inspect", "--all"), ("search", "echo")):
        answer = mcpctl(tmp_path, *words)
        assert answer.code == (0 if words[0] == "search" else 1)
        assert "echo" in answer.out
        assert "exit3" in answer.err
