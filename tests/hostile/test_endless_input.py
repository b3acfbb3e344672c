"""What the user points at may have no end: a pipe that nobody writes to, a device. Nothing waits for it for ever."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.commands.places import configured
from tests.control.places import Project
from tests.support import PYTHON, ROOT, world

LIMIT = 60
"""Seconds for what takes four, on a machine that is busy."""


def started(folder: Path, *words: str, **more: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [PYTHON, "-m", "mcpctl", *words],
        cwd=folder,
        env={**world(folder).env, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **more,  # type: ignore[call-overload]
    )


def ended(children: Sequence[subprocess.Popen[str]]) -> list[tuple[int, str]]:
    """Exit codes and the first code of the errors, of all that wait at the same time."""
    found = []
    for child in children:
        with child:
            try:
                child.wait(LIMIT)
            finally:
                child.kill()
            assert child.stdout is not None
            found.append((child.returncode, json.loads(child.stdout.read())["errors"][0]["code"]))
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    configured(tmp_path)
    os.mkfifo(tmp_path / "silent")
    return tmp_path


MEMORY = 1 << 30
"""Bytes of address space for a command that is given something endless."""

WAITING = (["--args", "-"], ["--args", "@silent"], ["text=@silent"])
"""Of `call`: a pipe as stdin, and one in the file system, that nobody writes to."""


def test_a_deadline_or_one_signal_ends_what_waits_for_it(folder: Path) -> None:
    late = [
        started(folder, "call", "echo", "echo", *words, "--timeout", "200ms", "--json") for words in WAITING
    ]
    os.mkfifo(folder / "mute")
    told = started(folder, "call", "echo", "echo", "--args", "@mute", "--json")
    with open(writer(folder / "mute"), "wb"):
        told.send_signal(signal.SIGTERM)
        assert ended([*late, told]) == [(6, "deadline.call")] * len(WAITING) + [(130, "interrupted")]


def writer(pipe: Path) -> int:
    """The other end, as soon as somebody reads."""
    until = time.monotonic() + LIMIT
    while True:
        try:
            return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            assert time.monotonic() < until, "nobody reads it"
            time.sleep(0.01)


ENDLESS = {
    "arguments": ("call", "echo", "echo", "--args", "@/dev/zero"),
    "value": ("call", "echo", "echo", "text=@/dev/zero"),
    "configuration": ("ls", "--config", "/dev/zero"),
    "file to check": ("validate", "/dev/zero"),
}


@pytest.mark.skipif(sys.platform != "linux", reason="macOS has no limit on address space")
def test_what_never_ends_is_refused_in_bounded_memory(folder: Path) -> None:
    limit = {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))}
    children = [started(folder, *words, "--json", **limit) for words in ENDLESS.values()]
    codes = dict(zip(ENDLESS, ended(children), strict=True))
    assert codes == {
        "arguments": (2, "usage.file"),
        "value": (2, "usage.file"),
        "configuration": (3, "config.unreadable"),
        "file to check": (3, "config.unreadable"),
    }


def test_a_supervisor_waits_for_no_pipe_of_a_client(tmp_path: Path) -> None:
    project = Project(tmp_path)
    os.mkfifo(tmp_path / "silent")
    with project.running():
        waiting = project.start("call", "build", "work", "--args", "@silent")
        with waiting, open(writer(tmp_path / "silent"), "wb"):
            assert project.data("ps")["status"] == "ok"
            waiting.kill()
