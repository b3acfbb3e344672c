"""Runs made of numbers, for everything that judges, stores, merges and renders them."""

from __future__ import annotations

import random
from typing import Any

from mcpctl.loadtest.histogram import Histogram
from mcpctl.loadtest.results import Effort, Moment, Run, Tally, pack
from mcpctl.loadtest.stored import About, StoredRun
from mcpctl.model.load_report import LoadProgressed, Spread

ABOUT = About(
    server="demo",
    tool="echo",
    transport="stdio",
    protocol_version="2025-11-25",
    model="closed",
    level=8,
    sessions=1,
    load="0123456789abcdef",
    environment={"python": "3.11", "host": "here"},
)


def histogram(*, median: float, count: int, seed: int = 1, spread: float = 0.2) -> Histogram:
    """Milliseconds in, nanoseconds kept."""
    draw = random.Random(seed)
    found = Histogram()
    found.record_many([int(median * 1e6 * draw.lognormvariate(0, spread)) for _ in range(count)])
    return found


def run(
    *,
    median: float = 10.0,
    seconds: int = 8,
    rate: int = 200,
    seed: int = 1,
    errors: dict[str, int] | None = None,
) -> Run:
    tally = Tally(name="echo", kind="tool", errors=dict(errors or {}))
    moments = []
    for second in range(seconds):
        latency = histogram(median=median, count=rate, seed=seed * 1000 + second)
        tally.latency.merge(latency)
        tally.service.merge(latency)
        moments.append(Moment(index=second, sent=rate, ok=rate, in_flight=8, packed=pack(latency)))
    tally.ok = seconds * rate
    tally.within = tally.requests
    return Run(
        tallies={"echo": tally},
        moments=moments,
        connect=histogram(median=50, count=2, seed=seed),
        effort=Effort(
            cpu_share=0.2,
            slip=histogram(median=0.01, count=100),
            lag=Histogram(),
            wake_up=25_000,
        ),
        started_at=1000.0 + seed,
        duration=float(seconds),
    )


def stored(**about: object) -> StoredRun:
    return StoredRun(about=ABOUT, run=run(**about))  # type: ignore[arg-type]


def progress(**about: Any) -> LoadProgressed:
    """What is told of a load in the middle of it."""
    known: dict[str, Any] = {
        "elapsed": 1.0,
        "planned": None,
        "share": None,
        "phase": "load",
        "sent": 1,
        "ok": 1,
        "errors": {},
        "in_flight": 0,
        "dropped": 0,
        "rps": 1.0,
        "now": Spread(),
        "total": Spread(),
    }
    return LoadProgressed(**{**known, **about})
