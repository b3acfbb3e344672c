"""`health` and `stats` beside a supervisor: its servers are asked, its calls are counted."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.commands.places import configured
from tests.support import ROOT, world


class Place:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.env = {**world(folder).env, "PYTHONPATH": str(ROOT)}
        Path(self.env["XDG_RUNTIME_DIR"]).mkdir(mode=0o700)

    def run(self, *argv: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-m", "mcpctl", *argv],
            cwd=self.folder,
            env=self.env,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        return done.returncode, done.stdout

    def data(self, *argv: str) -> dict[str, Any]:
        value = json.loads(self.run(*argv, "--json")[1])["data"]
        assert isinstance(value, dict)
        return value

    def until(self, *argv: str, is_so: Any) -> dict[str, Any]:
        deadline = time.monotonic() + 15
        while not is_so(found := self.data(*argv)):
            assert time.monotonic() < deadline, found
            time.sleep(0.05)
        return found


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    configured(tmp_path, "exit3")
    made = Place(tmp_path)
    assert made.run("run", "--detach")[0] == 0
    try:
        yield made
    finally:
        made.run("stop", "--all")


def test_a_supervisor_is_asked_its_calls_are_counted_and_nothing_is_started_twice(place: Place) -> None:
    for _ in range(3):
        assert place.run("call", "echo", "echo", "text=hi")[0] == 0
    place.run("call", "echo", "fail")
    health = place.data("health", "echo", "--level", "soak")
    (echo,) = health["servers"]
    assert echo["status"] == "healthy"
    checks = {check["name"]: check for check in echo["checks"]}
    assert checks["start"]["message"] == "it runs already"
    assert checks["stop"]["status"] == "skipped"
    running = {each["name"]: each for each in place.data("ps")["servers"]}
    assert running["echo"]["starts"] == 1

    def counted(found: dict[str, Any]) -> bool:
        return any(row["server"] == "echo" and row["calls"] == 4 for row in found["rows"])

    rows = {row["server"]: row for row in place.until("stats", is_so=counted)["rows"]}
    assert rows["echo"]["errors"] == {"is_error": 1}
    assert rows["echo"]["live"]["state"] == "running"
    assert rows["rich"]["calls"] == 0
    assert rows["rich"]["live"]["uptime"] > 0
    resting = place.until("ps", is_so=lambda found: _state(found, "exit3") in ("backoff", "failed"))
    assert resting
    (exit3,) = place.until(
        "health", "exit3", is_so=lambda found: "lets it rest" in str(found["servers"][0]["checks"])
    )["servers"]
    assert exit3["status"] == "unreachable"
    assert place.run("health", "exit3")[0] == 4
    kinds = {each["severity"] for each in place.data("stats")["happened"]}
    assert "restart" in kinds


def _state(found: dict[str, Any], name: str) -> str:
    return next(str(each["state"]) for each in found["servers"] if each["name"] == name)
