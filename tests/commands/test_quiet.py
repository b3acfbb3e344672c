"""`-q` leaves out notes: what is left on stderr is an error, a warning or a question."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mcpctl.model.events import Event, Noticed, Subscribed
from mcpctl.model.health import HealthChanged
from mcpctl.model.options import GlobalOptions
from mcpctl.model.running import ReloadFailed, StateChanged, Supervised, Wrote
from mcpctl.policy.redaction import Redactor
from mcpctl.render.offers import LISTEN
from mcpctl.render.renderer import Renderer
from mcpctl.render.run import RUN
from mcpctl.render.view import View
from tests.commands.places import configured, mcpctl
from tests.security.lines import LINES
from tests.security.scene import VARIABLES, prepare
from tests.support import world

NOTES = ("note:", "info:", "checked ", "supervisor ")


@pytest.mark.parametrize(
    "words",
    [
        ["call", "rich", "several", "--head", "1"],
        ["call", "rich", "liar"],
        ["call", "rich", "ask"],
        ["read", "rich", "rich://note", "--max-chars", "2"],
        ["resources", "echo"],
        ["prompts", "echo"],
        ["search", "no-such-word"],
        ["stats"],
        ["auth", "status"],
        ["logout", "--all"],
        ["validate", "mcpctl.toml"],
        ["config", "init", "new.toml"],
    ],
    ids=" ".join,
)
def test_what_is_no_complaint_is_left_out(tmp_path: Path, words: list[str]) -> None:
    configured(tmp_path)
    loud = mcpctl(tmp_path, *words)
    (tmp_path / "new.toml").unlink(missing_ok=True)
    quiet = mcpctl(tmp_path, *words, "-q")
    assert loud.err != ""
    assert (quiet.code, quiet.err) == (loud.code, "")


@pytest.mark.parametrize(
    "line",
    [line for lines in LINES.values() for line in lines],
    ids=lambda line: " ".join(line).replace("\x1b", ""),
)
def test_no_verb_tells_notes(tmp_path: Path, line: list[str]) -> None:
    prepare(tmp_path)
    said = mcpctl(tmp_path, *line, "-q", env=VARIABLES, stdin=b"\x04").err
    assert [each for each in said.splitlines() if each.startswith(NOTES)] == []


def test_complaints_are_told_however_quiet_it_shall_be(tmp_path: Path) -> None:
    configured(tmp_path)
    strict = mcpctl(tmp_path, "call", "rich", "liar", "--strict-output", "-q")
    assert strict.code == 5
    assert strict.err.startswith("error: the result breaks the tool's own output schema")
    assert mcpctl(tmp_path, "call", "rich", "fail", "-q").err.startswith("error: ")
    assert mcpctl(tmp_path, "call", "nowhere", "fail", "-q").err.startswith("error: ")
    assert mcpctl(tmp_path, "rpc", "rich", "no/such", "-q").err.startswith("error: ")


def test_a_quiet_supervisor_tells_what_went_wrong_and_what_its_servers_write(tmp_path: Path) -> None:
    said = told(
        RUN,
        tmp_path,
        Supervised(pid=1, socket="s", config="x"),
        StateChanged(server="a", before="starting", state="running", pid=7),
        StateChanged(server="a", before="running", state="failed", reason="it left"),
        HealthChanged(server="a", at="now", before=None, after="healthy"),
        HealthChanged(server="a", at="now", before="healthy", after="unhealthy"),
        ReloadFailed(server="a", because="server.py", message="no such file", serving=True),
        Wrote(server="a", text="Traceback", at=0.0),
    )
    assert [line.partition(" | ")[2] for line in said] == [
        "failed: it left",
        "healthy → unhealthy",
        "not reloaded: no such file; the one before goes on serving",
        "Traceback",
    ]


def test_a_quiet_listener_tells_what_it_hears_and_nothing_besides(tmp_path: Path) -> None:
    assert told(LISTEN, tmp_path, Subscribed(agreed={"tools": True}), Noticed(message="again")) == []


def told(view: View[Any], folder: Path, *events: Event) -> list[str]:
    here = world(folder)
    renderer = Renderer(here, GlobalOptions(quiet=True), command=[], redactor=Redactor())
    for event in events:
        renderer.event(event, view)
    return here.stderr.getvalue().decode().splitlines()  # type: ignore[attr-defined] # a world of tests keeps it
