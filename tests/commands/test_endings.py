"""How a call ends that is stopped: the server is told, nothing is left behind, and an answer never waits for a goodbye."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from tests.support import PYTHON, ROOT, world

WITNESS = ROOT / "tests/servers/witness.py"

PATIENCE = 60.0
"""Seconds until something must have been seen."""


class Scene:
    """A server that keeps a log, and calls of it by processes of their own."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        self.log = folder / "log"
        self.log.touch()
        command = [PYTHON, str(WITNESS), str(self.log), *options]
        (folder / "mcpctl.json").write_text(
            json.dumps({"servers": {"witness": {"command": command[0], "args": command[1:]}}})
        )

    @contextmanager
    def called(self, *words: str) -> Iterator[subprocess.Popen[str]]:
        process = subprocess.Popen(
            [PYTHON, "-m", "mcpctl", "call", "witness", *words],
            cwd=self.folder,
            env={**world(self.folder).env, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        with process:
            try:
                yield process
            finally:
                process.kill()

    def seen(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.read_text().splitlines(keepends=True) if "\n" in line]

    def wait_for(self, found: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            for each in self.seen():
                if found(each):
                    return each
            time.sleep(0.01)
        raise AssertionError(f"never seen; but: {self.seen()}")

    def message(self, method: str) -> dict[str, Any]:
        return self.wait_for(lambda each: each.get("method") == method)

    def events(self) -> list[str]:
        return [each["event"] for each in self.seen() if each["event"] != "message"]

    def is_gone(self) -> bool:
        for each in self.seen():
            if each["event"] == "started":
                try:
                    os.kill(each["pid"], 0)
                except ProcessLookupError:
                    continue
                return False
        return True


@pytest.mark.parametrize("era", ["handshake", "stateless"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_cancels_the_call_at_the_server_and_leaves_nothing(
    tmp_path: Path, number: signal.Signals, era: str
) -> None:
    scene = Scene(tmp_path, *(["--modern"] if era == "stateless" else []))
    with scene.called("wait") as process:
        call = scene.message("tools/call")
        process.send_signal(number)
        out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out, err) == (130, "", f"error: interrupted by {number.name}\n")
    cancelled = scene.message("notifications/cancelled")
    assert cancelled["params"]["requestId"] == call["id"]
    assert scene.events() == ["started", "eof", "left"]
    assert scene.is_gone()


@pytest.mark.parametrize("options", [("--timeout", "3s"), ("--timeout", "3s", "--json")])
def test_a_deadline_cancels_the_call_at_the_server_and_leaves_nothing(
    tmp_path: Path, options: tuple[str, ...]
) -> None:
    scene = Scene(tmp_path)
    with scene.called("wait", *options) as process:
        _, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, "Traceback" in err) == (6, False)
    assert (
        scene.message("notifications/cancelled")["params"]["requestId"] == scene.message("tools/call")["id"]
    )
    assert scene.is_gone()


def test_a_server_that_does_not_want_to_end_is_ended_all_the_same(tmp_path: Path) -> None:
    scene = Scene(tmp_path, "--deaf")
    with scene.called("wait") as process:
        scene.message("tools/call")
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert scene.events() == ["started", "eof", "SIGTERM"]
    assert scene.is_gone()


def test_a_second_interrupt_waits_for_no_gentle_stop(tmp_path: Path) -> None:
    scene = Scene(tmp_path, "--deaf")
    with scene.called("wait") as process:
        scene.message("tools/call")
        process.send_signal(signal.SIGINT)
        scene.wait_for(lambda each: each["event"] == "eof")
        while process.poll() is None:  # one that follows too closely is taken for the first
            process.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=0.05)
        process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert "SIGTERM" not in scene.events(), "it came to the gentle stop all the same"
    assert scene.is_gone()


def test_an_answer_does_not_wait_until_the_server_has_left(tmp_path: Path) -> None:
    scene = Scene(tmp_path, "--linger", "0.9")
    with scene.called("say") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "said\n"
        assert "left" not in scene.events()
        assert process.poll() is None
        assert process.wait(timeout=PATIENCE) == 0
    assert scene.events() == ["started", "eof", "left"]


def test_a_reader_that_has_seen_enough_ends_a_call_quietly(tmp_path: Path) -> None:
    rich = ROOT / "tests/servers/rich.py"
    command = f"{PYTHON} -m mcpctl call --stdio '{PYTHON} {rich}' lines count=200000 | head -1"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        cwd=tmp_path,
        env={**world(tmp_path).env, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "line 1\n", "")
