from __future__ import annotations

from pathlib import Path

import pytest

from tests.config.files import loaded, place, refused

BASE = """
[defaults]
call_timeout = "30s"
env = { LEVEL = "info" }

[servers.api]
command = "api"
args = ["--port", "1"]
env = { LEVEL = "debug", NAME = "x" }

[servers.web]
url = "https://example.com/mcp"
feature = "web"

[features]
web = false
other = true

[profiles.production]
features = { web = true }
[profiles.production.defaults]
read_only = true
[profiles.production.servers.api]
url = "https://example.com/sse"
[profiles.production.servers.extra]
command = "extra"
"""


def test_defaults_lie_under_every_server(tmp_path: Path) -> None:
    servers = loaded(tmp_path, {"mcpctl.toml": BASE}).servers
    assert servers["api"].env == {"LEVEL": "debug", "NAME": "x"}
    assert servers["web"].env == {"LEVEL": "info"}
    assert servers["api"].call_timeout == servers["web"].call_timeout == 30.0


def test_a_profile_lies_over_the_rest(tmp_path: Path) -> None:
    settings = loaded(tmp_path, {"mcpctl.toml": BASE}, profile="production")
    assert settings.profile == "production"
    assert list(settings.servers) == ["api", "web", "extra"]
    assert all(spec.read_only for spec in settings.servers.values())
    api = settings.servers["api"]
    assert (api.transport, api.command, api.args, api.url) == ("sse", None, (), "https://example.com/sse")
    assert settings.servers["web"].enabled


@pytest.mark.parametrize(
    ("given", "env", "expected"),
    [
        (None, {}, None),
        (None, {"ENVIRONMENT": "production"}, "production"),
        (None, {"ENVIRONMENT": "staging"}, None),
        (None, {"MCPCTL_PROFILE": "production", "ENVIRONMENT": "staging"}, "production"),
        ("production", {"MCPCTL_PROFILE": "nope"}, "production"),
        (None, {"MCPCTL_PROFILE": ""}, None),
    ],
)
def test_the_profile_is_named_by_flag_variable_or_surroundings(
    tmp_path: Path, given: str | None, env: dict[str, str], expected: str | None
) -> None:
    assert loaded(tmp_path, {"mcpctl.toml": BASE}, env=env, profile=given).profile == expected


def test_an_unknown_profile_is_an_error_with_the_nearest_name(tmp_path: Path) -> None:
    fault = refused(tmp_path, {"mcpctl.toml": BASE}, profile="prodution")[0]
    assert (fault.code, fault.hint) == ("config.unknown_profile", "use one of `production`")
    fault = refused(tmp_path, env={"MCPCTL_PROFILE": "x"})[0]
    assert "`$MCPCTL_PROFILE` names" in fault.message


def test_every_layer_may_have_its_part_of_a_profile(tmp_path: Path) -> None:
    files = {
        "mcpctl.toml": '[servers.x]\ncommand = "base"\n[profiles.p.servers.x]\ncommand = "base-p"\ntags = ["p"]\n',
        "mcpctl.local.toml": '[servers.x]\ncommand = "local"\n',
    }
    assert loaded(tmp_path, files, profile="p").servers["x"].command == "local"
    files["mcpctl.local.toml"] += '[profiles.p.servers.x]\ncommand = "local-p"\n'
    spec = loaded(tmp_path, files, profile="p").servers["x"]
    assert (spec.command, spec.tags) == ("local-p", ("p",))


@pytest.mark.parametrize(("word", "enabled"), [("1", True), ("on", True), ("FALSE", False), ("", False)])
def test_a_feature_is_switched_by_the_environment(tmp_path: Path, word: str, enabled: bool) -> None:
    settings = loaded(tmp_path, {"mcpctl.toml": BASE}, env={"MCPCTL_FEATURE_WEB": word})
    assert settings.servers["web"].enabled is enabled
    assert settings.features == {"web": enabled, "other": True}


def test_a_feature_that_nobody_decided_is_off(tmp_path: Path) -> None:
    files = {"mcpctl.toml": '[servers.x]\ncommand = "x"\nfeature = "new-search"\n'}
    assert not loaded(tmp_path, files).servers["x"].enabled
    assert loaded(tmp_path, files, env={"MCPCTL_FEATURE_NEW_SEARCH": "yes"}).servers["x"].enabled


def test_a_feature_does_not_enable_what_is_disabled(tmp_path: Path) -> None:
    files = {
        "mcpctl.toml": '[servers.x]\ncommand = "x"\nfeature = "f"\nenabled = false\n[features]\nf = true\n'
    }
    assert not loaded(tmp_path, files).servers["x"].enabled


def test_a_feature_that_is_neither_on_nor_off_is_an_error(tmp_path: Path) -> None:
    fault = refused(tmp_path, {"mcpctl.toml": BASE}, env={"MCPCTL_FEATURE_WEB": "perhaps"})[0]
    assert (fault.code, fault.hint) == (
        "config.feature_value",
        "set `MCPCTL_FEATURE_WEB=1` or `MCPCTL_FEATURE_WEB=0`",
    )


def test_inputs_are_part_of_our_own_format_too(tmp_path: Path) -> None:
    files = {"mcpctl.toml": '[inputs.key]\ndescription = "the key"\npassword = true\noptions = ["a", "b"]\n'}
    settings = loaded(tmp_path, files, inputs={"key": "a"})
    assert (settings.inputs["key"].password, settings.inputs["key"].options) == (True, ("a", "b"))
    assert settings.given_inputs == {"key": "a"}


def test_every_fault_of_every_file_is_told_with_its_place(tmp_path: Path) -> None:
    files = {
        "mcpctl.toml": (
            "[servers.one]\n"
            'comand = "x"\n'
            'args = "y"\n'
            "[servers.two]\n"
            "environment = {}\n"
            "[mcpServers.three]\n"
            "[profiles.p.servers.four]\n"
            'call_timeout = "soon"\n'
        ),
        "mcpctl.local.toml": "[servers.one\ncommand = x\n",
    }
    faults = refused(tmp_path, files)
    assert [place(tmp_path, fault) for fault in faults] == [
        ("config.unknown_key", "mcpctl.toml", 2, 1),
        ("config.shape", "mcpctl.toml", 3, 8),
        ("config.unknown_key", "mcpctl.toml", 5, 1),
        ("config.unknown_key", "mcpctl.toml", 6, 2),
        ("config.shape", "mcpctl.toml", 8, 16),
        ("config.syntax", "mcpctl.local.toml", 1, 1),
        ("config.syntax", "mcpctl.local.toml", 2, 11),
    ]
    assert [fault.hint for fault in faults[:4]] == [
        "did you mean `command`?",
        None,
        "did you mean `env`?",
        "did you mean `servers`?",
    ]
    assert faults[0].server == "one"
    assert faults[1].message == "`servers.one.args` must be a list"
    assert faults[4].message.startswith("`profiles.p.servers.four.call_timeout` must be a duration")


def test_faults_in_a_pyproject_stand_where_they_are(tmp_path: Path) -> None:
    text = '[project]\nname = "x"\n[tool.mcpctl.servers.x]\ncommand = 1\n'
    fault = refused(tmp_path, {"pyproject.toml": text})[0]
    assert place(tmp_path, fault) == ("config.shape", "pyproject.toml", 4, 11)
    assert fault.message == "`servers.x.command` must be text that is not empty"


def test_what_no_file_says_alone_is_told_where_the_server_begins(tmp_path: Path) -> None:
    fault = refused(tmp_path, {"mcpctl.toml": "[servers.x]\ntags = []\n"})[0]
    assert fault.message == "`servers.x` has neither `command` nor `url`"
    assert place(tmp_path, fault) == ("config.shape", "mcpctl.toml", 1, 10)


def test_a_fault_that_the_schema_has_no_words_for_has_a_place_too(tmp_path: Path) -> None:
    text = '[servers.x]\ncommand = "x"\ncall_timeout = nan\n'
    assert place(tmp_path, refused(tmp_path, {"mcpctl.toml": text})[0]) == (
        "config.shape",
        "mcpctl.toml",
        3,
        16,
    )


@pytest.mark.parametrize("text", ["[]", '"x"', "[[servers]]\n"])
def test_a_file_that_is_no_table_is_refused(tmp_path: Path, text: str) -> None:
    name = "mcpctl.toml" if "servers" in text else "mcpctl.json"
    assert refused(tmp_path, {name: text})[0].code == "config.shape"


def test_no_message_shows_a_value(tmp_path: Path) -> None:
    text = '[servers.x]\ntransport = "canary"\nargs = "canary"\nenv = { A = ["canary"] }\ntoken = "canary"\n'
    for fault in refused(tmp_path, {"mcpctl.toml": text}):
        assert "canary" not in f"{fault.message}{fault.hint}"


def test_relative_paths_are_meant_from_their_own_file(tmp_path: Path) -> None:
    files = {
        "home/.config/mcpctl/config.toml": '[servers.user]\ncommand = "./bin/user"\n',
        "mcpctl.toml": (
            '[servers.x]\ncommand = "tools/run"\ncwd = "sub"\nenv_file = ".env"\n'
            '[servers.y]\ncommand = "plain"\ncwd = "${HOME}/x"\nenv_file = "~/.env"\n'
            '[profiles.p.servers.z]\ncommand = "../z"\n'
        ),
    }
    servers = loaded(tmp_path, files, profile="p").servers
    assert servers["user"].command == str(tmp_path / "home/.config/mcpctl/bin/user")
    assert servers["x"].command == str(tmp_path / "tools/run")
    assert (servers["x"].cwd, servers["x"].env_file) == (str(tmp_path / "sub"), str(tmp_path / ".env"))
    assert (servers["y"].command, servers["y"].cwd, servers["y"].env_file) == ("plain", "${HOME}/x", "~/.env")
    assert servers["z"].command == str(tmp_path / "../z")


def test_the_keys_of_a_small_table_are_named_where_none_is_alike(tmp_path: Path) -> None:
    text = '[servers.one]\ncommand = "x"\nnothing_alike_at_all = 1\n[servers.one.breaker]\nafter = 1\n'
    hints = [fault.hint for fault in refused(tmp_path, {"mcpctl.toml": text})]
    assert hints == [
        "see `mcpctl help settings` for the keys that there are",
        "its keys are `threshold`, `reset`",
    ]
