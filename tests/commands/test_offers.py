"""The verbs that show what servers offer."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.commands.places import ECHO, RICH, configured, mcpctl


def test_tools_are_signatures(tmp_path: Path) -> None:
    configured(tmp_path)
    answer = mcpctl(tmp_path, "tools", "echo")
    assert "echo(text: string)  [read-only]" in answer.out
    assert "add(a: number, b: number)" in answer.out
    assert mcpctl(tmp_path, "tools", "echo", "--grep", "sum").out == ""


def test_one_tool_is_a_page_with_an_example(tmp_path: Path) -> None:
    configured(tmp_path)
    answer = mcpctl(tmp_path, "tools", "echo", "add")
    assert "mcpctl call echo add a=1 b=1" in answer.out
    assert "Returns" in answer.out
    quoted = f"{sys.executable} {ECHO}"
    assert f"mcpctl call --stdio '{quoted}' add" in mcpctl(tmp_path, "tools", "--stdio", quoted, "add").out
    assert "Returns" not in mcpctl(tmp_path, "tools", "demo", "ask").out, "it says nothing of what it returns"
    schema = json.loads(mcpctl(tmp_path, "tools", "echo", "add", "--schema").out)
    assert schema["inputSchema"]["required"] == ["a", "b"]


def test_json_tools_are_what_the_server_said(tmp_path: Path) -> None:
    configured(tmp_path)
    tools = mcpctl(tmp_path, "tools", "echo", "--json").data["tools"]
    assert tools[0]["inputSchema"]["properties"] == {"text": {"type": "string"}}


def test_all_servers_are_asked_and_a_failing_one_is_a_line(tmp_path: Path) -> None:
    configured(tmp_path, "exit3")
    answer = mcpctl(tmp_path, "tools", "--all")
    assert answer.code == 1
    assert "echo(text: string)" in answer.out
    assert "exited with code 3" in answer.err
    in_json = mcpctl(tmp_path, "inspect", "--all", "--json")
    assert [server["server"] for server in in_json.data["servers"]] == ["echo", "rich"]
    assert in_json.json["errors"][0]["server"] == "exit3"


def test_search_finds_names_before_descriptions(tmp_path: Path) -> None:
    configured(tmp_path)
    found = mcpctl(tmp_path, "search", "add", "--json").data["found"]
    assert found[0] == {"server": "echo", "tool": "add", "description": "Add two numbers.", "where": "name"}
    assert mcpctl(tmp_path, "search", "zebra").code == 1


def test_inspect_introduces_a_server(tmp_path: Path) -> None:
    configured(tmp_path)
    answer = mcpctl(tmp_path, "inspect", "rich")
    for said in (
        "rich 2",
        "2025-11-25 (handshake)",
        "Be kind.",
        "Prompts (1)",
        "greet(who, how?)",
        "rich://user/{name}",
    ):
        assert said in answer.out
    assert mcpctl(tmp_path, "inspect", "rich", "--json").data["era"] == "handshake"


def test_resources_are_listed_read_and_saved(tmp_path: Path) -> None:
    configured(tmp_path)
    assert "rich://note" in mcpctl(tmp_path, "resources", "rich").out
    assert mcpctl(tmp_path, "read", "rich", "rich://note").out == "about rich://note\n"
    assert (
        mcpctl(tmp_path, "read", "rich", "rich://user/{name}", "name=A B").out == "about rich://user/A%20B\n"
    )
    assert "saved to" in mcpctl(tmp_path, "read", "rich", "rich://blob", "--save", "out").out
    assert mcpctl(tmp_path, "read", "rich", "rich://user/{name}", "nome=x").code == 2
    assert mcpctl(tmp_path, "read", "rich", "rich://nothing").code == 5
    unfilled = mcpctl(tmp_path, "read", "rich", "rich://user/{name}")
    assert (unfilled.code, "the template still has variables" in unfilled.err) == (2, True)


def test_prompts_are_listed_and_filled(tmp_path: Path) -> None:
    configured(tmp_path)
    assert "greet(who, how?)" in mcpctl(tmp_path, "prompts", "rich").out
    assert mcpctl(tmp_path, "prompt", "rich", "greet", "who=Ada").out == "user:\nHello Ada\n"
    missing = mcpctl(tmp_path, "prompt", "rich", "greet", "what=x")
    assert missing.code == 2
    assert "`who` is missing" in missing.err
    assert "`what` is not known" in missing.err
    assert mcpctl(tmp_path, "prompt", "rich", "great").code == 2


def test_arguments_are_completed_by_the_server(tmp_path: Path) -> None:
    configured(tmp_path)
    assert mcpctl(tmp_path, "complete", "rich", "greet", "who=A").out == "Ada\nAlan\n"
    assert mcpctl(tmp_path, "complete", "echo", "greet", "who=A").code == 2


def test_rpc_prints_the_raw_result_and_an_error_is_no(tmp_path: Path) -> None:
    configured(tmp_path)
    assert json.loads(mcpctl(tmp_path, "rpc", "rich", "prompts/list").out)["prompts"][0]["name"] == "greet"
    refused = mcpctl(tmp_path, "rpc", "rich", "no/such")
    assert refused.code == 1
    assert "-32601" in refused.err
    assert mcpctl(tmp_path, "rpc", "rich", "ping", "[1]").code == 2
    assert "not JSON: extra data at line 1, column 3" in mcpctl(tmp_path, "rpc", "rich", "ping", "{}x").err


def test_listen_prints_one_object_a_line_and_the_envelope_last(tmp_path: Path) -> None:
    configured(tmp_path)
    answer = mcpctl(tmp_path, "listen", "rich", "--uri", "rich://note", "--count", "2", "--json")
    lines = [json.loads(line) for line in answer.out.splitlines()]
    assert [line.get("type") for line in lines[:-1]].count("announced") == 2
    assert lines[-1]["data"] == {"server": "rich", "received": 2}
    assert answer.code == 0


def test_listen_comes_back_by_itself_and_says_what_was_missed(tmp_path: Path) -> None:
    server = f"{sys.executable} {RICH} --dies-once {tmp_path / 'died'}"
    answer = mcpctl(tmp_path, "listen", "--stdio", server, "--uri", "rich://note", "--for", "3s")
    assert answer.code == 0
    assert answer.out == "tools list changed\nresource rich://note\n" * 2, "only announcements are the answer"
    assert "exited with code 3" in answer.err
    assert "trying again in" in answer.err
    assert "what changed meanwhile was not announced: read again what matters" in answer.err
