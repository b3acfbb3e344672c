"""Calls that others make feed the state that `health --watch` shows."""

from __future__ import annotations

import time
from pathlib import Path

from mcpctl.commands.health_passive import Passive
from mcpctl.health import Monitor
from mcpctl.history.reading import History
from mcpctl.history.recorder import Recorder
from mcpctl.model.events import CallFinished, Event, Noticed
from mcpctl.model.health import Alerted, HealthChanged, ServerHealth
from tests.support import run


def remember(
    path: Path, count: int, *, error: str | None = None, seconds: float = 0.01, ago: float = 0.0
) -> None:
    made = Recorder(path, now=lambda: time.time() - ago, flush_every=60)
    for _ in range(count):
        made.record(
            CallFinished(server="x", tool="t", arguments={}, ok=error is None, seconds=seconds, error=error)
        )
    made.close()


def watching(path: Path, told: list[Event]) -> tuple[Passive, Monitor]:
    monitor = Monitor(time.monotonic, time.time)
    monitor.probed(ServerHealth(name="x", status="healthy", level="list"))
    return Passive(History(path), monitor, frozenset({"x"}), emit=told.append, now=time.time), monitor


def test_failing_calls_of_others_change_the_state(tmp_path: Path) -> None:
    path, told = tmp_path / "h.db", list[Event]()
    passive, monitor = watching(path, told)
    passive.read()
    remember(path, 5)
    passive.read()
    assert (told, monitor.verdict("x")) == ([], "healthy")
    remember(path, 3, error="connect.exited")
    passive.read()
    passive.read()
    (change,) = told
    assert isinstance(change, HealthChanged)
    assert (change.before, change.after) == ("healthy", "unhealthy")


def test_figures_that_got_worse_are_told_once(tmp_path: Path) -> None:
    path, told = tmp_path / "h.db", list[Event]()
    remember(path, 50, ago=2 * 86400)
    remember(path, 50, seconds=0.1, ago=60)
    passive, _ = watching(path, told)
    passive.judge()
    passive.judge()
    (alert,) = told
    assert isinstance(alert, Alerted)
    assert alert.rule == "p95_growth"


def test_a_history_that_cannot_be_read_is_said_and_the_watch_goes_on(tmp_path: Path) -> None:
    path, told = tmp_path / "h.db", list[Event]()
    path.write_bytes(b"rubbish" * 1000)
    passive, _ = watching(path, told)
    run(passive.run())
    (notice,) = told
    assert isinstance(notice, Noticed)
    assert "calls are not seen" in notice.message
