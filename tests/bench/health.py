"""What a look at a fleet costs beside starting it, a warm look beside Python itself, and what remembering calls costs."""

from __future__ import annotations

import asyncio
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from mcpctl.model.events import CallFinished
from mcpctl.model.server import ServerSpec
from mcpctl.model.settings import Settings
from tests.bench.frame import (
    ROOT,
    Cost,
    Row,
    Stopwatch,
    compile_everything,
    environment,
    interleaved,
    interleaved_async,
    ratio,
)
from tests.support import world

FLEET = 20
FLEET_ROUNDS = 5
WARM_ROUNDS = 20
CALLS = 1_000_000
PATH_CALLS = 200_000
STATS_ROUNDS = 5
"""The quickest counts: other work on the machine can only make it slower."""
SPREAD = 29 * 86400.0
"""Seconds over which the calls are spread: the more minutes they fall into, the more there is to store."""


def measure() -> list[Row]:
    compile_everything()
    return [*asyncio.run(_fleet()), *_warm(), _path(), *_million()]


# -- looking ---------------------------------------------------------------------------------------------------------


async def _fleet() -> list[Row]:
    from mcpctl.health.checkup import look_at_all, surroundings
    from mcpctl.session import SessionManager
    from mcpctl.session.launch import Launches

    specs = [
        ServerSpec(name=f"demo-{at}", command=sys.executable, args=("-m", "mcpctl.demo"), cwd=str(ROOT))
        for at in range(FLEET)
    ]
    settings = Settings(servers={spec.name: spec for spec in specs})

    async def start(manager: Any) -> None:
        async def one(spec: ServerSpec) -> None:
            async with manager.open(spec) as session:
                await session.connect()

        await asyncio.gather(*map(one, specs))

    async def look(manager: Any, outside: Any) -> None:
        around = surroundings(manager, Launches(settings, outside, lambda _: None), settings, outside)
        servers = await look_at_all(specs, around, level="list")
        assert all(server.status == "healthy" for server in servers), servers

    async def timed(kind: str) -> Cost:
        with tempfile.TemporaryDirectory(prefix="mcpctl-bench-") as folder:
            outside = world(Path(folder))
            manager = SessionManager(settings, outside)
            try:
                with Stopwatch() as watch:
                    await (start(manager) if kind == "start" else look(manager, outside))
            finally:
                await manager.aclose()
            return watch.cost

    samples = await interleaved_async(
        {kind: (lambda kind=kind: timed(kind)) for kind in ("start", "look")},  # type: ignore[misc]
        rounds=FLEET_ROUNDS,
    )
    return [
        Row(
            name=f"health of {FLEET} demo servers",
            value=ratio(samples, "look", "start"),
            reference="starting them",
            limit=1.15,
        )
    ]


def _warm() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="mcpctl-bench-") as name:
        folder = Path(name)
        echo = ROOT / "tests/bench/servers/echo.py"
        (folder / "mcpctl.toml").write_text(
            f"[servers.echo]\ncommand = {json.dumps(sys.executable)}\nargs = [{json.dumps(str(echo))}]\n"
        )
        rt = folder / "run"
        rt.mkdir(mode=0o700)
        outside = {
            **environment(),
            "PYTHONPATH": str(ROOT),
            "XDG_RUNTIME_DIR": str(rt),
            "XDG_STATE_HOME": str(folder / "state"),
        }
        mcpctl = [sys.executable, "-m", "mcpctl"]
        subprocess.run([*mcpctl, "run", "--detach"], cwd=folder, env=outside, check=True, capture_output=True)
        try:
            samples = interleaved(
                {
                    "pass": lambda: _wall([sys.executable, "-c", "pass"], folder, outside),
                    "health": lambda: _wall([*mcpctl, "health", "echo"], folder, outside),
                },
                rounds=WARM_ROUNDS,
                warm=2,
            )
        finally:
            subprocess.run(
                [*mcpctl, "stop", "--all"], cwd=folder, env=outside, check=False, capture_output=True
            )
        return [
            Row(
                name="health with a supervisor",
                value=ratio(samples, "health", "pass"),
                reference="python -c pass",
                limit=3,
            )
        ]


def _wall(command: list[str], folder: Path, env: dict[str, str]) -> Cost:
    began = time.perf_counter()
    subprocess.run(command, cwd=folder, env=env, check=True, stdout=subprocess.DEVNULL)
    return Cost(wall=time.perf_counter() - began, cpu=0.0)


# -- remembering -----------------------------------------------------------------------------------------------------


def _path() -> Row:
    from mcpctl.history.recorder import Recorder

    with tempfile.TemporaryDirectory(prefix="mcpctl-bench-") as folder:
        made = Recorder(Path(folder) / "history.db")
        event = CallFinished(server="s", tool="t", arguments={"a": 1}, ok=True, seconds=0.01, bytes_in=10)
        began = time.perf_counter()
        for _ in range(PATH_CALLS):
            made.record(event)
        each = (time.perf_counter() - began) / PATH_CALLS
        made.close()
    return Row(
        name="recording a call, on its path",
        value=each * 1e6,
        unit="us",
        limit=5,
        note="the writer runs beside it",
    )


def _million() -> list[Row]:
    from mcpctl.history.reading import History
    from mcpctl.history.summary import Summary

    with tempfile.TemporaryDirectory(prefix="mcpctl-bench-") as folder:
        path = Path(folder) / "history.db"
        until = _fill(path)
        size = sum(file.stat().st_size for file in Path(folder).iterdir())
        took = float("inf")
        for _ in range(STATS_ROUNDS):
            began = time.perf_counter()
            summary = Summary(History(path).spans(until - SPREAD, until), since=until - SPREAD, until=until)
            assert summary.rows("server")
            assert summary.tools()
            assert summary.moments()
            took = min(took, time.perf_counter() - began)
        assert summary.whole.calls >= CALLS * 0.99, summary.whole.calls
    return [
        Row(name="a million calls on disk", value=size / 1e6, unit="MB", limit=200),
        Row(name="stats over a million calls", value=took, unit="s", limit=1),
    ]


def _fill(path: Path) -> float:
    from mcpctl.history.recorder import Recorder

    now = time.time() - SPREAD
    chance = random.Random(1)
    made = Recorder(path, now=lambda: now, flush_every=3600)
    calls = [
        CallFinished(
            server=chance.choice(("files", "search", "db")),
            tool=f"tool-{chance.randrange(10)}",
            arguments={},
            ok=bool(chance.random() > 0.03),
            seconds=chance.lognormvariate(-4, 0.8),
            bytes_in=chance.randrange(9999),
        )
        for _ in range(5000)
    ]
    for at in range(CALLS):
        now += SPREAD / CALLS
        made.record(calls[at % len(calls)])
        if at % 10_000 == 0:
            made.flush()
    made.flush()
    made.close()
    return now
