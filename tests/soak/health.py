"""A watch for a long time: a server that is well, one that dies at every start, pages that are asked, all many times a second.

Its memory and its open files must not grow.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from statistics import median
from typing import TypeAlias

from mcpctl.history.usage import usage
from tests.commands.places import configured
from tests.support import ROOT, world

MEMORY = 2.0
"""MB that may come between the first third of the run and the last, once everything that is kept is full."""

FILLED = 90.0
"""Seconds until the latencies and changes that are kept are full; a run that is shorter is allowed `FILLING`."""

FILLING = 8.0

FILES = 4
"""Open files more than at the beginning; a look at the one that dies has some for a moment."""

PAGES = ("/health", "/metrics", "/readyz")

EVERY = 0.2
"""Seconds between two samples."""

Sample: TypeAlias = tuple[float, float, int]
"""Seconds since the beginning, MB, open files."""


def soak(seconds: float) -> str:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        configured(folder, "exit3")
        samples, looks = _watched(folder, seconds)
    full = [each for each in samples if each[0] > FILLED]
    samples, limit = (full, MEMORY) if full else (samples, FILLING)
    third = max(len(samples) // 3, 1)
    early, late = samples[:third], samples[-third:]
    grown = median(memory for _, memory, _ in late) - median(memory for _, memory, _ in early)
    opened = median(files for *_, files in late) - median(files for *_, files in early)
    told = f"{looks} looks, {grown:+.1f} MB, {opened:+.0f} open files"
    assert looks > seconds, told
    assert grown < limit, told
    assert opened <= FILES, told
    return told


def _watched(folder: Path, seconds: float) -> tuple[list[Sample], int]:
    """Samples and how many looks there were."""
    lines = folder / "lines"
    words = ("health", "--watch", "--interval", "200ms", "--serve", "0", "--format", "jsonl")
    with lines.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "mcpctl", *words],
            cwd=folder,
            stdout=out,
            stderr=subprocess.DEVNULL,
            env={**world(folder).env, "PYTHONPATH": str(ROOT)},
        )
        try:
            samples = _samples(process.pid, _address(lines), seconds)
        finally:
            process.terminate()
            process.wait(30)
    with lines.open() as told:
        return samples, sum('"type": "probed"' in line or '"type":"probed"' in line for line in told)


def _address(lines: Path) -> str:
    until = time.monotonic() + 30
    while not (text := lines.read_text()).endswith("\n"):
        assert time.monotonic() < until, "it never listened"
        time.sleep(0.05)
    return str(json.loads(text.partition("\n")[0])["address"])


def _samples(pid: int, address: str, seconds: float) -> list[Sample]:
    samples: list[Sample] = []
    began = time.monotonic()
    while (passed := time.monotonic() - began) < seconds or not samples:
        page = PAGES[len(samples) % len(PAGES)]
        try:
            urllib.request.urlopen(f"{address}{page}", timeout=10).close()
        except urllib.error.HTTPError as error:  # not ready: one of them never is
            error.close()
        used = usage(pid)
        assert used is not None
        samples.append((passed, used.resident / 1e6, len(os.listdir(f"/proc/{pid}/fd"))))  # noqa: PTH208 - only the number counts
        time.sleep(EVERY)
    return samples
