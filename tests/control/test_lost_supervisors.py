"""Supervisors that die, hang or are no such thing: a command is done once, by somebody, or nobody claims that it was."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mcpctl.config import load
from mcpctl.control import client, place
from tests.control.places import Project, eventually
from tests.support import world


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


@contextlib.contextmanager
def saying(project: Project, words: bytes) -> Iterator[None]:
    """A listener at the socket's place that hears one request out, says these words, and hangs up."""
    folder = project.folder / "run/mcpctl"
    folder.mkdir(parents=True, mode=0o700)
    base = load(world(project.folder)).base
    name = place.name(str(project.folder), {"HOME": str(project.home)}, [], None)
    assert base is not None
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / f"{name}.sock"))
        listener.listen()

        def serve() -> None:
            with contextlib.suppress(OSError), listener.accept()[0] as line:
                while len(line.recv(1 << 16)) == 1 << 16:
                    pass
                line.send(words)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield
    thread.join(timeout=5)


@pytest.mark.parametrize("words", [b"", b"Z", client.OTHER_VERSION + b"99.0"])
def test_what_was_not_taken_is_done_without_a_supervisor(project: Project, words: bytes) -> None:
    with saying(project, words):
        done = project.data("call", "build", "work", "--args", "-", stdin=b'{"seconds": 0}')
    assert done["status"] == "ok", done
    assert not done["data"]["warm"]


def test_what_was_taken_is_not_done_again(project: Project) -> None:
    ran = project.folder / "ran"
    project.server.write_text(f"open({str(ran)!r}, 'w')")
    with saying(project, client.TAKEN):
        done = project.data("call", "build", "work")
    assert (done["exit_code"], done["errors"][0]["code"]) == (4, "connect.supervisor_lost")
    assert not ran.exists()


def test_a_supervisor_that_hangs_is_not_waited_for_forever(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "PATIENCE", 0.2)
    monkeypatch.chdir(project.folder)
    env = {"XDG_RUNTIME_DIR": str(project.folder / "run"), "HOME": str(project.home)}
    with project.running() as pid:
        before = project.servers()["build"]["calls"]
        os.kill(pid, signal.SIGSTOP)
        try:
            started = time.monotonic()
            assert client.run(["call", "build", "work"], env) is None
            assert time.monotonic() - started < 5
        finally:
            os.kill(pid, signal.SIGCONT)
        eventually(lambda: project.data("call", "build", "work")["data"]["warm"])
        assert project.servers()["build"]["calls"] == before + 1, "what nobody waited for was not called"
