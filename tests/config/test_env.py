from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from mcpctl.config.folders import cache_home, config_home, state_home
from tests.support import PYTHON, ROOT

SHOW = """
import sys
from mcpctl.config.env import world_from_process
world = world_from_process()
text = repr([world.stdin.read(), world.stdin_tty, world.stdout_tty, world.columns, world.rows, str(world.cwd)])
with open(sys.argv[1], "w") as answer:
    answer.write(text)
"""


def process(tmp_path: Path, *, env: dict[str, str] | None = None, close: bool = False) -> list[object]:
    answer = tmp_path / "answer"
    command = [PYTHON, "-c", SHOW, str(answer)]
    if close:
        command = ["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", *command]
    subprocess.run(
        command,
        input=None if close else b"in",
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **(env or {})},
        cwd=tmp_path,
        check=True,
        timeout=60,
    )
    shown = eval(answer.read_text())  # our own repr, a line above
    assert isinstance(shown, list)
    return shown


def test_a_process_without_a_terminal_is_one_of_eighty_columns(tmp_path: Path) -> None:
    assert process(tmp_path) == [b"in", False, False, 80, 24, str(tmp_path)]


def test_columns_and_lines_win_where_they_are_numbers(tmp_path: Path) -> None:
    assert process(tmp_path, env={"COLUMNS": "132", "LINES": "-5"})[3:5] == [132, 24]


def test_closed_streams_read_and_write_nothing(tmp_path: Path) -> None:
    assert process(tmp_path, close=True)[:3] == [b"", False, False]


def test_folders_follow_xdg_and_ignore_relative_paths() -> None:
    env = {"HOME": "/h", "XDG_CACHE_HOME": "/c", "XDG_STATE_HOME": "relative"}
    assert config_home(env) == Path("/h/.config/mcpctl")
    assert cache_home(env) == Path("/c/mcpctl")
    assert state_home(env) == Path("/h/.local/state/mcpctl")


def test_a_home_is_found_without_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    assert config_home({}).is_absolute()
