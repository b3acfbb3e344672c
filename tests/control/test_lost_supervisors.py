"""Supervisors that die, hang or are no such thing: a command is done once, by somebody, or nobody claims that it was."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mcpctl.commands.run import within
from mcpctl.config import load
from mcpctl.control import client, place
from tests.control.places import Project, eventually
from tests.support import run, world


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


@contextlib.contextmanager
def saying(project: Project, *words: bytes) -> Iterator[None]:
    """A listener at the socket's place that says one of these after whatever it hears, and hangs up."""
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
                for word in words:
                    while len(line.recv(1 << 16)) == 1 << 16:
                        pass
                    line.send(word)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield
    thread.join(timeout=60)


@pytest.mark.parametrize("words", [b"", b"Z", client.READY, client.OTHER_VERSION + b"99.0"])
def test_what_was_not_taken_is_done_without_a_supervisor(project: Project, words: bytes) -> None:
    with saying(project, words):
        done = project.data("call", "build", "work", "--args", "-", stdin=b'{"seconds": 0}')
    assert done["status"] == "ok", done
    assert not done["data"]["warm"]


def test_what_was_taken_is_not_done_again(project: Project) -> None:
    ran = project.folder / "ran"
    project.server.write_text(f"open({str(ran)!r}, 'w')")
    with saying(project, client.READY, client.TAKEN):
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


@pytest.fixture
def crowded(project: Project, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A supervisor that was stopped, with as many clients waiting as the socket takes."""
    monkeypatch.setattr(client, "PATIENCE", 0.2)
    monkeypatch.chdir(project.folder)
    with project.running() as pid, contextlib.ExitStack() as waiting:
        (path,) = (project.folder / "run/mcpctl").glob("*.sock")
        os.kill(pid, signal.SIGSTOP)
        try:
            with contextlib.suppress(BlockingIOError):
                while True:
                    line = waiting.enter_context(socket.socket(socket.AF_UNIX))
                    line.setblocking(False)
                    line.connect(str(path))
            yield pid
        finally:
            os.kill(pid, signal.SIGCONT)


def test_a_queue_that_does_not_move_is_not_waited_in_forever(project: Project, crowded: int) -> None:
    del crowded
    env = {"XDG_RUNTIME_DIR": str(project.folder / "run"), "HOME": str(project.home)}
    started = time.monotonic()
    assert client.run(["call", "build", "work"], env) is None
    assert time.monotonic() - started < 5
    assert project.data("run", "--detach")["errors"][0]["code"] == "connect.already_running"


def test_a_verb_for_a_supervisor_that_hangs_names_it(project: Project, crowded: int) -> None:
    """A process of its own, as if the client had given up."""
    error = project.data("ps", "--trace", str(project.folder / "trace"))["errors"][0]
    assert error["code"] == "connect.supervisor_silent"
    assert f"pid {crowded}" in error["message"]
    assert "kill -CONT" in error["hint"]


def test_many_clients_at_once_are_all_served_though_others_say_nothing(project: Project) -> None:
    with project.running() as pid, contextlib.ExitStack() as mute:
        (path,) = (project.folder / "run/mcpctl").glob("*.sock")
        for words in (b"", b"1000 0\nhalf of what was announced"):
            for _ in range(100):
                line = mute.enter_context(socket.socket(socket.AF_UNIX))
                line.connect(str(path))
                line.send(words)
        answers = [project.start("call", "build", "work", "--json") for _ in range(40)]
        said = [json.loads(each.communicate(timeout=30)[0]) for each in answers]
        assert [each["data"]["warm"] for each in said] == [True] * 40
        assert project.data("ps")["data"]["pid"] == pid


def test_a_signal_that_comes_after_the_answer_changes_nothing() -> None:
    heard = {
        number: signal.getsignal(number)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM)
    }
    ours, theirs = socket.socketpair()
    with ours:
        theirs.send(client.TAKEN + client.EXIT + b"\3")
        theirs.close()
        try:
            assert client._wait(ours, b"") == 3
            os.kill(os.getpid(), signal.SIGINT)
            assert signal.alarm(0) > 0
        finally:
            signal.alarm(0)
            for number, handler in heard.items():
                signal.signal(number, handler)


def test_an_end_that_hangs_is_waited_for_only_so_long() -> None:
    async def check() -> None:
        over = asyncio.Event()

        async def deaf() -> None:
            while not over.is_set():
                with contextlib.suppress(asyncio.CancelledError):
                    await over.wait()

        await within(0.01, deaf())
        over.set()

    run(check())
