"""Rows of ratios, and the ways to take them: interleaved, paired, whole processes with their CPU time.

A figure is never compared with one from another run or another machine, and no absolute time fails anything.
"""

from __future__ import annotations

import gc
import importlib.util
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal, Self

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table. `value` is None where it could not be measured; `note` then says why."""

    name: str
    value: float | None
    unit: str = "x"
    reference: str = ""
    """What is 1.0."""
    goal: float | None = None
    limit: float | None = None
    better: Literal["less", "more"] = "less"
    note: str = ""

    @property
    def missed(self) -> bool:
        if self.value is None or self.limit is None:
            return False
        return self.value > self.limit if self.better == "less" else self.value < self.limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Seconds on the clock, and of user and system time together."""

    wall: float
    cpu: float


Samples = Mapping[str, Sequence[Cost]]


def skipped(name: str, why: str) -> Row:
    return Row(name=name, value=None, note=why)


def ratio(samples: Samples, of: str, to: str, *, kind: Literal["wall", "cpu"] = "wall") -> float:
    """Median over rounds: each sample is set against the one taken right beside it."""
    pairs = zip(samples[of], samples[to], strict=True)
    return statistics.median(getattr(mine, kind) / max(getattr(other, kind), 1e-9) for mine, other in pairs)


def median(samples: Samples, of: str, *, kind: Literal["wall", "cpu"] = "wall") -> float:
    return statistics.median(getattr(cost, kind) for cost in samples[of])


def interleaved(candidates: Mapping[str, Callable[[], Cost]], *, rounds: int, warm: int = 1) -> Samples:
    """A B C A B C …: whatever else this machine does meets all of them alike."""
    for measure in [*candidates.values()] * warm:
        measure()
    samples: dict[str, list[Cost]] = {name: [] for name in candidates}
    for _ in range(rounds):
        for name, measure in candidates.items():
            samples[name].append(measure())
    return samples


async def interleaved_async(
    candidates: Mapping[str, Callable[[], Awaitable[Cost]]], *, rounds: int, warm: int = 1
) -> Samples:
    for measure in [*candidates.values()] * warm:
        await measure()
    samples: dict[str, list[Cost]] = {name: [] for name in candidates}
    for _ in range(rounds):
        for name, measure in candidates.items():
            samples[name].append(await measure())
    return samples


class Stopwatch:
    """The clock and the CPU time of this process, without its children: `with Stopwatch() as watch: …`."""

    cost: Cost

    def __enter__(self) -> Self:
        gc.collect()
        self._wall, self._cpu = time.perf_counter(), _own_cpu()
        return self

    def __exit__(self, *_: object) -> None:
        self.cost = Cost(wall=time.perf_counter() - self._wall, cpu=_own_cpu() - self._cpu)


def process(
    command: Sequence[str | Path], *, cwd: Path = ROOT, expect: int | None = 0, path: str | None = None
) -> Cost:
    """Run a program to its end. Costs are its own and those of the children it waited for. `path` is its PATH."""
    started = time.perf_counter()
    child = subprocess.Popen(
        [str(word) for word in command],
        cwd=cwd,
        env=environment() if path is None else {**environment(), "PATH": path},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - started
    child.returncode = os.waitstatus_to_exitcode(status)
    if expect is not None and child.returncode != expect:
        raise RuntimeError(f"{' '.join(map(str, command))} ended with {child.returncode}, not {expect}")
    return Cost(wall=wall, cpu=usage.ru_utime + usage.ru_stime)


def environment() -> dict[str, str]:
    """As a user has it: compiled modules are used and written, nothing of this process leaks in."""
    dropped = {"PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "PYTHONWARNINGS", "PYTHONDEVMODE"}
    return {name: value for name, value in os.environ.items() if name not in dropped}


@lru_cache
def compile_everything(python: str = sys.executable) -> None:
    """Without `.pyc` files every start would measure the compiler."""
    packages = "import site; print(*site.getsitepackages(), sep='\\n')"
    found = subprocess.run(
        [python, "-c", packages], env=environment(), capture_output=True, text=True, check=True
    ).stdout.split("\n")
    folders = [folder for folder in (*found, str(ROOT / "mcpctl")) if folder]
    command = [python, "-m", "compileall", "-q", "-q", "-j", "2", *folders]
    # Packages ship files for other versions of Python, which do not compile: no failure of ours.
    subprocess.run(command, env=environment(), check=False, stdout=subprocess.DEVNULL)


def resident() -> int:
    """Bytes that belong to this process alone."""
    gc.collect()
    smaps = Path("/proc/self/smaps_rollup")
    if not smaps.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    lines = (line.split() for line in smaps.read_text().splitlines())
    return 1024 * sum(int(words[1]) for words in lines if words[0] in {"Private_Clean:", "Private_Dirty:"})


def available(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def table(rows: Sequence[Row]) -> str:
    head = ("", "measured", "reference", "goal", "limit", "", "")
    body = [
        (
            row.name,
            "-" if row.value is None else f"{row.value:.3g} {row.unit}",
            row.reference,
            _bound(row, row.goal),
            _bound(row, row.limit),
            "" if row.limit is None or row.value is None else "MISSED" if row.missed else "kept",
            row.note,
        )
        for row in rows
    ]
    widths = [max(len(line[column]) for line in (head, *body)) for column in range(len(head))]
    lines = (
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in (head, *body)
    )
    return "\n".join(lines)


def _bound(row: Row, bound: float | None) -> str:
    if bound is None:
        return ""
    return f"{'<=' if row.better == 'less' else '>='} {bound:g}"


def _own_cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime
