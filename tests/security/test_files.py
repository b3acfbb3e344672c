"""Where mcpctl writes: below the folder that was named, closed to other users, whatever a server or a name proposes."""

from __future__ import annotations

import json
import os
import stat
import sys
from pathlib import Path

import pytest

from tests.commands.places import mcpctl
from tests.security.scene import INDISCREET, VARIABLES, prepare

TRAVERSAL = ("../../../escaped", "/escaped", "..", "a/b", "con", ".hidden", "n\x00ul", "x" * 300)


def files(folder: Path) -> set[Path]:
    return {Path(where) / name for where, _, names in os.walk(folder) for name in names}


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_saved_blocks_stay_in_their_folder_whatever_a_server_calls_them(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b" / "project"
    inner.mkdir(parents=True)
    prepare(inner)
    before = files(tmp_path)
    answer = mcpctl(inner, "call", "bad", "media", "--save", "saved", env=VARIABLES)
    assert answer.code == 0, answer.err
    new = {path for path in files(tmp_path) - before if inner / "home" not in path.parents}
    assert new
    assert {path.parent for path in new} == {inner / "saved"}


@pytest.mark.parametrize("name", TRAVERSAL)
def test_whole_results_stay_in_the_cache_whatever_a_server_is_called(name: str, tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b" / "project"
    inner.mkdir(parents=True)
    entry = {"command": sys.executable, "args": [str(INDISCREET)]}
    (inner / "mcpctl.json").write_text(json.dumps({"servers": {name: entry}}))
    before = files(tmp_path)
    answer = mcpctl(inner, "call", name, "say", "--max-chars", "20", env=VARIABLES)
    assert answer.code != 70, answer.err
    new = files(tmp_path) - before
    results = inner / "home" / ".cache" / "mcpctl" / "results"
    cache = inner / "home" / ".cache"
    assert [path for path in new if cache not in path.parents] == []
    for path in new:
        assert mode(path) == 0o600, path
        assert path.parent != results or mode(results) == 0o700


def test_logs_and_traces_are_for_their_owner_alone(tmp_path: Path) -> None:
    prepare(tmp_path)
    mcpctl(tmp_path, "call", "bad", "say", "--log-file", "log", "--trace", "trace", env=VARIABLES)
    assert (mode(tmp_path / "log"), mode(tmp_path / "trace")) == (0o600, 0o600)


def test_nothing_of_a_run_is_open_to_others(tmp_path: Path) -> None:
    prepare(tmp_path)
    mcpctl(tmp_path, "health", "bad", env=VARIABLES)
    mcpctl(tmp_path, "call", "bad", "say", "--head", "1", env=VARIABLES)
    home = tmp_path / "home"
    opened = [path for path in files(home) if mode(path) & 0o077]
    assert opened == []
