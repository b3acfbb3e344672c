"""Whole results are kept for their owner alone, and never more than was promised."""

from __future__ import annotations

from pathlib import Path

import pytest

from mcpctl.commands import keeping
from mcpctl.commands.keeping import keep, latest
from mcpctl.errors import UsageError
from tests.support import world


def test_the_oldest_leave_when_there_are_too_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "MAX_FILES", 3)
    outside = world(tmp_path)
    paths = [keep(outside, "server", f"tool{number}", "text") for number in range(5)]
    kept = [path for path in paths if path is not None and Path(path).exists()]
    assert kept == paths[2:]
    assert latest(outside, None, None).what == "tool4"


def test_the_oldest_leave_when_they_are_too_big_and_the_newest_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "MAX_BYTES", 100)
    outside = world(tmp_path)
    sizes = {"a": 40, "b": 40, "c": 40, "d": 500}
    paths = {name: keep(outside, "server", name, "x" * size) for name, size in sizes.items()}
    assert [name for name, path in paths.items() if Path(str(path)).exists()] == ["d"]


def test_names_of_servers_and_tools_never_leave_the_folder(tmp_path: Path) -> None:
    outside = world(tmp_path)
    path = Path(str(keep(outside, "../../up", "a/b.c\x00", "text")))
    assert path.parent == tmp_path / "home/.cache/mcpctl/results"
    found = latest(outside, "../../up", "a/b.c\x00")
    assert (found.path, path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (
        path,
        0o600,
        0o700,
    )


def test_a_folder_that_cannot_be_written_loses_no_answer(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    outside = world(tmp_path, env={"XDG_CACHE_HOME": str(tmp_path / "file")})
    assert keep(outside, "server", "tool", "text") is None
    with pytest.raises(UsageError):
        latest(outside, None, None)
