from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from mcpctl.config.variables import Resolved, resolve_server
from mcpctl.errors import ConfigError
from mcpctl.model.server import ServerSpec
from mcpctl.model.settings import InputSpec, Settings
from tests.config.files import loaded
from tests.support import world


def resolved(
    tmp_path: Path, spec: ServerSpec, *, env: Mapping[str, str] | None = None, **options: Any
) -> Resolved:
    settings = options.pop("settings", Settings())
    return resolve_server(spec, settings, world(tmp_path, env=env), **options)


def stdio(**about: Any) -> ServerSpec:
    return ServerSpec(name="x", **{"command": "c", **about})


def refused(tmp_path: Path, spec: ServerSpec, **options: Any) -> list[ConfigError]:
    with pytest.raises(ConfigError) as raised:
        resolved(tmp_path, spec, **options)
    return [raised.value, *raised.value.related]  # type: ignore[list-item] # only such errors are collected


def test_variables_are_filled_in_everywhere(tmp_path: Path) -> None:
    spec = stdio(command="${A}", args=("--x=${env:A}", "${B:-b}"), env={"E": "<${A}>"}, cwd="/${A}")
    found = resolved(tmp_path, spec, env={"A": "a1"})
    assert (found.spec.command, found.spec.args, found.spec.cwd) == ("a1", ("--x=a1", "b"), "/a1")
    assert found.env["E"] == "<a1>"
    remote = ServerSpec(name="r", transport="http", url="https://${A}/mcp", headers={"H": "Bearer ${A}"})
    assert resolved(tmp_path, remote, env={"A": "a1"}).spec.url == "https://a1/mcp"
    assert remote.url == "https://${A}/mcp"


def test_a_default_counts_for_what_is_unset_or_empty(tmp_path: Path) -> None:
    spec = stdio(args=("${A:-d}", "${B:-d}", "${B}", "${C:-${B:-e}}"))
    assert resolved(tmp_path, spec, env={"B": ""}).spec.args == ("d", "d", "", "e")


def test_a_child_sees_few_variables_and_what_its_entry_names(tmp_path: Path) -> None:
    env = {"SECRET": "no", "NAMED": "yes", "USER": "ada", "BASH_FUNC": "() { :; }", "TERM": "() { :; }"}
    found = resolved(tmp_path, stdio(env_from=("NAMED", "MISSING", "BASH_FUNC"), env={"OWN": "1"}), env=env)
    assert set(found.env) == {"HOME", "PATH", "USER", "NAMED", "OWN"}


def test_more_is_inherited_only_when_asked_for(tmp_path: Path) -> None:
    env = {"A": "1", "B": "2"}
    assert resolved(tmp_path, stdio(inherit_env=True), env=env).env.keys() >= {"A", "B", "XDG_CACHE_HOME"}
    listed = resolved(tmp_path, stdio(inherit_env=("A",)), env=env).env
    assert "A" in listed
    assert "B" not in listed


def test_a_remote_server_has_no_environment(tmp_path: Path) -> None:
    assert resolved(tmp_path, ServerSpec(name="r", transport="http", url="http://h")).env == {}


def test_an_unset_variable_names_server_file_and_line(tmp_path: Path) -> None:
    text = '[servers.x]\ncommand = "c"\nargs = ["a", "${NOPE}"]\n[servers.x.env]\nA = "${NADA}"\n'
    settings = loaded(tmp_path, {"mcpctl.toml": text})
    faults = refused(tmp_path, settings.servers["x"], settings=settings)
    assert [(fault.code, fault.line, fault.server) for fault in faults] == [
        ("config.unset_variable", 3, "x"),
        ("config.unset_variable", 5, "x"),
    ]
    assert faults[0].message == "variable `NOPE`, which server `x` needs, is not set"
    assert faults[0].file == str(tmp_path / "mcpctl.toml")
    assert faults[0].hint == "set it: `export NOPE=…`, or write a default: `${NOPE:-…}`"


def test_header_variables_and_tokens_are_looked_up(tmp_path: Path) -> None:
    spec = ServerSpec(name="r", transport="http", url="http://h", header_env={"X-Key": "K"}, bearer_env="T")
    found = resolved(tmp_path, spec, env={"K": "key123", "T": "token123"})
    assert found.spec.headers == {"X-Key": "key123", "Authorization": "Bearer token123"}
    assert {"key123", "token123"} <= set(found.secrets)
    assert [(fault.message, fault.hint) for fault in refused(tmp_path, spec)] == [
        ("variable `K`, which server `r` needs, is not set", "set it: `export K=…`"),
        ("variable `T`, which server `r` needs, is not set", "set it: `export T=…`"),
    ]


def test_required_variables_are_checked_and_handed_on(tmp_path: Path) -> None:
    spec = stdio(required_env=("NEEDED",))
    assert resolved(tmp_path, spec, env={"NEEDED": "v"}).env["NEEDED"] == "v"
    assert refused(tmp_path, spec, env={"NEEDED": ""})[0].code == "config.unset_variable"


def test_an_env_file_lies_under_env_and_fills_variables(tmp_path: Path) -> None:
    (tmp_path / "x.env").write_text("A=from file\nB=low\n")
    spec = stdio(env_file=str(tmp_path / "x.env"), env={"B": "high"}, args=("${A}",))
    found = resolved(tmp_path, spec)
    assert (found.env["A"], found.env["B"], found.spec.args) == ("from file", "high", ("from file",))
    assert "from file" in found.secrets
    assert resolved(tmp_path, spec, env={"A": "outside"}).spec.args == ("outside",)


def test_an_input_is_given_asked_for_or_has_a_default(tmp_path: Path) -> None:
    spec = stdio(args=("${input:key}", "${input:key}"))
    given = Settings(given_inputs={"key": "given1"})
    assert resolved(tmp_path, spec, settings=given).spec.args == ("given1", "given1")
    asked: list[InputSpec] = []

    def ask(about: InputSpec) -> str:
        asked.append(about)
        return "answer"

    known = Settings(inputs={"key": InputSpec(id="key", description="the key", default="d")})
    found = resolved(tmp_path, spec, settings=known, ask=ask)
    assert found.spec.args == ("answer", "answer")
    assert [about.description for about in asked] == ["the key"]
    assert "answer" in found.secrets
    assert resolved(tmp_path, spec, settings=known).spec.args == ("d", "d")
    fault = refused(tmp_path, spec)[0]
    assert (fault.code, fault.hint) == ("config.missing_input", "give it: `--input key=…`")


def test_a_keyring_that_is_not_installed_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "keyring.py").write_text("raise ImportError('not here')")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(__import__("sys").modules, "keyring", raising=False)
    fault = refused(tmp_path, stdio(args=("${keyring:svc/me}",)))[0]
    assert (fault.code, fault.hint) == (
        "config.no_keyring",
        "install it: `pip install 'mcpctl-toolkit[keyring]'`",
    )
    assert resolved(tmp_path, stdio(args=("${keyring:svc/me:-d}",))).spec.args == ("d",)


def test_a_keyring_gives_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "keyring.py").write_text(
        "def get_password(service, user):\n"
        "    if user == 'locked': raise RuntimeError('canary')\n"
        "    return 'stored-' + user if service == 'svc' else None\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(__import__("sys").modules, "keyring", raising=False)
    found = resolved(tmp_path, stdio(args=("${keyring:svc/a/b}",)))
    assert (found.spec.args, found.secrets) == (("stored-a/b",), ("stored-a/b",))
    assert (
        refused(tmp_path, stdio(args=("${keyring:other/me}",)))[0].hint == "store it: `keyring set other me`"
    )
    locked = refused(tmp_path, stdio(args=("${keyring:svc/locked}",)))[0]
    assert locked.message == "the keyring cannot be asked for `svc/locked`: RuntimeError"


def test_what_editors_know_is_known(tmp_path: Path) -> None:
    spec = stdio(args=("${workspaceFolder}/a${/}b", "${workspaceFolderBasename}", "${userHome}"))
    found = resolved(tmp_path, spec, settings=Settings(folder=tmp_path / "project"))
    home = str(tmp_path / "home")
    assert found.spec.args == (f"{tmp_path}/project/a/b", "project", home)


def test_commands_inside_values_are_never_run(tmp_path: Path) -> None:
    fault = refused(tmp_path, stdio(args=("${cmd: touch /tmp/never}",)))[0]
    assert fault.code == "config.variable_kind"


def test_paths_are_made_whole_at_the_end(tmp_path: Path) -> None:
    spec = stdio(command="~/bin/x", cwd="${DIR}")
    found = resolved(tmp_path, spec, env={"DIR": "sub"}, settings=Settings(folder=tmp_path / "p"))
    assert (found.spec.command, found.spec.cwd) == (f"{tmp_path}/home/bin/x", f"{tmp_path}/p/sub")
    assert resolved(tmp_path, stdio(cwd="~")).spec.cwd == f"{tmp_path}/home"


def test_servers_of_a_found_configuration_run_in_its_folder(tmp_path: Path) -> None:
    text = '[servers.x]\ncommand = "c"\n'
    found = loaded(tmp_path, {"mcpctl.toml": text})
    assert resolved(tmp_path, found.servers["x"], settings=found).spec.cwd == str(tmp_path)
    named = loaded(tmp_path, paths=["mcpctl.toml"])
    assert resolved(tmp_path, named.servers["x"], settings=named).spec.cwd is None
    assert resolved(tmp_path, ServerSpec(name="y", command="c"), settings=found).spec.cwd is None


def test_everything_that_may_be_secret_is_listed(tmp_path: Path) -> None:
    spec = stdio(
        args=("--token", "argument-secret", "${VAR}"),
        env={"API_KEY": "literal-secret", "LEVEL": "information", "SHORT_KEY": "abc"},
    )
    found = resolved(tmp_path, spec, env={"VAR": "variable-secret"})
    assert set(found.secrets) == {"argument-secret", "literal-secret", "variable-secret"}
    remote = ServerSpec(
        name="r",
        transport="http",
        url="https://me:url-secret@h/?api_key=query-secret",
        headers={"Authorization": "Bearer header-secret", "Content-Type": "application/json"},
    )
    assert set(resolved(tmp_path, remote).secrets) == {"url-secret", "query-secret", "header-secret"}


def test_common_values_are_not_blotted_out(tmp_path: Path) -> None:
    assert resolved(tmp_path, stdio(args=("${HOME}/x", "${PATH}"))).secrets == ()


def test_nothing_of_a_resolved_server_shows_in_its_repr(tmp_path: Path) -> None:
    assert "canary" not in repr(resolved(tmp_path, stdio(env={"API_KEY": "canary1"}, args=("canary2",))))


def test_a_server_without_a_way_to_reach_it_is_told_when_it_is_used(tmp_path: Path) -> None:
    settings = loaded(tmp_path, {".mcp.json": '{"mcpServers": {\n"x": {}}}'})
    fault = refused(tmp_path, settings.servers["x"], settings=settings)[0]
    assert (fault.code, fault.line) == ("config.shape", 2)
