from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from mcpctl.config import load
from mcpctl.config.discovery import NAMES
from tests.config.files import loaded, place, refused, write
from tests.support import world

OWN = '[servers.{0}]\ncommand = "{0}"\n'
HOST = '{{"mcpServers": {{"{0}": {{"command": "{0}"}}}}}}'
FILES = {
    "mcpctl.toml": OWN.format("toml"),
    "mcpctl.json": '{"servers": {"json": {"command": "json"}}}',
    "pyproject.toml": '[tool.mcpctl.servers.pyproject]\ncommand = "x"\n',
    ".mcp.json": HOST.format("claude"),
    "mcp.json": HOST.format("generic"),
    ".vscode/mcp.json": '{"servers": {"vscode": {"command": "vscode"}}}',
    ".cursor/mcp.json": HOST.format("cursor"),
    "children_config.toml": '[mcp_servers.toml_children]\ncommand = "x"\n',
    "children_config.json": HOST.format("json_children"),
}


def names(settings: object) -> list[str]:
    return list(settings.servers)  # type: ignore[attr-defined] # settings, in every test below


def test_no_file_at_all_is_an_empty_configuration(tmp_path: Path) -> None:
    settings = loaded(tmp_path)
    assert names(settings) == []
    assert settings.base is None
    assert [source.status for source in settings.sources] == ["absent"] * (len(NAMES) + 1)


def test_in_one_folder_the_files_win_in_their_order(tmp_path: Path) -> None:
    assert tuple(FILES) == NAMES
    write(tmp_path, FILES)
    expected = [
        "toml",
        "json",
        "pyproject",
        "claude",
        "generic",
        "vscode",
        "cursor",
        "toml_children",
        "json_children",
    ]
    for name, server in zip(NAMES, expected, strict=True):
        settings = loaded(tmp_path)
        assert names(settings) == [server]
        assert settings.base == tmp_path / name
        (tmp_path / name).unlink()


def test_what_lost_is_listed_beside_what_won(tmp_path: Path) -> None:
    settings = loaded(tmp_path, {"mcpctl.json": FILES["mcpctl.json"], ".mcp.json": FILES[".mcp.json"]})
    status = {Path(source.path).name: source.status for source in settings.sources}
    assert (status["mcpctl.toml"], status["mcpctl.json"], status[".mcp.json"]) == (
        "absent",
        "used",
        "shadowed",
    )


def test_a_nearer_folder_wins_over_a_better_name(tmp_path: Path) -> None:
    write(tmp_path, {"mcpctl.toml": OWN.format("far"), "a/.mcp.json": HOST.format("near")})
    below = tmp_path / "a" / "b"
    below.mkdir()
    settings = load(replace(world(tmp_path), folder=str(below)))
    assert names(settings) == ["near"]
    assert settings.folder == tmp_path / "a"


def test_the_search_ends_at_the_root_of_the_repository(tmp_path: Path) -> None:
    write(tmp_path, {"mcpctl.toml": OWN.format("outside")})
    inner = write(tmp_path / "inner", {"sub/keep": ""})
    assert names(load(replace(world(tmp_path), folder=str(inner / "sub")))) == []


def test_without_a_repository_the_search_ends_at_home(tmp_path: Path) -> None:
    (tmp_path / "mcpctl.toml").write_text(OWN.format("above_home"))
    there = world(tmp_path)
    below = tmp_path / "home" / "a" / "b"
    below.mkdir(parents=True)
    assert names(load(replace(there, folder=str(below)))) == []
    (tmp_path / "home" / "mcpctl.toml").write_text(OWN.format("at_home"))
    assert names(load(replace(there, folder=str(below)))) == ["at_home"]


def test_outside_of_both_every_folder_above_is_searched(tmp_path: Path) -> None:
    (tmp_path / "mcpctl.toml").write_text(OWN.format("above"))
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    assert names(load(replace(world(tmp_path), folder=str(below)))) == ["above"]


@pytest.mark.skipif(os.getuid() != 0, reason="only root may give files away")
def test_there_a_file_of_another_user_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mcpctl.toml").write_text(OWN.format("theirs"))
    os.chown(tmp_path / "mcpctl.toml", 12345, -1)
    below = tmp_path / "a"
    below.mkdir()
    settings = load(replace(world(tmp_path), folder=str(below)))
    assert names(settings) == []
    assert "belongs to another user" in settings.notes[0].message


def test_a_pyproject_without_our_table_is_passed_by(tmp_path: Path) -> None:
    files = {"pyproject.toml": '[project]\nname = "mcpctl-user"\n', ".mcp.json": HOST.format("claude")}
    assert names(loaded(tmp_path, files)) == ["claude"]


def test_a_broken_pyproject_with_our_table_is_told(tmp_path: Path) -> None:
    faults = refused(tmp_path, {"pyproject.toml": "[tool.mcpctl.servers.x]\ncommand = \n"})
    assert place(tmp_path, faults[0]) == ("config.syntax", "pyproject.toml", 2, 11)


def test_the_users_own_file_is_always_merged_underneath(tmp_path: Path) -> None:
    files = {
        "home/.config/mcpctl/config.toml": '[servers.x]\ncommand = "low"\nargs = ["a"]\n[servers.own]\ncommand = "y"\n',
        ".mcp.json": '{"mcpServers": {"x": {"command": "high"}}}',
    }
    settings = loaded(tmp_path, files)
    assert (settings.servers["x"].command, settings.servers["x"].args) == ("high", ("a",))
    assert "own" in settings.servers
    assert settings.sources[0].layer == "user"


def test_named_files_are_merged_in_their_order_and_nothing_is_searched(tmp_path: Path) -> None:
    files = {
        "mcpctl.toml": OWN.format("found"),
        "a.toml": '[servers.x]\ncommand = "a"\ntags = ["a"]\n',
        "b.json": '{"mcpServers": {"x": {"command": "b"}}}',
    }
    settings = loaded(tmp_path, files, paths=["a.toml", tmp_path / "b.json"])
    assert names(settings) == ["x"]
    assert (settings.servers["x"].command, settings.servers["x"].tags) == ("b", ("a",))
    assert settings.base == tmp_path / "a.toml"
    assert [source.layer for source in settings.sources if source.status == "used"] == ["flag", "flag"]


def test_the_variable_names_a_file_unless_the_command_line_does(tmp_path: Path) -> None:
    files = {"mcpctl.toml": OWN.format("found"), "a.toml": OWN.format("a"), "b.toml": OWN.format("b")}
    env = {"MCPCTL_CONFIG": "a.toml"}
    assert names(loaded(tmp_path, files, env=env)) == ["a"]
    assert names(loaded(tmp_path, files, env=env, paths=["b.toml"])) == ["b"]
    assert names(loaded(tmp_path, files, env={"MCPCTL_CONFIG": ""})) == ["found"]


def test_a_named_file_that_is_missing_is_an_error(tmp_path: Path) -> None:
    fault = refused(tmp_path, paths=["nope.toml"])[0]
    assert (fault.code, fault.message) == (
        "config.missing_file",
        "the configuration `nope.toml` does not exist",
    )
    fault = refused(tmp_path, env={"MCPCTL_CONFIG": "nope.toml"})[0]
    assert "`$MCPCTL_CONFIG` names" in fault.message
    assert refused(tmp_path, paths=["."])[0].code == "config.unreadable"


@pytest.mark.skipif(os.getuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_an_error(tmp_path: Path) -> None:
    write(tmp_path, {"mcpctl.toml": ""})
    (tmp_path / "mcpctl.toml").chmod(0)
    assert refused(tmp_path)[0].code == "config.unreadable"


def test_a_home_that_may_not_be_looked_into_has_no_configuration(tmp_path: Path) -> None:
    unusable = "x" * 300  # refused whoever asks, root too
    files = {"mcpctl.toml": '[servers.here]\ncommand = "x"'}
    assert names(loaded(tmp_path, files, env={"HOME": f"/{unusable}", "USER": unusable})) == ["here"]
    fault = refused(tmp_path, paths=[unusable])[0]
    assert (fault.code, "cannot be read" in fault.message) == ("config.unreadable", True)


def test_a_pipe_can_be_named(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.write(writing, b'[servers.x]\ncommand = "piped"\nargs = 1')
    os.close(writing)
    fault = refused(tmp_path, paths=[f"/dev/fd/{reading}"])[0]
    os.close(reading)
    assert (fault.code, fault.line) == ("config.shape", 3)


def test_overlays_lie_beside_the_base_and_over_it(tmp_path: Path) -> None:
    files = {
        ".vscode/mcp.json": '{"servers": {"x": {"command": "base", "args": ["a"]}}}',
        "mcpctl.local.toml": '[servers.x]\ncall_timeout = "5s"\nargs = ["local"]\n',
        "mcpctl.ada.toml": '[servers.x]\nargs = ["ada"]\n',
    }
    settings = loaded(tmp_path, files, env={"USER": "ada"})
    spec = settings.servers["x"]
    assert (spec.command, spec.args, spec.call_timeout) == ("base", ("ada",), 5.0)
    assert [source.layer for source in settings.sources if source.status == "used"] == [
        "base",
        "overlay",
        "overlay",
    ]


def test_an_overlay_alone_is_no_configuration(tmp_path: Path) -> None:
    assert names(loaded(tmp_path, {"mcpctl.local.toml": OWN.format("x")})) == []


def test_a_user_name_is_no_way_out_of_the_folder(tmp_path: Path) -> None:
    settings = loaded(tmp_path, {"mcpctl.toml": OWN.format("x")}, env={"USER": "../../x"})
    assert [Path(s.path).name for s in settings.sources if s.layer == "overlay"] == ["mcpctl.local.toml"]
