"""The load generator against the fastest client there is, against wrk, and against a loop over the SDK's client.

Each run is what `mcpctl loadtest` makes: a worker process with histograms, checks and all. The servers are ours, in C.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from mcpctl.loadtest.conductor import conduct
from mcpctl.loadtest.limits import raise_descriptors
from mcpctl.loadtest.plan import Operation, Plan, Target
from mcpctl.loadtest.profile import FOREVER, steady
from mcpctl.loadtest.results import Run
from mcpctl.loadtest.workers import Workers
from mcpctl.model.events import ignore
from tests.bench.frame import ROOT, Cost, Row, Stopwatch, skipped

ROUNDS = 5
SECONDS = 1.0
SDK_CALLS = {"stdio": 2560, "http": 640}
"""Few enough that the SDK's turn stays around a second."""

FREEZE, FROZEN_AT, RATE, LONG = 0.5, 1.5, 500, 4.0
"""A server stands still once for half a second, under 500 calls a second for four seconds."""

SESSIONS = 10_000
SOURCES = ROOT / "tests" / "servers"
ENV = {"PATH": os.environ.get("PATH", os.defpath)}
INITIALIZE = {
    "protocolVersion": "2025-11-25",
    "capabilities": {},
    "clientInfo": {"name": "bench", "version": "1"},
}
CALL = Operation(
    name="echo",
    kind="tool",
    target=0,
    method="tools/call",
    params='{"name":"echo","arguments":{"text":"hi"}}',
)
WRK = """
wrk.method = "POST"
wrk.body = '{"jsonrpc":"2.0","id":1000000000,"method":"tools/call","params":{"name":"echo","arguments":{"text":"hi"}}}'
wrk.headers["content-type"] = "application/json"
wrk.headers["accept"] = "application/json, text/event-stream"
wrk.headers["mcp-protocol-version"] = "2025-11-25"
"""


def measure() -> list[Row]:
    if shutil.which("cc") is None:
        return [skipped("load generator", "no C compiler")]
    with tempfile.TemporaryDirectory(prefix="mcpctl-bench-") as name:
        folder = Path(name)
        server, driver = (_compiled(program, folder) for program in ("echo_server", "drive"))
        pipe = _stdio(server)
        with _http(server) as web:
            return [
                *_stdio_rows(pipe, driver),
                _alone(pipe, driver),
                *_http_rows(web, folder),
                *_width_rows({"stdio": pipe, "http": web}),
                *_frozen(server),
                _scale_out(pipe),
                _many_sessions(server),
            ]


# -- rows ------------------------------------------------------------------------------------------------------------


def _stdio_rows(target: Target, driver: str) -> list[Row]:
    assert target.command is not None
    sdk, ours, limit, little = [], [], [], []
    for _ in range(ROUNDS):
        sdk.append(asyncio.run(_sdk_over_stdio(target)))
        run = made(_closed(target, 64))
        ours.append(run)
        little.append(run.whole().latency.mean / 1e9 * run.whole().within / run.duration / 64)
        limit.append(_driven(driver, target, in_flight=64, calls=1_000_000))
    calls = SDK_CALLS["stdio"]
    faster = median(_rps(run) / (calls / cost.wall) for run, cost in zip(ours, sdk, strict=True))
    cheaper = median(cost.cpu / calls / _cpu_per_call(run) for run, cost in zip(ours, sdk, strict=True))
    reached = median(_rps(run) / each["rps"] for run, each in zip(ours, limit, strict=True))
    note = f"{median(_rps(run) for run in ours):,.0f}/s, {median(map(_cpu_per_call, ours)) * 1e6:.2f} us of CPU a call"
    return [
        Row(
            name="loadtest, stdio, 64 in flight: throughput",
            value=faster,
            reference="mcp.Client.call_tool",
            limit=40,
            better="more",
            note=note,
        ),
        Row(
            name="loadtest, stdio, 64 in flight: CPU",
            value=cheaper,
            unit="x less",
            reference="mcp.Client.call_tool",
            limit=50,
            better="more",
        ),
        Row(
            name="loadtest, stdio, 64 in flight: of the limit",
            value=reached,
            reference="a client in C",
            goal=0.4,
            limit=1 / 8,
            better="more",
        ),
        Row(
            name="loadtest, stdio, 64 in flight: mean latency",
            value=max(abs(each - 1) for each in little),
            unit="off",
            reference="in flight / throughput",
            limit=0.05,
        ),
    ]


def _alone(target: Target, driver: str) -> Row:
    """On one processor, for who runs where is the scheduler's dice, and worth a factor of ten."""
    ratios = []
    with _on_one_processor():
        for _ in range(ROUNDS):
            ours = made(_closed(target, 1)).whole().latency.percentile(50) / 1e3
            ratios.append(ours / _driven(driver, target, in_flight=1, calls=100_000)["p50_us"])
    return Row(
        name="loadtest, stdio, 1 in flight: median latency",
        value=median(ratios),
        reference="a client in C",
        limit=4,
    )


def _http_rows(target: Target, folder: Path) -> list[Row]:
    sdk, ours, wrk = [], [], []
    for _ in range(ROUNDS):
        sdk.append(asyncio.run(_sdk_over_http(target)))
        ours.append(made(_closed(target, 64)))
        wrk.append(_wrk(target, folder))
    calls = SDK_CALLS["http"]
    faster = median(_rps(run) / (calls / cost.wall) for run, cost in zip(ours, sdk, strict=True))
    note = f"{median(map(_rps, ours)):,.0f}/s, {median(map(_cpu_per_call, ours)) * 1e6:.2f} us of CPU a call"
    rows = [
        Row(
            name="loadtest, HTTP, 64 connections: throughput",
            value=faster,
            reference="mcp.Client.call_tool",
            limit=50,
            better="more",
            note=note,
        )
    ]
    name = "loadtest, HTTP, 64 connections: of the limit"
    if None in wrk:
        return [*rows, skipped(name, "`wrk` is not on PATH")]
    reached = median(_rps(run) / float(each or 1) for run, each in zip(ours, wrk, strict=True))
    return [*rows, Row(name=name, value=reached, reference="wrk", goal=0.7, limit=0.5, better="more")]


def _width_rows(targets: dict[str, Target]) -> Iterator[Row]:
    for name, target in targets.items():
        ratios = []
        for _ in range(ROUNDS):
            narrow, wide = (_cpu_per_call(made(_closed(target, width))) for width in (64, 256))
            ratios.append(wide / narrow)
        yield Row(
            name=f"loadtest, {name}, 256 in flight: CPU a call",
            value=median(ratios),
            reference="64 in flight",
            goal=1.0,
            limit=1.25,
        )


def _frozen(server: str) -> list[Row]:
    freeze = ("--freeze-at", str(int(FROZEN_AT * 1000)), "--freeze-for", str(int(FREEZE * 1000)))
    errors, slips = [], []
    for _ in range(3):
        run = made(_open(_stdio(server, *freeze), RATE, LONG))
        truth = _true_percentile(0.99)
        errors.append(abs(run.whole().latency.percentile(99) / 1e9 / truth - 1))
        slips.append(run.effort.slip.percentile(50) / 1e3)
    return [
        Row(
            name="loadtest, a server that freezes: p99",
            value=median(errors),
            unit="off",
            reference=f"computed, {_true_percentile(0.99) * 1e3:.0f} ms",
            limit=0.05,
        ),
        Row(name="loadtest, 500/s: lateness of a send, median", value=median(slips), unit="us", limit=60),
    ]


def _scale_out(target: Target) -> Row:
    ratios = []
    for _ in range(3):
        one, two = (_rps(made(_closed(target, 64 * workers), workers=workers)) for workers in (1, 2))
        ratios.append(two / one)
    note = f"{os.cpu_count()} processors, which the servers share"
    return Row(
        name="loadtest --workers 2: throughput",
        value=median(ratios),
        reference="1 worker",
        limit=1.5,
        better="more",
        note=note,
    )


def _many_sessions(server: str) -> Row:
    raise_descriptors(SESSIONS + 500)
    seen: list[int] = []
    with _http(server, "--session") as target:
        plan = Plan(
            targets=(target,),
            operations=(CALL,),
            model="closed",
            profile=steady(SESSIONS, until=FOREVER),
            sessions=SESSIONS,
            requests=3 * SESSIONS,
        )

        async def load() -> Run:
            group = Workers(1, ENV)
            try:
                member = group._members[0]._pipe.process.pid
                return await group.run(plan, lambda *_: seen.append(_peak(member)))
            finally:
                await group.aclose()

        run = asyncio.run(load())
    return Row(
        name=f"loadtest, {SESSIONS:,} HTTP sessions: memory",
        value=max(seen) / 1e6,
        unit="MB",
        limit=150,
        note=f"{run.connect.count:,} opened, {run.ok:,} calls, errors {run.whole().errors or 'none'}",
    )


# -- runs ------------------------------------------------------------------------------------------------------------


def made(plan: Plan, *, workers: int = 1) -> Run:
    """As the verb makes it, without the screen."""

    async def load() -> Run:
        group = Workers(workers, ENV)
        try:
            return await conduct(plan, group, emit=ignore)
        finally:
            await group.aclose()

    return asyncio.run(load())


def _closed(target: Target, places: int, seconds: float = SECONDS) -> Plan:
    return Plan(targets=(target,), operations=(CALL,), model="closed", profile=steady(places, until=seconds))


def _open(target: Target, rate: float, seconds: float) -> Plan:
    return Plan(targets=(target,), operations=(CALL,), model="open", profile=steady(rate, until=seconds))


def _rps(run: Run) -> float:
    return run.whole().within / run.duration


def _cpu_per_call(run: Run) -> float:
    """Seconds."""
    return run.effort.cpu_share * run.duration / run.whole().within


def _true_percentile(share: float) -> float:
    """Seconds: of RATE x LONG requests those that fall into the freeze wait for what is left of it, the others not."""
    beyond = (1 - share) * RATE * LONG
    return FREEZE - beyond / RATE


def _compiled(name: str, folder: Path) -> str:
    made_here = folder / name
    subprocess.run(["cc", "-O2", "-o", made_here, SOURCES / f"{name}.c"], check=True)
    return str(made_here)


def _stdio(server: str, *options: str) -> Target:
    return Target(
        name="echo",
        transport="stdio",
        era="handshake",
        protocol_version="2025-11-25",
        initialize=INITIALIZE,
        command=server,
        args=("stdio", *options),
    )


@contextmanager
def _http(server: str, *options: str) -> Iterator[Target]:
    child = subprocess.Popen([server, "http", "0", *options], stdout=subprocess.PIPE)
    assert child.stdout is not None
    try:
        port = int(child.stdout.readline())
        yield Target(
            name="echo",
            transport="http",
            era="handshake",
            protocol_version="2025-11-25",
            initialize=INITIALIZE,
            url=f"http://127.0.0.1:{port}/mcp",
        )
    finally:
        child.kill()
        child.wait()
        child.stdout.close()


def _driven(driver: str, target: Target, *, in_flight: int, calls: int) -> dict[str, float]:
    assert target.command is not None
    command = [driver, str(in_flight), str(calls), "--", target.command, *target.args]
    found: dict[str, float] = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    return found


def _wrk(target: Target, folder: Path) -> float | None:
    if shutil.which("wrk") is None:
        return None
    script = folder / "post.lua"
    script.write_text(WRK)
    command = ["wrk", "-t1", "-c64", f"-d{SECONDS:g}", "-s", str(script), target.url or ""]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = re.search(r"Requests/sec:\s+([\d.]+)", told)
    return float(found[1]) if found else None


async def _sdk_over_stdio(target: Target) -> Cost:
    from mcp import Client, StdioServerParameters

    assert target.command is not None
    async with Client(StdioServerParameters(command=target.command, args=list(target.args))) as client:
        return await _calls(lambda: client.call_tool("echo", {"text": "hi"}), SDK_CALLS["stdio"])


async def _sdk_over_http(target: Target) -> Cost:
    from mcp import Client

    async with Client(target.url or "") as client:
        return await _calls(lambda: client.call_tool("echo", {"text": "hi"}), SDK_CALLS["http"])


async def _calls(call: Callable[[], Awaitable[Any]], count: int) -> Cost:
    async def worker(calls: int) -> None:
        for _ in range(calls):
            await call()

    await worker(16)
    with Stopwatch() as watch:
        await asyncio.gather(*(worker(count // 64) for _ in range(64)))
    return watch.cost


@contextmanager
def _on_one_processor() -> Iterator[None]:
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _peak(pid: int) -> int:
    """Bytes of memory that a process had at most."""
    status = Path(f"/proc/{pid}/status")
    found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text()) if status.exists() else None
    return int(found[1]) * 1024 if found else 0
