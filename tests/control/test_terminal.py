"""What a client's terminal sees and says while a supervisor does the work: questions, progress, streams."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
from collections.abc import Iterator

import pytest

from tests.control.places import Project, eventually
from tests.supervisor.places import write_build


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    project = Project(tmp_path_factory.mktemp("tty"))
    with project.running():
        project.type("tools", "demo")  # its start is not what is looked at here
        yield project


class Terminal:
    """A child whose streams are all one terminal of its own."""

    def __init__(self, project: Project, *words: str) -> None:
        self._main, side = pty.openpty()
        self.child = project.start(
            *words, stdin=side, stdout=side, stderr=side, start_new_session=True, env={"TERM": "xterm"}
        )
        os.close(side)
        self.shown = b""

    def sees(self, text: bytes) -> None:
        while text not in self.shown:
            part = self._read()
            assert part, f"it ended without {text!r}: {self.shown!r}"

    def types(self, text: bytes) -> None:
        os.write(self._main, text)

    def ends(self) -> int:
        while self._read():
            pass
        os.close(self._main)
        return self.child.wait(60)

    def _read(self) -> bytes:
        try:
            part = os.read(self._main, 1 << 16)
        except OSError:
            return b""
        self.shown += part
        return part


def test_a_question_is_asked_on_the_clients_terminal(project: Project) -> None:
    terminal = Terminal(project, "call", "demo", "order")
    terminal.sees(b"What would you like?")
    terminal.types(b"1\n")
    terminal.sees(b"are you sure?")
    terminal.types(b"\n")
    assert terminal.ends() == 0
    assert b"one " in terminal.shown


def test_ctrl_c_at_a_question_ends_the_command_alone(project: Project) -> None:
    terminal = Terminal(project, "call", "demo", "order")
    terminal.sees(b"What would you like?")
    terminal.child.send_signal(signal.SIGINT)
    assert terminal.ends() == 130
    assert project.data("call", "build", "work")["data"]["warm"]


def test_announcements_are_streamed_and_go_on_after_a_reload(project: Project) -> None:
    child = project.start("listen", "build", "--json", stderr=subprocess.DEVNULL)
    assert child.stdout is not None
    assert json.loads(child.stdout.readline())["type"] == "subscribed"
    for version in ("v2", "v3"):
        write_build(project.server, version, tools=(version,))
        project.data("reload", "build")
        seen = []
        while "announced" not in seen:
            seen.append(json.loads(child.stdout.readline())["type"])
    child.send_signal(signal.SIGINT)
    out, _ = child.communicate(timeout=60)
    assert child.returncode == 130
    assert json.loads(out.splitlines()[-1])["exit_code"] == 130


def test_a_slow_reader_holds_up_nobody_else(project: Project) -> None:
    many = "x" * 2_000_000
    (project.folder / "many.json").write_text(json.dumps({"text": many}))
    reading, writing = os.pipe()
    child = project.start("call", "demo", "echo", "--args", "@many.json", stdout=writing)
    os.close(writing)
    assert project.data("call", "build", "work")["data"]["warm"]
    got = b""
    while part := os.read(reading, 1 << 16):
        got += part
    os.close(reading)
    assert child.wait(60) == 0
    child.communicate()
    assert got == many.encode() + b"\n"


def test_a_client_that_is_stopped_costs_the_supervisor_nothing(project: Project) -> None:
    child = project.start("call", "build", "work", "seconds:=0.2")
    eventually(lambda: project.servers()["build"]["in_flight"] or child.poll() is not None)
    child.send_signal(signal.SIGSTOP)
    assert project.data("call", "build", "work")["data"]["warm"]
    child.send_signal(signal.SIGCONT)
    assert child.wait(60) == 0
    child.communicate()
