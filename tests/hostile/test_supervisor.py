"""Whatever sits at the socket in place of a supervisor: the client works without it, or ends."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from mcpctl.control.client import READY
from mcpctl.control.place import folder, name
from tests.control.places import Project, environment, eventually
from tests.security.scene import unsafe


@contextlib.contextmanager
def impostor(project: Project, says: bytes, *, stays: bool = False) -> Iterator[list[socket.socket]]:
    """Somebody who listens where a supervisor would, says this to each client and hangs up; the clients so far."""
    env = environment(project.home)
    place = Path(folder(env))
    place.mkdir(mode=0o700)
    clients: list[socket.socket] = []
    with socket.socket(socket.AF_UNIX) as line:
        line.bind(f"{place}/{name(str(project.folder), env)}.sock")
        line.listen()

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    client, _ = line.accept()
                    clients.append(client)
                    client.recv(1 << 16)
                    with contextlib.suppress(OSError):
                        if says[:1] == READY:
                            client.sendall(READY)
                            client.recv(1)
                        client.sendall(says.removeprefix(READY))
                    if not stays:
                        client.close()

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield clients
        finally:
            line.shutdown(socket.SHUT_RDWR)
            thread.join()
            for client in clients:
                client.close()


@pytest.mark.parametrize(
    ("says", "code"),
    [
        (b"", 0),
        (b"\x1b[31mgarbage", 0),
        (b"Z" * (8 << 20), 0),
        (b"V\x1b]0;owned\x07\xff" * 1000, 0),
        (b"R", 0),
        (b"RT", 4),
        (b"RTX", 4),
        (b"RT" + b"Z" * (8 << 20), 4),
        (b"RTX\x05", 5),
    ],
)
def test_what_is_no_answer_is_no_harm(says: bytes, code: int, tmp_path: Path) -> None:
    project = Project(tmp_path)
    with impostor(project, says):
        done = project.type("tools", "build")
    assert done.returncode == code
    assert unsafe(done.stderr.decode()) == ""
    assert b"Traceback" not in done.stderr


def test_a_signal_ends_the_wait_for_a_supervisor_that_does_nothing(tmp_path: Path) -> None:
    project = Project(tmp_path)
    with impostor(project, b"RT", stays=True) as clients, project.start("tools", "build") as child:
        eventually(lambda: clients)
        os.kill(child.pid, signal.SIGTERM)
        assert child.wait(60) == 130
