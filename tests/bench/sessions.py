"""Many servers at once and many calls at once, through the session manager, against the SDK's own client."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from mcpctl.model.server import ServerSpec
from mcpctl.model.settings import Settings
from tests.bench.frame import (
    ROOT,
    Cost,
    Row,
    Stopwatch,
    available,
    compile_everything,
    environment,
    interleaved_async,
    ratio,
    resident,
    skipped,
)
from tests.support import world

FLEET = 50
FLEET_ROUNDS = 2
"""Each takes half a minute of two cores: enough to see a tenth, not enough to see less."""

IN_FLIGHT = 64
CALLS = {"stdio": 6400, "http": 1920}
CALL_ROUNDS = 5

FIRST_SESSIONS = 20
"""Opened before the memory is looked at, so that what is loaded once is not charged to the next ones."""
MORE_SESSIONS = 100

SERVERS = Path(__file__).parent / "servers"
ECHO = (sys.executable, "-I", "-S", str(SERVERS / "echo.py"))
DEMO = (sys.executable, "-m", "mcpctl.demo")

Call = Callable[[], Awaitable[Any]]


def measure() -> list[Row]:
    if not available("mcpctl.session.manager"):
        return [skipped("sessions", "there is no session manager yet")]
    compile_everything()
    with _echo_over_http() as url:
        return [
            *asyncio.run(_cpu_per_call(_stdio("echo", ECHO), limit=5)),
            *asyncio.run(_cpu_per_call(_http("echo", url), limit=15)),
            *(_memory_row(transport, url) for transport in CALLS),
            *asyncio.run(_fleet([_stdio(f"demo-{number}", DEMO) for number in range(FLEET)])),
        ]


def _stdio(name: str, command: tuple[str, ...]) -> ServerSpec:
    return ServerSpec(name=name, command=command[0], args=command[1:], cwd=str(ROOT))


def _http(name: str, url: str) -> ServerSpec:
    return ServerSpec(name=name, transport="http", url=url)


@asynccontextmanager
async def _managed(specs: list[ServerSpec]) -> AsyncIterator[Any]:
    from mcpctl.session.manager import SessionManager

    with tempfile.TemporaryDirectory(prefix="mcpctl-bench-") as folder:
        manager = SessionManager(Settings(servers={spec.name: spec for spec in specs}), world(Path(folder)))
        try:
            yield manager
        finally:
            await manager.aclose()


def _sdk(spec: ServerSpec) -> Any:
    from mcp import Client, StdioServerParameters

    if spec.url is not None:
        return Client(spec.url)
    assert spec.command is not None
    return Client(StdioServerParameters(command=spec.command, args=list(spec.args), cwd=spec.cwd))


# -- CPU of a call ---------------------------------------------------------------------------------------------------


async def _cpu_per_call(spec: ServerSpec, *, limit: float) -> list[Row]:
    count = CALLS[spec.transport]
    async with _managed([spec]) as manager, manager.open(spec.name) as ours, _sdk(spec) as theirs:
        await ours.tools()
        await theirs.list_tools()
        candidates = {
            "ours": partial(_calls, lambda: ours.call_tool("echo", {"text": "hi"}), count),
            "sdk": partial(_calls, lambda: theirs.call_tool("echo", {"text": "hi"}), count),
        }
        samples = await interleaved_async(candidates, rounds=CALL_ROUNDS)
    each = 1e6 / count
    note = ", ".join(
        f"{name} {sorted(cost.cpu for cost in costs)[len(costs) // 2] * each:.0f} us a call"
        for name, costs in samples.items()
    )
    return [
        Row(
            name=f"CPU of a call over {spec.transport}, {IN_FLIGHT} in flight",
            value=ratio(samples, "sdk", "ours", kind="cpu"),
            unit="x less",
            reference="mcp.Client.call_tool",
            limit=limit,
            better="more",
            note=note,
        )
    ]


async def _calls(call: Call, count: int) -> Cost:
    async def worker() -> None:
        for _ in range(count // IN_FLIGHT):
            await call()

    with Stopwatch() as watch:
        await asyncio.gather(*(worker() for _ in range(IN_FLIGHT)))
    return watch.cost


# -- memory of a session ---------------------------------------------------------------------------------------------


def _memory_row(transport: str, url: str) -> Row:
    """In a process of its own: here, what other benchmarks have freed would be used first and hide the need."""
    script = f"import tests.bench.sessions as s; print(s.memory_of_one_more({transport!r}, {url!r}))"
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, check=True)
    return Row(
        name=f"memory of one more session over {transport}",
        value=float(done.stdout) / 1000,
        unit="kB",
        limit=100,
    )


def memory_of_one_more(transport: str, url: str) -> float:
    """Bytes, as the mean over many sessions that were all used once and stay open."""
    every = range(FIRST_SESSIONS + MORE_SESSIONS)
    if transport == "stdio":
        return asyncio.run(_memory([_stdio(f"echo-{number}", ECHO) for number in every]))
    return asyncio.run(_memory([_http(f"echo-{number}", url) for number in every]))


async def _memory(specs: list[ServerSpec]) -> float:
    async with _managed(specs) as manager, AsyncExitStack() as stack:
        sessions = [await stack.enter_async_context(manager.open(spec.name)) for spec in specs]
        await asyncio.gather(*(_use(session) for session in sessions[:FIRST_SESSIONS]))
        before = resident()
        await asyncio.gather(*(_use(session) for session in sessions[FIRST_SESSIONS:]))
        return (resident() - before) / MORE_SESSIONS


async def _use(session: Any) -> None:
    await session.tools()
    await session.call_tool("echo", {"text": "hi"})


# -- a fleet that starts together ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """Seconds after which each server had answered its first list."""

    ready: tuple[float, ...]

    @property
    def cost(self) -> Cost:
        return Cost(wall=max(self.ready), cpu=0.0)


async def _fleet(specs: list[ServerSpec]) -> list[Row]:
    starts: list[Started] = []

    async def ours() -> Cost:
        async with _managed(specs) as manager:
            starts.append(await _started([partial(_open_ours, manager, spec.name) for spec in specs]))
        return starts[-1].cost

    async def sdk() -> Cost:
        return (await _started([partial(_open_sdk, spec) for spec in specs])).cost

    samples = await interleaved_async({"ours": ours, "sdk": sdk}, rounds=FLEET_ROUNDS, warm=0)
    spread = sorted(max(start.ready) / min(start.ready) for start in starts)[len(starts) // 2]
    return [
        Row(
            name=f"{FLEET} servers started together",
            value=ratio(samples, "ours", "sdk"),
            reference="bare SDK clients",
            limit=1.1,
            note=f"{os.cpu_count()} cores",
        ),
        Row(
            name="the first is ready before the last",
            value=spread,
            unit="x earlier",
            reference="the last one",
            limit=3,
            better="more",
        ),
    ]


async def _started(opens: list[Callable[[AsyncExitStack], Awaitable[None]]]) -> Started:
    """All stay open until the last one is ready. Each is closed by the task that opened it, as the SDK demands."""
    begun = time.perf_counter()
    ready: list[float] = []
    everybody = asyncio.Event()

    async def one(enter: Callable[[AsyncExitStack], Awaitable[None]]) -> None:
        async with AsyncExitStack() as stack:
            await enter(stack)
            ready.append(time.perf_counter() - begun)
            if len(ready) == len(opens):
                everybody.set()
            await everybody.wait()

    async with asyncio.TaskGroup() as group:
        for enter in opens:
            group.create_task(one(enter))
    return Started(ready=tuple(ready))


async def _open_ours(manager: Any, name: str, stack: AsyncExitStack) -> None:
    session = await stack.enter_async_context(manager.open(name))
    await session.tools()


async def _open_sdk(spec: ServerSpec, stack: AsyncExitStack) -> None:
    client = await stack.enter_async_context(_sdk(spec))
    await client.list_tools()


@contextmanager
def _echo_over_http() -> Iterator[str]:
    command = [sys.executable, str(SERVERS / "echo_http.py")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment()) as server:
        try:
            assert server.stdout is not None
            yield server.stdout.readline().strip()
        finally:
            server.kill()
