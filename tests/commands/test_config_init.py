"""`mcpctl config init`: from nothing to a server that answers."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.commands.places import mcpctl


def test_a_first_configuration_works_as_it_is_written(tmp_path: Path) -> None:
    written = mcpctl(tmp_path, "config", "init")
    assert written.code == 0
    assert "mcpctl call first echo text=hello" in written.err
    assert mcpctl(tmp_path, "validate", "--strict").code == 0
    assert [server["name"] for server in mcpctl(tmp_path, "ls", "--json").data["servers"]] == ["first"]
    path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    listed = mcpctl(tmp_path, "config", "show", "--json", env={"PATH": path})
    assert listed.data["servers"]["first"]["args"] == ["demo"]


def test_who_typed_the_whole_path_of_mcpctl_is_told_that_its_server_will_not_be_found(tmp_path: Path) -> None:
    folder = tmp_path / "bin"
    folder.mkdir()
    lost = mcpctl(tmp_path, "config", "init", "first.toml", env={"PATH": str(folder)})
    assert "`mcpctl` is not on the PATH" in lost.err
    (folder / "mcpctl").touch(mode=0o755)
    found = mcpctl(tmp_path, "config", "init", "second.toml", env={"PATH": str(folder)})
    assert "PATH" not in found.err


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "mcpctl.toml").write_text("# mine\n")
    refused = mcpctl(tmp_path, "config", "init")
    assert refused.code == 2
    assert "exists already" in refused.err
    assert (tmp_path / "mcpctl.toml").read_text() == "# mine\n"


def test_it_is_written_where_config_says(tmp_path: Path) -> None:
    (tmp_path / "mcpctl.toml").write_text("# mine\n")
    assert mcpctl(tmp_path, "config", "init", "--config", "team.toml").code == 0
    assert "[servers.first]" in (tmp_path / "team.toml").read_text()


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    assert "cannot write `no/such.toml`" in mcpctl(tmp_path, "config", "init", "no/such.toml").err
    assert mcpctl(tmp_path, "config", "init", "mcpctl.yaml").code == 2
