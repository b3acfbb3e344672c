"""Logs of servers: bounded in memory and on disk, redacted, and never a reason to fail."""

from __future__ import annotations

from pathlib import Path

from mcpctl.policy.redaction import Redactor
from mcpctl.supervisor.logs import FILES, LONGEST, PER_SECOND, RING, Kept, ServerLog


class Clock:
    def __init__(self) -> None:
        self.at = 1_700_000_000.0

    def __call__(self) -> float:
        return self.at


def log_of(path: Path | None, clock: Clock, told: list[Kept], **keys: int) -> ServerLog:
    clean = Redactor(["s3cret-value"]).clean
    return ServerLog(path, now=clock, clean=clean, told=told.append, **keys)


def test_lines_are_kept_in_memory_and_in_a_file(tmp_path: Path) -> None:
    clock, told = Clock(), []
    log = log_of(tmp_path / "logs/a.log", clock, told)
    log.add("hello s3cret-value")
    clock.at += 0.5
    log.add("x" * (LONGEST + 100))
    log.close()
    assert [kept.text[:9] for kept in log.since(None)] == ["hello ***", "xxxxxxxxx"]
    assert len(log.since(clock.at)) == 1
    lines = (tmp_path / "logs/a.log").read_text().splitlines()
    assert lines[0] == "2023-11-14T22:13:20.000Z hello ***"
    assert len(lines[1]) < LONGEST + 30
    assert len(told) == 2


def test_files_are_rotated_and_their_number_is_bounded(tmp_path: Path) -> None:
    clock, told = Clock(), []
    log = log_of(tmp_path / "a.log", clock, told, file_bytes=1000)
    for number in range(500):
        clock.at += 1
        log.add(f"line {number} {'.' * 40}")
    log.close()
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["a.log", *(f"a.log.{number}" for number in range(1, FILES))]
    assert all(path.stat().st_size <= 1000 for path in tmp_path.iterdir())
    assert "line 499" in (tmp_path / "a.log").read_text()


def test_a_flood_is_cut_off_and_counted(tmp_path: Path) -> None:
    clock, told = Clock(), []
    log = log_of(tmp_path / "a.log", clock, told)
    for number in range(PER_SECOND * 5):
        log.add(str(number))
    clock.at += 1
    log.add("after")
    log.close()
    assert log.lost == PER_SECOND * 4
    assert [kept.text for kept in told[-2:]] == [
        f"mcpctl: {PER_SECOND * 4} lines left out, which came too fast",
        "after",
    ]
    assert len(log.since(None)) == RING


def test_a_disk_that_takes_nothing_costs_only_the_file(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file where a folder belongs")
    clock, told = Clock(), []
    for path in (tmp_path / "taken/a.log", Path("/dev/full")):
        log = log_of(path, clock, told)
        log.add("one")
        log.add("two")
        log.close()
        assert [kept.text for kept in log.since(None)] == ["one", "two"]
        assert log.unwritten == 2


def test_followers_hear_of_lines_until_they_stop() -> None:
    clock, heard = Clock(), []
    log = log_of(None, clock, [])
    stop = log.follow(heard.append)
    log.add("one")
    stop()
    stop()
    log.add("two")
    assert [kept.text for kept in heard] == ["one"]


def test_a_clock_that_jumps_back_loses_no_line() -> None:
    clock = Clock()
    log = log_of(None, clock, [])
    log.add("one")
    clock.at -= 86400
    log.add("two")
    assert [kept.text for kept in log.since(None)] == ["one", "two"]
