from __future__ import annotations

from pathlib import Path
from typing import Any

from mcpctl.model.settings import KeyPath, Settings
from tests.config.files import loaded


def where(root: Path, settings: Settings, *path: Any) -> tuple[str, int | None, int | None, str] | None:
    key_path: KeyPath = path
    origin = settings.provenance.locate(key_path)
    if origin is None:
        return None
    name = origin.file if origin.file.startswith("$") else str(Path(origin.file).relative_to(root))
    return name, origin.line, origin.column, origin.layer


FILES = {
    "home/.config/mcpctl/config.toml": '[defaults]\nidle_timeout = "5m"\n[servers.x]\ncall_timeout = "9s"\n',
    "mcpctl.toml": (
        "[defaults]\n"
        'start_timeout = "9s"\n'
        "[servers.x]\n"
        'command = "c"\n'
        'args = ["a",\n'
        '  "b"]\n'
        "[features]\n"
        "f = true\n"
        "[profiles.p.servers.x]\n"
        'env = { A = "1" }\n'
    ),
    "mcpctl.local.toml": '[servers.x.env]\nB = "2"\n',
}


def test_each_value_comes_from_the_layer_that_said_it_last(tmp_path: Path) -> None:
    settings = loaded(tmp_path, FILES, profile="p")
    assert where(tmp_path, settings, "servers", "x", "command") == ("mcpctl.toml", 4, 1, "base")
    assert where(tmp_path, settings, "servers", "x", "args", 1) == ("mcpctl.toml", 6, 3, "base")
    assert where(tmp_path, settings, "servers", "x", "env", "A") == ("mcpctl.toml", 10, 9, "profile")
    assert where(tmp_path, settings, "servers", "x", "env", "B") == ("mcpctl.local.toml", 2, 1, "overlay")
    user = "home/.config/mcpctl/config.toml"
    assert where(tmp_path, settings, "servers", "x", "call_timeout") == (user, 4, 1, "user")


def test_defaults_are_where_a_server_says_nothing(tmp_path: Path) -> None:
    settings = loaded(tmp_path, FILES)
    assert where(tmp_path, settings, "servers", "x", "start_timeout") == ("mcpctl.toml", 2, 1, "base")
    user = "home/.config/mcpctl/config.toml"
    assert where(tmp_path, settings, "servers", "x", "idle_timeout") == (user, 2, 1, "user")


def test_a_server_is_where_it_was_begun(tmp_path: Path) -> None:
    files = {**FILES, "home/.config/mcpctl/config.toml": ""}
    settings = loaded(tmp_path, files, profile="p")
    assert where(tmp_path, settings, "servers", "x") == ("mcpctl.toml", 3, 10, "base")


def test_a_flag_names_its_variable(tmp_path: Path) -> None:
    settings = loaded(tmp_path, FILES, env={"MCPCTL_FEATURE_F": "0"})
    assert where(tmp_path, settings, "features", "f") == ("$MCPCTL_FEATURE_F", None, None, "flag")
    assert where(tmp_path, loaded(tmp_path, FILES), "features", "f") == ("mcpctl.toml", 8, 1, "base")


def test_what_nobody_said_is_nowhere(tmp_path: Path) -> None:
    settings = loaded(tmp_path, FILES)
    assert where(tmp_path, settings, "servers", "x", "url") is None
    assert where(tmp_path, settings, "servers", "y") is None
    assert where(tmp_path, Settings(), "servers", "x") is None


def test_values_of_a_host_are_where_the_host_has_them(tmp_path: Path) -> None:
    text = (
        '{"mcp": {\n'
        ' "x": {"type": "local",\n'
        '  "command": ["npx", "-y"],\n'
        '  "environment": {"A": "{env:B}"},\n'
        '  "timeout": 5000}}}'
    )
    settings = loaded(tmp_path, {"opencode.json": text}, paths=["opencode.json"])
    assert settings.servers["x"].call_timeout == 5.0
    assert where(tmp_path, settings, "servers", "x") == ("opencode.json", 2, 2, "flag")
    assert where(tmp_path, settings, "servers", "x", "env", "A") == ("opencode.json", 4, 19, "flag")
    assert where(tmp_path, settings, "servers", "x", "call_timeout") == ("opencode.json", 5, 3, "flag")
    assert where(tmp_path, settings, "servers", "x", "args", 0) == ("opencode.json", 3, 3, "flag")


def test_our_own_table_in_a_pyproject_has_places(tmp_path: Path) -> None:
    settings = loaded(tmp_path, {"pyproject.toml": '[tool.mcpctl.servers.x]\ncommand = "c"\n'})
    assert where(tmp_path, settings, "servers", "x", "command") == ("pyproject.toml", 2, 1, "base")
