"""The time that was asked for holds while a supervisor is asked that does not answer."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mcpctl.__main__ import _ask_supervisor
from mcpctl.cli.entry import run
from mcpctl.control import client
from tests.control.places import Project
from tests.control.test_lost_supervisors import saying
from tests.support import world


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


@contextlib.contextmanager
def stopped(project: Project) -> Iterator[int]:
    """A supervisor that takes nothing; its pid."""
    with project.running() as pid:
        os.kill(pid, signal.SIGSTOP)
        try:
            yield pid
        finally:
            os.kill(pid, signal.SIGCONT)


def test_a_limit_shorter_than_the_patience_holds_while_a_supervisor_is_silent(project: Project) -> None:
    with stopped(project) as pid:
        began = time.monotonic()
        # Through pipes, which end when nobody holds them any more.
        answer = project.data("call", "build", "work", "--timeout", "500ms")
        took = time.monotonic() - began
    assert answer["exit_code"] == 6
    assert [each["code"] for each in answer["errors"]] == ["deadline.call", "connect.supervisor_silent"]
    assert "longer than `--timeout` allows, 500ms" in answer["errors"][0]["message"]
    assert f"kill -CONT {pid}" in answer["errors"][1]["hint"]
    assert took < client.PATIENCE


def test_what_was_waited_is_taken_off_for_whoever_does_it_then(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The supervisor takes nothing for a while, and this process goes on: with what is left of its time."""
    monkeypatch.setattr(client, "PATIENCE", 0.2)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(project.folder / "run"))
    monkeypatch.setenv("HOME", str(project.home))
    monkeypatch.chdir(project.folder)
    with stopped(project):
        assert _ask_supervisor(["call", "build", "work", "--timeout=1h"]) >= 0.2


def test_time_that_was_waited_counts(tmp_path: Path) -> None:
    here = world(tmp_path)
    assert run(["ls", "--timeout", "1h", "--json"], here, waited=3601.0) == 6
    assert json.loads(here.stdout.getvalue())["errors"][0]["code"] == "deadline.ls"  # type: ignore[attr-defined] # a world of tests keeps it
    assert run(["ls", "--timeout", "1h"], world(tmp_path), waited=3.0) == 0
    assert run(["ls"], world(tmp_path), waited=3.0) == 0


def test_a_supervisor_of_another_version_is_no_news_to_who_wants_quiet(project: Project) -> None:
    with saying(project, client.OTHER_VERSION + b"99.0"):
        assert project.type("call", "build", "work", "-q").stderr == b""
