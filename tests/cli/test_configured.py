"""`ls` and `config show` on settings that no file is needed for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mcpctl.commands.config_show import show, sources
from mcpctl.commands.context import Context
from mcpctl.commands.ls import ls
from mcpctl.errors import ConfigError
from mcpctl.model.config_show import ShowOptions, SourcesOptions
from mcpctl.model.events import Event, Noticed
from mcpctl.model.ls import LsOptions
from mcpctl.model.options import GlobalOptions
from mcpctl.model.report import Report
from mcpctl.model.server import RetrySpec, ServerSpec
from mcpctl.model.settings import KeyPath, Origin, Settings, Source
from mcpctl.policy.redaction import Redactor
from mcpctl.render.config import SHOW, SOURCES
from mcpctl.render.ls import LS
from mcpctl.render.renderer import Renderer
from mcpctl.render.view import View
from tests.cli.probe import result
from tests.support import world

TOKEN = "ghp_" + "a1B2" * 9


class Lines:
    """Knows where servers and their commands were written."""

    def locate(self, path: KeyPath) -> Origin | None:
        if path in {("servers", "files"), ("servers", "files", "command")}:
            return Origin(file="mcpctl.toml", line=len(path) + 1, column=1)
        return None


SETTINGS = Settings(
    servers={
        "files": ServerSpec(
            name="files",
            command="npx",
            args=("-y", "server files", f"--token={TOKEN}"),
            env={"API_TOKEN": "hunter2-canary", "HOME_TOKEN": "${HOME_TOKEN}", "LEVEL": "debug"},
            tags=("local", "safe"),
            retry=RetrySpec(attempts=5),
        ),
        "docs": ServerSpec(
            name="docs",
            transport="http",
            url=f"https://example.test/mcp?key={TOKEN}",
            headers={"Authorization": "Bearer hunter2-canary"},
            bearer_env="DOCS_TOKEN",
            enabled=False,
        ),
    },
    profile="test",
    sources=(Source(path="/x/mcpctl.toml", status="used", format="mcpctl"),),
    provenance=Lines(),
)


def context(tmp_path: Path, settings: Settings, told: list[Event]) -> Context:
    return Context(
        world(tmp_path), options=GlobalOptions(), redactor=Redactor(), emit=told.append, settings=settings
    )


def shown(report: Report, view: View[object], tmp_path: Path, **options: object) -> str:
    here = world(tmp_path)
    Renderer(here, GlobalOptions(**options), command=["x"], redactor=Redactor()).report(
        report, view, exit_code=0
    )
    return here.stdout.getvalue().decode()


def test_servers_are_listed_with_what_they_are_and_where_they_stand(tmp_path: Path) -> None:
    report = ls(LsOptions(), context(tmp_path, SETTINGS, []))
    assert shown(report, LS, tmp_path) == (
        "NAME   TRANSPORT  STATE     TAGS        SOURCE         TARGET\n"
        "files  stdio      enabled   local,safe  mcpctl.toml:3  npx -y 'server files' '--token=***'\n"
        "docs   http       disabled  -           -              https://example.test/mcp?key=***\n"
    )
    servers = json.loads(shown(report, LS, tmp_path, json=True))["data"]["servers"]
    assert servers[0] == {
        "name": "files",
        "transport": "stdio",
        "command": ["npx", "-y", "server files", "--token=***"],
        "url": None,
        "enabled": True,
        "state": None,
        "breaker": None,
        "pid": None,
        "tags": ["local", "safe"],
        "description": None,
        "source": {"file": "mcpctl.toml", "line": 3},
    }


def test_servers_are_chosen_by_tag(tmp_path: Path) -> None:
    report = ls(LsOptions(tag=("safe", "other")), context(tmp_path, SETTINGS, []))
    assert [each.name for each in report.servers] == ["files"]


def test_whoever_has_no_configuration_is_told_what_to_do_next(tmp_path: Path) -> None:
    told: list[Event] = []
    report = ls(LsOptions(), context(tmp_path, Settings(), told))
    assert (report.servers, report.exit_code, shown(report, LS, tmp_path)) == ((), 0, "")
    (notice,) = told
    assert isinstance(notice, Noticed)
    assert "mcpctl config init" in (notice.hint or "")


def test_a_configuration_is_shown_without_what_is_secret_in_it(tmp_path: Path) -> None:
    report = show(ShowOptions(), context(tmp_path, SETTINGS, []))
    text = shown(report, SHOW, tmp_path)
    assert "hunter2" not in text
    assert TOKEN not in text
    assert 'API_TOKEN = "***"' in text
    assert 'HOME_TOKEN = "${HOME_TOKEN}"' in text
    assert 'LEVEL = "debug"' in text
    assert 'bearer_env = "DOCS_TOKEN"' in text
    assert 'Authorization = "Bearer ***"' in text
    values = json.loads(shown(report, SHOW, tmp_path, json=True))["data"]
    assert values["servers"]["files"]["retry"]["attempts"] == 5
    assert values["servers"]["docs"]["enabled"] is False
    assert "origins" not in values


def test_each_value_has_an_origin(tmp_path: Path) -> None:
    report = show(ShowOptions(server=("files",), origin=True), context(tmp_path, SETTINGS, []))
    lines = shown(report, SHOW, tmp_path).splitlines()
    (command,) = [line.split() for line in lines if line.startswith("servers.files.command")]
    assert command == ["servers.files.command", '"npx"', "mcpctl.toml:4:1"]
    assert not [line for line in lines if "docs" in line]


@pytest.mark.parametrize("name", ["filse", "demo", "https://example.test"])
def test_only_what_is_configured_can_be_shown(name: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        show(ShowOptions(server=(name,)), context(tmp_path, SETTINGS, []))
    assert caught.value.code == "config.unknown_server"


def test_sources_say_what_became_of_them(tmp_path: Path) -> None:
    report = sources(SourcesOptions(), context(tmp_path, SETTINGS, []))
    assert shown(report, SOURCES, tmp_path).splitlines()[1].split() == [
        "used",
        "base",
        "mcpctl",
        "/x/mcpctl.toml",
    ]


def test_a_broken_configuration_still_tells_its_sources(tmp_path: Path) -> None:
    (tmp_path / "mcpctl.toml").write_text("[servers.x\n")
    outcome = result(["config", "sources", "--json"], world(tmp_path))
    assert outcome.code == 3
    assert outcome.envelope["errors"][0]["line"] == 1
    used = [each["path"] for each in outcome.envelope["data"]["sources"] if each["status"] == "used"]
    assert used == [str(tmp_path / "mcpctl.toml")]


def test_places_are_said_from_where_the_user_is(tmp_path: Path) -> None:
    (tmp_path / "mcpctl.toml").write_text('[servers.a]\ncommand = "x"\n')
    outcome = result(["ls"], world(tmp_path))
    assert outcome.out.splitlines()[1].split()[4] == "mcpctl.toml:1"
    told = result(["ls", "--json"], world(tmp_path)).envelope["data"]["servers"][0]["source"]
    assert told == {"file": str(tmp_path / "mcpctl.toml"), "line": 1}


def test_the_schema_is_printed_as_a_file_would_have_it(tmp_path: Path) -> None:
    outcome = result(["config", "schema"], world(tmp_path))
    assert json.loads(outcome.out)["title"] == "mcpctl"
    assert json.loads(outcome.out) == result(["config", "schema", "--json"], world(tmp_path)).envelope["data"]


@pytest.mark.parametrize(
    ("written", "shown_as"),
    [
        ('args = ["--token", "hunter2-canary"]', None),
        ('args = ["--api-key=hunter2-canary"]', None),
        ('env = { DB_PASSWORD = "hunter2-canary" }', None),
        ('env = { DB_PASSWORD = "${PW:-hunter2-canary}" }', None),
        ('env = { DB_PASSWORD = "${PW}" }', "${PW}"),
        ('description = "a server"', "a server"),
    ],
)
def test_what_was_typed_as_a_secret_is_shown_nowhere(
    written: str, shown_as: str | None, tmp_path: Path
) -> None:
    (tmp_path / "mcpctl.toml").write_text(f'[servers.a]\ncommand = "x"\n{written}\n')
    for verb in (["ls"], ["config", "show"], ["config", "show", "--origin"]):
        for form in ([], ["--json"]):
            outcome = result([*verb, *form], world(tmp_path))
            assert outcome.code == 0, outcome
            assert "canary" not in outcome.out + outcome.err
            if shown_as is not None and verb[0] == "config":
                assert shown_as in outcome.out
