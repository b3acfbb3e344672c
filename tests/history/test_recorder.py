"""Every call is taken down, whatever happens to the file; and it is read back as it was."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mcpctl.errors import ConfigError
from mcpctl.history.reading import History
from mcpctl.history.recorder import Recorder
from mcpctl.history.spans import HOUR
from mcpctl.history.store import KEPT_CALLS, Batch, Store
from mcpctl.history.summary import Summary
from mcpctl.model.events import CallFinished
from mcpctl.model.health import HealthChanged
from mcpctl.model.running import StateChanged
from mcpctl.policy.metrics import Series
from mcpctl.policy.redaction import Redactor
from tests.policy.clock import Clock
from tests.support import ROOT

NOON = 1_700_000_000 // HOUR * HOUR + 1800.0
"""Half an hour into an hour."""


def call(
    server: str = "s", tool: str = "t", *, error: str | None = None, seconds: float = 0.01
) -> CallFinished:
    return CallFinished(
        server=server, tool=tool, arguments={}, ok=error is None, seconds=seconds, error=error, bytes_in=10
    )


def recorder(path: Path, clock: Clock, said: list[str] | None = None) -> Recorder:
    complain = said.append if said is not None else pytest.fail
    return Recorder(path, now=clock, complain=complain, flush_every=60)


def summary(path: Path, since: float, until: float, server: str | None = None) -> Summary:
    return Summary(History(path).spans(since, until, server=server), since=since, until=until)


def test_what_was_recorded_is_read_back(tmp_path: Path) -> None:
    path, clock = tmp_path / "h.db", Clock(NOON)
    made = recorder(path, clock)
    for at in range(100):
        clock.pass_by(0.1)
        made.record(call(seconds=0.001 * (at + 1), error="connect.exited" if at % 10 == 0 else None))
    made.record(call("other", "u", error="is_error"))
    made.close()
    found = summary(path, NOON - 60, clock())
    assert found.whole.calls == 101
    assert found.servers["s"].errors == {"connect.exited": 10}
    assert found.servers["s"].latency.percentile(95.0) == pytest.approx(0.095, rel=0.01)
    assert found.whole.bytes_in == 1010
    (row,) = summary(path, NOON - 60, clock(), "other").rows("tool")
    assert (row.server, row.tool, row.figures.calls, row.figures.ok) == ("other", "u", 1, 0)


def test_hours_and_minutes_count_every_call_once(tmp_path: Path) -> None:
    path, clock = tmp_path / "h.db", Clock(NOON)
    made = recorder(path, clock)
    for _ in range(60 * 5):  # five hours, a call a minute
        made.record(call())
        clock.pass_by(60)
    made.close()
    assert summary(path, NOON, clock()).whole.calls == 300
    assert summary(path, clock() - 4 * HOUR, clock()).whole.calls == 240
    assert summary(path, clock() - 600, clock()).whole.calls == 10
    hours = summary(path, NOON, clock()).rows("hour")
    assert [row.figures.calls for row in hours] == [30, 60, 60, 60, 60, 30]
    moments = summary(path, NOON, clock()).moments()
    assert sum(moment.calls for moment in moments) == 300


def test_a_call_costs_its_path_nothing_but_a_place_in_a_list(tmp_path: Path) -> None:
    made = recorder(tmp_path / "no/such/folder/h.db", Clock(NOON))
    held = {"big": "x" * 100}
    event = CallFinished(server="s", tool="t", arguments=held, ok=True, seconds=0.1)
    count = sys.getrefcount(held)
    made.record(event)
    del event
    assert sys.getrefcount(held) < count
    made.close()


def test_several_processes_write_one_file(tmp_path: Path) -> None:
    path = tmp_path / "h.db"
    script = (
        "import sys, pathlib\n"
        "from tests.history.test_recorder import NOON, call\n"
        "from mcpctl.history.recorder import Recorder\n"
        "made = Recorder(pathlib.Path(sys.argv[1]), now=lambda: NOON, flush_every=0.01)\n"
        "for at in range(2000):\n"
        "    made.record(call())\n"
        "    if at % 100 == 0: made.flush()\n"
        "made.flush(); made.close()\n"
    )
    children = [
        subprocess.Popen([sys.executable, "-c", script, str(path)], cwd=ROOT, stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    for child in children:
        _, errors = child.communicate(timeout=60)
        assert child.returncode == 0, errors
    assert summary(path, NOON - 60, NOON + 60).whole.calls == 6000


def test_a_kill_loses_nothing_that_was_written(tmp_path: Path) -> None:
    path = tmp_path / "h.db"
    script = (
        "import os, sys, pathlib, signal\n"
        "from tests.history.test_recorder import NOON, call\n"
        "from mcpctl.history.recorder import Recorder\n"
        "made = Recorder(pathlib.Path(sys.argv[1]), now=lambda: NOON)\n"
        "[made.record(call()) for _ in range(500)]\n"
        "made.flush()\n"
        "[made.record(call()) for _ in range(500)]\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(path)], cwd=ROOT, timeout=30, check=False)
    assert done.returncode == -9
    assert summary(path, NOON - 60, NOON + 60).whole.calls in (500, 1000)
    again = recorder(path, Clock(NOON))
    again.record(call())
    again.close()
    assert summary(path, NOON - 60, NOON + 60).whole.calls in (501, 1001)


@pytest.mark.parametrize("rubbish", [b"this is no database at all, and long enough to tell" * 50, None])
def test_a_broken_file_is_moved_aside_and_said(tmp_path: Path, rubbish: bytes | None) -> None:
    path, clock, said = tmp_path / "h.db", Clock(NOON), list[str]()
    if rubbish is None:
        with sqlite3.connect(path) as database:
            database.execute("PRAGMA user_version = 99")
        database.close()
    else:
        path.write_bytes(rubbish)
    made = recorder(path, clock, said)
    made.record(call())
    made.flush()
    made.close()
    assert len(said) == 1
    assert "was broken: it was moved to" in said[0]
    assert [each.name for each in tmp_path.glob("h.db.broken-*")] != []
    assert summary(path, NOON - 60, NOON + 60).whole.calls == 1


def test_a_page_that_rots_later_is_survived_too(tmp_path: Path) -> None:
    path, clock, said = tmp_path / "h.db", Clock(NOON), list[str]()
    first = recorder(path, clock)
    for at in range(3000):
        first.record(call(tool=f"tool-{at}"))
    first.close()
    data = bytearray(path.read_bytes())
    data[4096:] = b"\xa5" * (len(data) - 4096)
    path.write_bytes(bytes(data))
    made = recorder(path, clock, said)
    made.record(call())
    made.flush()
    made.close()
    assert any("was broken" in each for each in said)
    assert summary(path, NOON - 60, NOON + 60).whole.calls == 1


def test_a_locked_file_is_said_once_and_written_when_it_is_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mcpctl.history.store.PATIENCE", 0.05)
    path, clock, said = tmp_path / "h.db", Clock(NOON), list[str]()
    made = recorder(path, clock, said)
    made.record(call())
    made.flush()
    blocker = sqlite3.connect(path, isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    for _ in range(3):
        made.record(call())
        made.flush()
    assert len(said) == 1
    assert "cannot be written: database is locked; calls go on" in said[0]
    blocker.execute("ROLLBACK")
    blocker.close()
    made.flush()
    made.close()
    assert summary(path, NOON - 60, NOON + 60).whole.calls == 4


def test_a_disk_without_room_is_said_and_calls_go_on(tmp_path: Path) -> None:
    path, clock, said = tmp_path / "h.db", Clock(NOON), list[str]()
    made = recorder(path, clock, said)
    made.record(call())
    made.flush()
    full = made._store._opened()
    full.execute("PRAGMA max_page_count = 1")
    for at in range(2000):
        made.record(call(tool=f"tool-{at}"))
    made.flush()
    assert len(said) == 1
    assert "full" in said[0]
    made.flush()  # on a new connection, which knows of no such limit
    made.close()
    assert summary(path, NOON - 60, NOON + 60).whole.calls == 2001


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    said: list[str] = []
    made = recorder(tmp_path / "file/h.db", Clock(NOON), said)
    made.record(call())
    made.flush()
    made.close()
    assert len(set(said)) == 1
    assert "cannot be written" in said[0]


def test_what_is_old_goes_and_the_size_has_a_bound(tmp_path: Path) -> None:
    path, clock = tmp_path / "h.db", Clock(NOON)
    store = Store(path, max_bytes=300_000)
    for _ in range(40):
        spans = {(int(clock()), "s", f"tool-{at}"): _series() for at in range(100)}
        store.write(Batch(spans), clock())
        clock.pass_by(HOUR * 2)
    sizes = path.stat().st_size
    clock.pass_by(200 * 86400)
    store.write(Batch({}), clock())
    store.close()
    assert sizes < 1_500_000
    assert summary(path, 0, clock()).whole.calls == 0


def _series() -> Series:
    series = Series()
    series.record(0.01)
    return series


def test_single_calls_are_kept_too_but_not_for_ever(tmp_path: Path) -> None:
    path, clock = tmp_path / "h.db", Clock(NOON)
    made = recorder(path, clock)
    for _ in range(3):
        for _ in range(KEPT_CALLS // 2):
            made.record(call())
        made.flush()
    made.record(call(error="deadline.call", seconds=0.5))
    made.close()
    calls = History(path).calls(0)
    assert len(calls) == KEPT_CALLS
    assert calls[-1].error == "deadline.call"


def test_alerts_restarts_and_changes_are_part_of_the_history(tmp_path: Path) -> None:
    path, clock = tmp_path / "h.db", Clock(NOON)
    made = recorder(path, clock)
    made.record(call(seconds=7))
    for _ in range(11):
        made.heard(call(error="connect.exited"))
    made.heard(StateChanged(server="s", before="backoff", state="starting", reason="exited with code 3"))
    made.heard(HealthChanged(server="s", at="", before="healthy", after="unhealthy", reason="gone"))
    made.flush()
    made.close()
    happened = History(path).happened(0)
    assert [each.kind for each in happened if each.kind.startswith("alert")] == [
        "alert:warning",
        "alert:critical",
    ]
    assert {each.kind for each in happened} >= {"restart", "state"}
    (row,) = summary(path, NOON - 60, NOON + 60).rows("server", happened)
    assert row.restarts == 1


def test_no_secret_is_written_down(tmp_path: Path) -> None:
    path, clock = tmp_path / "h.db", Clock(NOON)
    redactor = Redactor(["hunter2-hunter2"])
    made = Recorder(path, now=clock, flush_every=60, clean=redactor.clean)
    made.record(call(tool="say-hunter2-hunter2", seconds=9.0))
    made.restarted("s", f"its last words: {'x' * 480} hunter2-hunter2")
    made.flush()
    made.close()
    written = b"".join(each.read_bytes() for each in tmp_path.iterdir())
    assert b"last words" in written
    assert b"say-***" in written
    assert b"hunter2" not in written


def test_no_file_is_an_empty_history_and_a_broken_one_an_error_with_a_hint(tmp_path: Path) -> None:
    assert list(History(tmp_path / "none.db").spans(0, 1e9)) == []
    (tmp_path / "h.db").write_bytes(b"rubbish" * 1000)
    with pytest.raises(ConfigError, match="not a database") as caught:
        History(tmp_path / "h.db").happened(0)
    assert caught.value.exit_code == 3
    assert "move it away" in (caught.value.hint or "")


ROTTEN = (
    "counts = x'01'",
    "counts = NULL",
    "calls = 'many'",
    "errors = '{'",
    "errors = '[1]'",
    "total = NULL",
)


@pytest.mark.parametrize("rotten", ROTTEN)
def test_a_row_that_rots_is_an_error_for_readers_and_a_new_beginning_for_the_next_call(
    tmp_path: Path, rotten: str
) -> None:
    path, clock, said = tmp_path / "h.db", Clock(NOON), list[str]()
    made = recorder(path, clock)
    made.record(call(error="is_error"))
    made.close()
    with sqlite3.connect(path) as database:
        database.execute(f"UPDATE spans SET {rotten}")
    database.close()
    with pytest.raises(ConfigError, match="cannot be read") as caught:
        summary(path, NOON - 60, NOON + 60)
    assert (caught.value.code, caught.value.file) == ("config.history", str(path))
    again = recorder(path, clock, said)
    again.record(call())
    again.flush()
    again.close()
    assert "was broken: it was moved to" in said[0]
    assert summary(path, NOON - 60, NOON + 60).whole.calls == 1


@pytest.fixture
def nobody(tmp_path: Path) -> Iterator[Path]:
    """A folder that whoever runs the test may not enter, be it the superuser."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    (closed / "h.db").write_bytes(b"")
    closed.chmod(0)
    whoami = os.geteuid()
    if whoami == 0:
        os.seteuid(65534)
    try:
        yield closed / "h.db"
    finally:
        os.seteuid(whoami)
        closed.chmod(0o700)


def test_a_history_that_must_not_be_read_says_so_and_whom_to_ask(nobody: Path) -> None:
    with pytest.raises(ConfigError, match="permission denied") as caught:
        History(nobody).last_call()
    assert (caught.value.exit_code, caught.value.code) == (3, "config.history")
    assert "ls -ld" in (caught.value.hint or "")


def test_stats_of_a_state_folder_that_cannot_be_read_is_one_sentence_and_no_bug(tmp_path: Path) -> None:
    env = {**os.environ, "XDG_STATE_HOME": str(tmp_path / ("x" * 300)), "HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-m", "mcpctl", "stats", "--json"],
        cwd=tmp_path,
        env={**env, "PYTHONPATH": str(ROOT)},
        timeout=30,
        capture_output=True,
        check=False,
    )
    answer = json.loads(done.stdout)
    assert (done.returncode, [each["code"] for each in answer["errors"]]) == (3, ["config.history"])
    assert b"Traceback" not in done.stderr


def test_the_thread_writes_by_itself(tmp_path: Path) -> None:
    path = tmp_path / "h.db"
    made = Recorder(path, now=lambda: NOON, flush_every=0.01)
    made.record(call())
    deadline = time.monotonic() + 60
    while not path.exists() or summary(path, NOON - 60, NOON + 60).whole.calls == 0:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    made.close()
