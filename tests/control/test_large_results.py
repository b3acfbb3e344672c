"""A supervisor lets go of a result as soon as it is shown."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from tests.control.places import PYTHON, Project
from tests.support import ROOT

SIZE = 16 << 20
"""Bytes, well within the most that a server may send."""

CALLS = 5


def test_a_supervisor_keeps_no_result_that_was_shown(tmp_path: Path) -> None:
    project = Project(tmp_path)
    server = json.dumps([str(ROOT / "tests/bench/servers/big.py")])
    project.configure(f"[servers.big]\ncommand = {json.dumps(PYTHON)}\nargs = {server}\n")
    with project.running() as supervisor:
        project.data("call", "big", "lines", "size=1")
        before = _resident(supervisor)
        for _ in range(CALLS):
            shown = project.type("call", "big", "lines", f"size={SIZE}").stdout
            assert len(shown) > SIZE * 0.9
        assert _resident(supervisor) - before < CALLS * SIZE / 2


def _resident(process: int) -> int:
    """Bytes."""
    told = subprocess.run(["ps", "-o", "rss=", "-p", str(process)], capture_output=True, check=True)
    return int(told.stdout) * 1024
