"""The same answers warm and cold, from one supervisor that several clients share."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from mcpctl.control import client
from tests.control.places import Project, alive, eventually


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """One supervisor for all tests of this file."""
    project = Project(tmp_path_factory.mktemp("warm"))
    with project.running():
        project.data("call", "build", "work")  # by then its server is up
        yield project


def test_a_call_says_that_it_was_warm_and_starts_nothing(project: Project) -> None:
    first = project.data("call", "build", "work")
    second = project.data("call", "build", "work")
    cold = project.data("call", "build", "work", "--cold")
    assert [each["data"]["warm"] for each in (first, second, cold)] == [True, True, False]
    assert first["data"]["text"] == second["data"]["text"] != cold["data"]["text"]


@pytest.mark.parametrize(
    "words",
    [
        ("tools", "build"),
        ("call", "build", "nope"),
        ("call", "nope", "work"),
        ("call", "build"),
        ("call", "build", "work", "--nope"),
        ("read", "build", "x://y"),
        ("rpc", "build", "tools/list"),
        ("tools", "build", "work", "--format", "nope"),
        ("prompts", "build", "--no-color"),
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("json_too", [(), ("--json",)], ids=["human", "json"])
def test_answers_errors_and_exit_codes_are_the_same_warm_and_cold(
    project: Project, words: tuple[str, ...], json_too: tuple[str, ...]
) -> None:
    warm = project.type(*words, *json_too)
    cold = project.type(*words, *json_too, env={"XDG_RUNTIME_DIR": str(project.home / "elsewhere")})
    assert (warm.returncode, _steady(warm.stdout)) == (cold.returncode, _steady(cold.stdout))
    assert _steady(warm.stderr) == _steady(cold.stderr)


def _steady(text: bytes) -> bytes:
    if text.startswith(b"{") and b'"duration_ms"' in text:
        envelope = json.loads(text)
        envelope["data"].pop("duration_ms")
        return json.dumps(envelope).encode()
    return text


def test_a_client_works_from_any_folder_below(project: Project) -> None:
    below = project.folder / "a/b"
    below.mkdir(parents=True)
    (below / "arguments.json").write_text('{"seconds": 0}')
    done = project.data("call", "build", "work", "--args", "@arguments.json", cwd=below)
    assert done["data"]["warm"]


def test_what_is_piped_in_reaches_the_command(project: Project) -> None:
    done = project.type("call", "build", "work", "--args", "-", stdin=b'{"seconds": "x"')
    assert done.returncode == 2
    assert b"not JSON" in done.stderr


def test_long_results_are_cut_and_kept(project: Project) -> None:
    done = project.data("rpc", "build", "tools/list")
    assert len(done["data"]["result"]["tools"]) == 4
    cut = project.type("call", "build", "work", "--max-chars", "3")
    assert b"whole result is in" in cut.stderr


def test_ctrl_c_ends_the_command_and_not_the_server(project: Project) -> None:
    pid = project.servers()["build"]["pid"]
    child = project.start("call", "build", "once", "seconds:=30")
    eventually(lambda: project.servers()["build"]["in_flight"])
    child.send_signal(signal.SIGINT)
    _, err = child.communicate(timeout=60)
    assert child.returncode == 130
    assert b"interrupted by SIGINT" in err
    eventually(lambda: not project.servers()["build"]["in_flight"])
    assert project.servers()["build"]["pid"] == pid


def test_a_client_that_is_killed_takes_its_command_with_it(project: Project) -> None:
    child = project.start("call", "build", "once", "seconds:=30")
    eventually(lambda: project.servers()["build"]["in_flight"])
    child.kill()
    child.communicate()
    eventually(lambda: not project.servers()["build"]["in_flight"])


def test_the_deadline_of_the_command_holds(project: Project) -> None:
    done = project.data("call", "build", "once", "seconds:=30", "--timeout", "300ms")
    assert done["exit_code"] == 6


def test_a_reader_that_leaves_ends_the_command_quietly(project: Project) -> None:
    child = project.start("logs", "-f", "build")
    assert child.stdout is not None
    assert b"boots" in child.stdout.readline()
    child.stdout.close()
    project.type("call", "build", "work")
    child.send_signal(signal.SIGTERM)
    assert child.wait(60) in (0, 130)
    child.communicate()


def test_a_terminal_is_seen_as_one(project: Project) -> None:
    main, side = pty.openpty()
    try:
        child = project.start("ps", stdout=side, stderr=subprocess.DEVNULL, env={"TERM": "xterm"})
        assert child.wait(60) == 0
        assert b"\x1b[" in os.read(main, 1 << 16)
    finally:
        os.close(main)
        os.close(side)


def test_logs_are_filtered(project: Project) -> None:
    assert b"boots" in project.type("logs", "build", "--grep", "build v[0-9]").stdout
    assert project.type("logs", "build", "--grep", "nothing like it").stdout == b""
    found = project.data("logs", "build", "--grep", "boots")["data"]["lines"]
    assert [each["server"] for each in found] == ["build"] * len(found) != []
    assert all("boots" in each["text"] and each["at"] > 0 for each in found)
    for pattern in ("(", r"(a)\1", "a(?=b)"):  # the last two would need a search without bounds
        assert project.data("logs", "build", "--grep", pattern)["errors"][0]["code"] == "usage.pattern"
    assert b"boots" in project.type("logs", "build", "--since", "1h").stdout
    assert project.type("logs", "build", "--since", "1ms").stdout == b""
    assert project.type("logs", "build", "--lines", "0").stdout == b""
    assert len(project.type("logs", "build", "--lines", "1").stdout.splitlines()) == 1


def test_a_server_can_be_restarted_and_stopped(project: Project) -> None:
    before = project.servers()["build"]["pid"]
    assert project.data("restart", "build")["data"]["servers"][0]["pid"] != before
    assert project.data("stop", "build")["data"]["servers"][0]["state"] == "stopped"
    assert project.data("call", "build", "work")["errors"][0]["code"] == "connect.stopped"
    assert project.data("restart", "build")["data"]["servers"][0]["state"] == "running"
    assert project.data("restart", "nope")["errors"][0]["code"] == "config.unknown_server"


def test_a_second_supervisor_is_refused_with_the_pid_of_the_first(project: Project) -> None:
    pid = project.data("ps")["data"]["pid"]
    for words in (("run",), ("run", "--detach")):
        done = project.data(*words)
        assert done["errors"][0]["code"] == "connect.already_running"
        assert f"pid {pid}" in done["errors"][0]["message"]
    assert alive(pid)


def test_a_supervisor_of_another_version_is_told_apart(project: Project, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    import shutil

    from tests.support import ROOT

    shutil.copytree(ROOT / "mcpctl", other / "mcpctl", ignore=shutil.ignore_patterns("__pycache__"))
    (other / "mcpctl/__init__.py").write_text('__version__ = "99.0"\n')
    done = project.type("call", "build", "work", env={"PYTHONPATH": str(other)})
    assert done.returncode == 0
    assert b"this is 99.0" in done.stderr
    assert b"--replace" in done.stderr


def test_ls_shows_the_live_state(project: Project) -> None:
    listed = project.data("ls")["data"]["servers"][0]
    assert (listed["state"], listed["pid"]) == ("running", project.servers()["build"]["pid"])
    assert b"running" in project.type("ls").stdout


def test_an_open_breaker_is_seen_wherever_servers_are_listed(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.configure(more="[servers.build.breaker]\nthreshold = 1\n")
    with project.running():
        assert project.data("ls")["data"]["servers"][0]["breaker"] == "closed"
        project.data("call", "build", "die")
        refused = project.data("call", "build", "work")["errors"][0]
        assert refused["code"] == "policy.breaker_open"
        assert 0 < refused["retry_after"] <= 60
        assert project.data("ls")["data"]["servers"][0]["breaker"] == "open"
        assert project.servers()["build"]["breaker"] == "open"
        assert project.data("stats")["data"]["rows"][0]["live"]["breaker"] == "open"
        for verb in ("ls", "ps", "stats"):
            assert b"breaker" in project.type(verb).stdout


@pytest.mark.parametrize(
    ("number", "first", "since", "echo"),
    [
        (signal.SIGINT, signal.SIGINT, 0.05, True),
        (signal.SIGINT, signal.SIGINT, 0.2, False),
        (signal.SIGTERM, signal.SIGTERM, 0.2, True),
        (signal.SIGTERM, signal.SIGTERM, 1.0, False),
        (signal.SIGINT, signal.SIGTERM, 0.0, False),
        (signal.SIGALRM, signal.SIGALRM, 0.0, False),
    ],
)
def test_a_signal_that_comes_twice_at_once_is_one(
    number: signal.Signals, first: signal.Signals, since: float, echo: bool
) -> None:
    assert client.is_echo(number, first, since) is echo
