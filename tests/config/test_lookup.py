from __future__ import annotations

import sys
from pathlib import Path

import pytest

from mcpctl.config.lookup import adhoc, is_known, lookup
from mcpctl.errors import ConfigError, UsageError
from mcpctl.model.server import ServerSpec
from mcpctl.model.settings import Note, Settings

SETTINGS = Settings(servers={name: ServerSpec(name=name, command="x") for name in ("files", "github")})


def test_a_configured_name_wins_over_everything(tmp_path: Path) -> None:
    own = Settings(servers={"demo": ServerSpec(name="demo", command="mine")})
    assert lookup(own, "demo").command == "mine"
    assert lookup(SETTINGS, "files") is SETTINGS.servers["files"]


def test_an_address_is_a_server_whose_name_has_no_secret(tmp_path: Path) -> None:
    spec = lookup(Settings(), "https://me:canary@h.example:8/a/mcp?token=canary")
    assert (spec.transport, spec.name) == ("http", "https://h.example:8/a/mcp")
    assert spec.url == "https://me:canary@h.example:8/a/mcp?token=canary"
    assert lookup(Settings(), "http://h/sse/?x=1").transport == "sse"


@pytest.mark.parametrize("url", ["http://", "https:///mcp", "http://u@", "http://a b/mcp"])
def test_what_only_starts_like_an_address_is_none(tmp_path: Path, url: str) -> None:
    with pytest.raises(UsageError, match="not the address"):
        lookup(Settings(), url)


def test_demo_needs_no_configuration(tmp_path: Path) -> None:
    spec = lookup(Settings(), "demo")
    assert (spec.command, spec.args) == (sys.executable, ("-m", "mcpctl.demo"))


def test_an_unknown_server_is_answered_with_the_nearest_names(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        lookup(SETTINGS, "gihub")
    assert raised.value.code == "config.unknown_server"
    assert raised.value.message == "there is no server `gihub`"
    assert raised.value.hint == "did you mean `github`?"


def test_without_a_near_name_the_way_to_all_of_them_is_shown(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        lookup(SETTINGS, "zzzz")
    assert raised.value.hint == "see what there is: `mcpctl ls`"
    with pytest.raises(ConfigError) as raised:
        lookup(Settings(), "zzzz")
    assert "there is no configuration" in str(raised.value.hint)


def test_a_server_that_was_left_out_says_why(tmp_path: Path) -> None:
    settings = Settings(notes=(Note(server="ws", message="`ws` is not a transport of mcpctl"),))
    with pytest.raises(ConfigError, match="cannot be used: `ws` is not a transport"):
        lookup(settings, "ws")


def test_is_known_agrees_with_lookup() -> None:
    assert is_known(SETTINGS, "files")
    assert is_known(SETTINGS, "demo")
    assert is_known(SETTINGS, "http://h/mcp")
    assert not is_known(SETTINGS, "other")


def test_a_command_on_the_spot_is_split_like_a_shell_does() -> None:
    spec = adhoc(stdio="/usr/bin/env 'a b' c\\ d", env={"K": "v"}, cwd="/tmp")
    assert (spec.name, spec.command, spec.args) == ("env", "/usr/bin/env", ("a b", "c d"))
    assert (spec.env, spec.cwd) == ({"K": "v"}, "/tmp")


@pytest.mark.parametrize("line", ["", "  ", "''", "'open"])
def test_a_command_that_is_none_is_a_usage_error(line: str) -> None:
    with pytest.raises(UsageError) as raised:
        adhoc(stdio=line)
    assert raised.value.hint


def test_a_command_and_an_address_exclude_each_other() -> None:
    with pytest.raises(UsageError, match="either a command or an address"):
        adhoc(stdio="x", url="http://h")
