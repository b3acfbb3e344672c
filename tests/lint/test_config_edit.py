"""One server of one file is changed, in any format, and nothing else in it."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from tests.commands.places import mcpctl


def test_a_server_is_added_to_a_new_file_of_our_own(tmp_path: Path) -> None:
    said = mcpctl(tmp_path, "config", "add", "files", "--env", "A=${B}", "--", "npx", "-y", "x@1")
    assert said.code == 0, said.err
    assert tomllib.loads((tmp_path / "mcpctl.toml").read_text()) == {
        "servers": {"files": {"command": "npx", "args": ["-y", "x@1"], "env": {"A": "${B}"}}}
    }


@pytest.mark.parametrize(
    ("name", "before", "entry"),
    [
        (".mcp.json", '{\n  "mcpServers": {}\n}\n', {"type": "http", "url": "https://d.e/mcp"}),
        (
            ".vscode/mcp.json",
            '{\n  // mine\n  "servers": {},\n}\n',
            {"type": "http", "url": "https://d.e/mcp"},
        ),
        (".gemini/settings.json", '{"theme": "dark"}', {"httpUrl": "https://d.e/mcp"}),
        ("opencode.json", "{}", {"type": "remote", "url": "https://d.e/mcp"}),
    ],
)
def test_a_server_is_added_as_its_host_writes_it(
    name: str, before: str, entry: object, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(before)
    said = mcpctl(
        tmp_path, "config", "add", "docs", "--url", "https://d.e/mcp", "--transport", "http", "--file", name
    )
    assert said.code == 0, said.err
    text = path.read_text()
    plain = "\n".join(line for line in text.splitlines() if "//" not in line or "https" in line)
    value = json.loads(plain.replace(",\n}", "\n}").replace("},\n", "}\n") if "mine" in before else plain)
    servers = value.get("mcpServers") or value.get("servers") or value.get("mcp")
    assert servers == {"docs": entry}
    assert ("// mine" in text) == ("// mine" in before)


def test_a_server_that_is_there_is_not_replaced_by_accident(tmp_path: Path) -> None:
    (tmp_path / ".mcp.json").write_text('{"mcpServers": {"a": {"command": "x"}}}')
    assert mcpctl(tmp_path, "config", "add", "a", "--file", ".mcp.json", "--", "y").code == 3
    assert mcpctl(tmp_path, "config", "add", "a", "--file", ".mcp.json", "--overwrite", "--", "y").code == 0
    assert json.loads((tmp_path / ".mcp.json").read_text()) == {"mcpServers": {"a": {"command": "y"}}}


def test_removing_what_was_added_gives_the_file_back(tmp_path: Path) -> None:
    text = '{\n\t"mcpServers": {\n\t\t"a": {"command": "x"}\n\t}\n}\n'
    (tmp_path / ".mcp.json").write_text(text)
    mcpctl(tmp_path, "config", "add", "b", "--file", ".mcp.json", "--", "y")
    said = mcpctl(tmp_path, "config", "remove", "b", "--file", ".mcp.json")
    assert said.code == 0
    assert (tmp_path / ".mcp.json").read_text() == text


def test_removing_the_last_server_with_its_tables_gives_the_file_back(tmp_path: Path) -> None:
    text = '[mcp_servers.a]\ncommand = "x"\n'
    (tmp_path / ".codex").mkdir()
    path = tmp_path / ".codex/config.toml"
    path.write_text(text)
    mcpctl(tmp_path, "config", "add", "b", "--file", str(path), "--env", "A=${B}", "--", "y")
    mcpctl(tmp_path, "config", "set", "b", "env.C", "d", "--file", str(path))
    assert mcpctl(tmp_path, "config", "remove", "b", "--file", str(path)).code == 0
    assert path.read_text() == text


def test_a_server_is_switched_off_in_the_words_of_its_host(tmp_path: Path) -> None:
    (tmp_path / ".kiro" / "settings").mkdir(parents=True)
    kiro = tmp_path / ".kiro" / "settings" / "mcp.json"
    kiro.write_text('{"mcpServers": {"a": {"command": "x"}}}')
    assert mcpctl(tmp_path, "config", "disable", "a", "--file", str(kiro)).code == 0
    assert json.loads(kiro.read_text())["mcpServers"]["a"]["disabled"] is True
    (tmp_path / ".codex").mkdir()
    codex = tmp_path / ".codex" / "config.toml"
    codex.write_text('# mine\n[mcp_servers.a]\ncommand = "x"\n')
    assert mcpctl(tmp_path, "config", "disable", "a", "--file", str(codex)).code == 0
    assert tomllib.loads(codex.read_text())["mcp_servers"]["a"]["enabled"] is False
    assert codex.read_text().startswith("# mine\n")
    assert mcpctl(tmp_path, "config", "enable", "a", "--file", str(codex)).code == 0
    assert tomllib.loads(codex.read_text())["mcp_servers"]["a"]["enabled"] is True


def test_a_host_that_cannot_switch_servers_off_says_so_and_nothing_changes(tmp_path: Path) -> None:
    text = '{"mcpServers": {"a": {"command": "x"}}}'
    (tmp_path / ".mcp.json").write_text(text)
    said = mcpctl(tmp_path, "config", "disable", "a", "--file", ".mcp.json", "--json")
    assert said.code == 3
    assert "Claude Code" in said.json["errors"][0]["message"]
    assert (tmp_path / ".mcp.json").read_text() == text


def test_a_value_is_set_in_our_words_and_written_in_theirs(tmp_path: Path) -> None:
    (tmp_path / ".mcp.json").write_text('{"mcpServers": {"a": {"command": "x"}}}')
    mcpctl(tmp_path, "config", "set", "a", "call_timeout", "30s", "--file", ".mcp.json")
    mcpctl(tmp_path, "config", "set", "a", "args", '["-y", "z"]', "--file", ".mcp.json")
    mcpctl(tmp_path, "config", "set", "a", "env.TOKEN", "${TOKEN}", "--file", ".mcp.json")
    assert json.loads((tmp_path / ".mcp.json").read_text())["mcpServers"]["a"] == {
        "command": "x",
        "timeout": 30000,
        "args": ["-y", "z"],
        "env": {"TOKEN": "${TOKEN}"},
    }


def test_our_own_file_is_found_and_edited(tmp_path: Path) -> None:
    text = '# mine\n[servers.a]\ncommand = "x" # first\n'
    (tmp_path / "mcpctl.toml").write_text(text)
    assert mcpctl(tmp_path, "config", "set", "a", "retry.attempts", "5").code == 0
    value = tomllib.loads((tmp_path / "mcpctl.toml").read_text())
    assert value["servers"]["a"]["retry"] == {"attempts": 5}
    assert (tmp_path / "mcpctl.toml").read_text().startswith('# mine\n[servers.a]\ncommand = "x" # first\n')


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        (("remove", "nobody"), 3),
        (("set", "a", "retry.attempts", "0"), 2),
        (("set", "a", "nonsense", "1"), 2),
        (("add", "b", "--url", "nonsense"), 2),
        (("add", "b"), 2),
        (("add", "b", "--url", "https://x.y", "--", "cmd"), 2),
        (("add", "b", "--env", "novalue", "--", "cmd"), 2),
    ],
)
def test_what_makes_no_sense_is_refused(argv: tuple[str, ...], code: int, tmp_path: Path) -> None:
    text = '[servers.a]\ncommand = "x"\n'
    (tmp_path / "mcpctl.toml").write_text(text)
    assert mcpctl(tmp_path, "config", *argv).code == code
    assert (tmp_path / "mcpctl.toml").read_text() == text


def test_a_misspelt_key_is_offered_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "mcpctl.toml").write_text('[servers.a]\ncommand = "x"\n')
    assert "did you mean `args`?" in mcpctl(tmp_path, "config", "set", "a", "arg", "[]").err
    assert "did you mean `attempts`?" in mcpctl(tmp_path, "config", "set", "a", "retry.attempt", "2").err


def test_an_address_may_be_made_of_variables(tmp_path: Path) -> None:
    assert mcpctl(tmp_path, "config", "add", "b", "--url", "${HOST}/mcp").code == 0


def test_a_diff_names_the_whole_path_once_and_shows_names_of_variables(tmp_path: Path) -> None:
    path = tmp_path / "home/.codex/config.toml"
    path.parent.mkdir(parents=True)
    path.write_text('[mcp_servers.a]\nurl = "https://d.e/mcp"\nbearer_token_env_var = "A_TOKEN"\n')
    (tmp_path / "here").mkdir()
    said = mcpctl(tmp_path / "here", "config", "disable", "a", "--file", str(path))
    assert f"--- a{path}\n" in said.out
    assert 'bearer_token_env_var = "A_TOKEN"' in said.out


def test_hosts_that_disagree_about_a_server_are_shown_side_by_side(tmp_path: Path) -> None:
    (tmp_path / "mcp.json").write_text(
        '{"mcpServers": {"both": {"command": "x", "url": "https://a.b/mcp"}, "docs": {"url": "https://d.e/mcp"}}}'
    )
    hosts = "cursor,gemini,roo,claude-code,cline,codex"
    said = mcpctl(tmp_path, "config", "view", "mcp.json", "--as", hosts, "--json")
    assert said.code == 0
    made = {
        (each["server"], each["host"]): (each["verdict"], each["transport"]) for each in said.data["opinions"]
    }
    assert made["both", "cursor"] == ("starts", "stdio")
    assert made["both", "claude-code"] == ("starts", "stdio")
    assert made["both", "gemini"] == ("connects", "sse")
    assert made["both", "roo"] == ("skips", None)
    assert made["docs", "claude-code"] == ("skips", None)
    assert made["docs", "cursor"] == ("connects", "http")
    assert made["docs", "cline"] == ("connects", "sse")
    assert made["docs", "codex"] == ("skips", None)
    assert set(said.data["disagreements"]) == {"both", "docs"}
    assert "do not agree about `both`" in mcpctl(tmp_path, "config", "view", "mcp.json", "--as", hosts).out


def test_our_own_file_is_shown_as_we_read_it(tmp_path: Path) -> None:
    (tmp_path / "mcpctl.toml").write_text('[servers.a]\ncommand = "x"\n')
    opinions = mcpctl(tmp_path, "config", "view", "--json").data["opinions"]
    assert [(each["host"], each["verdict"]) for each in opinions] == [("mcpctl", "starts")]


def test_a_host_that_finds_no_list_says_only_that(tmp_path: Path) -> None:
    (tmp_path / ".mcp.json").write_text('{"mcpServers": {"a": {"command": "x"}}}')
    said = mcpctl(tmp_path, "config", "view", ".mcp.json", "--as", "continue,vscode", "--json")
    reasons = {each["host"]: each["reason"] for each in said.data["opinions"]}
    assert reasons["continue"].startswith("Continue wants `mcpServers` to be a list of servers")
    assert reasons["vscode"].startswith("VS Code reads no servers here")


def test_a_schema_is_printed_for_every_host(tmp_path: Path) -> None:
    from jsonschema import Draft202012Validator

    from mcpctl.config.hosts.table import rows

    for host in rows().values():
        if not host.roots and not host.manifest:
            continue
        said = mcpctl(tmp_path, "config", "schema", "--host", host.id, "--json")
        assert said.code == 0, host.id
        Draft202012Validator.check_schema(said.data)
    assert mcpctl(tmp_path, "config", "schema", "--host", "nobody").code == 2


CONTINUE = "name: mine # kept\nmcpServers: [{name: a, command: x, args: [one]}] # all\n"
GOOSE = "extensions: {a: {type: stdio, name: a, cmd: x}} # all\nGOOSE_MODEL: m\n"


@pytest.mark.parametrize(
    ("name", "text", "argv", "old", "new"),
    [
        (
            "continue",
            CONTINUE,
            ("add", "b", "--", "run", "-z"),
            "}]",
            '}, {name: b, command: run, args: ["-z"]}]',
        ),
        ("continue", CONTINUE, ("remove", "a"), "{name: a, command: x, args: [one]}", ""),
        ("continue", CONTINUE, ("set", "a", "command", "p q"), "command: x", 'command: "p q"'),
        ("continue", CONTINUE, ("set", "a", "args", '["-y"]'), "[one]", '["-y"]'),
        ("goose", GOOSE, ("disable", "a"), "cmd: x}", "cmd: x, enabled: false}"),
        (
            "goose",
            GOOSE.replace("cmd: x", "enabled: false, cmd: x"),
            ("enable", "a"),
            "enabled: false",
            "enabled: true",
        ),
        ("goose", GOOSE, ("remove", "a"), "a: {type: stdio, name: a, cmd: x}", ""),
    ],
)
def test_a_yaml_file_between_brackets_keeps_every_other_byte(
    name: str, text: str, argv: tuple[str, ...], old: str, new: str, tmp_path: Path
) -> None:
    file = tmp_path / f".{name}" / "config.yaml"
    file.parent.mkdir()
    file.write_text(text)
    command, server, *more = argv
    said = mcpctl(tmp_path, "config", command, server, "--file", f".{name}/config.yaml", *more)
    assert said.code == 0, said.err
    assert file.read_text() == text.replace(old, new)


def test_the_only_server_of_a_toml_file_can_be_removed(tmp_path: Path) -> None:
    (tmp_path / "mcpctl.toml").write_text('# mine\n[servers.a]\ncommand = "x"\n')
    assert mcpctl(tmp_path, "config", "remove", "a").code == 0
    assert (tmp_path / "mcpctl.toml").read_text() == "# mine\n"


def test_a_server_goes_into_our_own_part_of_a_python_project(tmp_path: Path) -> None:
    text = '[project]\nname = "x"\n'
    (tmp_path / "pyproject.toml").write_text(text)
    assert mcpctl(tmp_path, "config", "add", "a", "--file", "pyproject.toml", "--", "x").code == 0
    added = text + '\n[tool.mcpctl.servers.a]\ncommand = "x"\n'
    assert (tmp_path / "pyproject.toml").read_text() == added
    assert mcpctl(tmp_path, "config", "remove", "a", "--file", "pyproject.toml").code == 0
    assert (tmp_path / "pyproject.toml").read_text() == text


def test_a_file_that_is_out_of_shape_is_told_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "mcpctl.toml").write_text('[servers.a]\ncommand = "x"\n\n[servers.b]\ncommand = 5\n')
    said = mcpctl(tmp_path, "config", "convert", "mcpctl.toml", "--to", "codex", "--json")
    (error,) = said.json["errors"]
    assert (said.code, error["line"], error["column"]) == (3, 5, 1)
    assert error["message"] == "`servers.b.command` must be text"


def test_a_table_inside_a_server_is_written_on_one_line(tmp_path: Path) -> None:
    text = '[servers.a]\ncommand = "x"\n\n[servers.b]\ncommand = "y"\n'
    (tmp_path / "mcpctl.toml").write_text(text)
    assert mcpctl(tmp_path, "config", "set", "a", "env.MODE", "fast").code == 0
    expected = text.replace('"x"\n', '"x"\nenv = {MODE = "fast"}\n')
    assert (tmp_path / "mcpctl.toml").read_text() == expected


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("/dev/zero", "too large"),
        ("folder", "directory"),
        ("circle", "symbolic links"),
        ("nothing", "no such file"),
    ],
)
def test_what_is_no_file_cannot_be_converted(name: str, reason: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    said = mcpctl(tmp_path, "config", "convert", name, "--to", "codex", "--json")
    assert said.code == 3
    assert reason in said.json["errors"][0]["message"]
