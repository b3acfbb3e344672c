"""A supervisor for a long time: warm calls, results that are cut and kept, servers that crash and builds that change.

Its memory, its open files and its children must not grow, and no call may fail but those whose server was killed.
"""

from __future__ import annotations

import json
import os
import signal
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from tests.control.places import Project
from tests.supervisor.places import write_build

MEMORY = 8.0
"""MB that may come between the first third of the run and the last: caches fill, and then they are full."""

FILES = 8
"""Open files more than at the beginning; a reload has two of each for a moment."""

EVERY, OFTEN = 25, 5
"""Calls between a crash and a new build, in turns, of a long soak and of a short one."""


def soak(seconds: float) -> str:
    until = time.monotonic() + seconds
    return _soaked(lambda _: time.monotonic() < until, EVERY)


def soak_calls(calls: int) -> str:
    """The short form: so many calls, and more happens between them."""
    return _soaked(lambda made: made < calls, OFTEN)


def _soaked(goes_on: Callable[[int], bool], every: int) -> str:
    with tempfile.TemporaryDirectory() as folder:
        project = Project(Path(folder))
        with project.running() as pid:
            samples, calls, failed = _used(project, pid, goes_on, every)
            crashes = calls // (2 * every)
    third = max(len(samples) // 3, 1)
    early, late = samples[:third], samples[-third:]
    grown = median(memory for memory, _ in late) - median(memory for memory, _ in early)
    opened = median(files for _, files in late) - median(files for _, files in early)
    told = (
        f"{calls} calls, {failed} failed beside {crashes} crashes, {grown:+.1f} MB, {opened:+.0f} open files"
    )
    assert grown < MEMORY, told
    assert opened <= FILES, told
    assert failed <= crashes, told
    return told


def _used(
    project: Project, pid: int, goes_on: Callable[[int], bool], every: int
) -> tuple[list[tuple[float, int]], int, int]:
    """Samples of memory and open files, calls, and how many of them failed."""
    samples, calls, failed = [], 0, 0
    while goes_on(calls):
        calls += 1
        failed += project.type("call", "build", "work", "--json").returncode != 0
        if calls % (2 * every) == 0:
            _crash(project)
        elif calls % every == 0:
            write_build(project.server, f"v{calls}", tools=("extra",))
        samples.append((_resident(pid), len(os.listdir(f"/proc/{pid}/fd"))))  # noqa: PTH208 - only the number counts
    return samples, calls, failed


def _crash(project: Project) -> None:
    servers = json.loads(project.type("ps", "--json").stdout)["data"]["servers"]
    for server in servers:
        if server["pid"]:
            os.kill(server["pid"], signal.SIGKILL)


def _resident(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
