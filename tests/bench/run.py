"""`mcpctl run`: warm calls, reloads and crashes under load, the way from a save to new code, and what idling costs."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from mcpctl.errors import McpctlError
from mcpctl.model.events import ignore
from mcpctl.model.server import ServerSpec
from mcpctl.model.settings import Settings
from mcpctl.session import SessionManager
from mcpctl.supervisor.fleet import Fleet
from tests.bench.frame import Row, Stopwatch, environment, interleaved, process, ratio, skipped
from tests.bench.installation import NotInstalledError, scripts
from tests.supervisor.places import build, call, fleet, until, write_build
from tests.support import world

ROUNDS = 40
SERVERS = Path(__file__).parent / "servers"
ECHO = ServerSpec(name="echo", command=sys.executable, args=("-I", "-S", str(SERVERS / "echo.py")))

CALLERS = 50
WORK = 0.05
"""Seconds that the tool takes under reloads: what latencies are held against."""

RELOADS, BROKEN, CRASHES = 20, (4, 9, 13, 18), (6, 11, 16)

IDLE_SERVERS = 20
IDLE_SECONDS = 5.0


def measure() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="mcpctl-run-") as name:
        folder = Path(name)
        rows = _warm(folder)
        for strategy in ("swap", "restart"):
            rows += asyncio.run(_chaos(folder, strategy))
        rows += [asyncio.run(_save(folder)), asyncio.run(_overhead(folder))]
        return rows + _idle(folder)


# -- warm calls --------------------------------------------------------------------------------------------------------


def _warm(folder: Path) -> list[Row]:
    try:
        python, command = scripts() / "python", scripts() / "mcpctl"
    except NotInstalledError as reason:
        return [skipped("mcpctl call, warm", str(reason))]
    with _supervised(folder, command, 1):
        samples = interleaved(
            {
                "pass": partial(process, [python, "-c", "pass"], cwd=folder),
                "mcpctl call, warm": partial(process, [command, "call", "s0", "echo", "text=hi"], cwd=folder),
                "mcpctl call --json, warm": partial(
                    process, [command, "call", "s0", "echo", "text=hi", "--json"], cwd=folder
                ),
                "mcpctl ps": partial(process, [command, "ps"], cwd=folder),
                **_peers(folder),
            },
            rounds=ROUNDS,
            warm=3,
        )
    rows = [_ratio_row(samples, name) for name in samples if name != "pass"]
    absent = "mcp2cli --session" not in samples
    return [*rows, *([skipped("mcp2cli --session", "`mcp2cli` is not on PATH")] if absent else [])]


def _ratio_row(samples: Any, name: str) -> Row:
    ours = name.startswith("mcpctl call")
    return Row(
        name=name,
        value=ratio(samples, name, "pass"),
        reference="python -c pass",
        goal=1.15 if ours else None,
        limit=1.5 if ours else None,
        note=f"CPU {ratio(samples, name, 'pass', kind='cpu'):.2f} x",
    )


def _peers(folder: Path) -> dict[str, Any]:
    """`mcp2cli --session`, where it is installed: the fastest of the peers."""
    if not shutil.which("mcp2cli"):
        return {}
    server = " ".join([ECHO.command or "", *ECHO.args])
    start = ["mcp2cli", "--mcp-stdio", server, "--session-start", "bench"]
    if subprocess.run(start, cwd=folder, env=environment(), capture_output=True, check=False).returncode:
        return {}
    words = ["mcp2cli", "--session", "bench", "echo", "--text", "hi"]
    return {"mcp2cli --session": partial(process, words, cwd=folder)}


@contextlib.contextmanager
def _supervised(folder: Path, command: Path, count: int) -> Iterator[int]:
    """A supervisor in the background; everything it writes is in `folder`."""
    assert ECHO.command is not None
    described = {f"s{number}": {"command": ECHO.command, "args": list(ECHO.args)} for number in range(count)}
    (folder / "mcpctl.json").write_text(json.dumps({"servers": described}))
    (folder / "run").mkdir(mode=0o700, exist_ok=True)
    os.environ.update(
        XDG_RUNTIME_DIR=str(folder / "run"),
        XDG_STATE_HOME=str(folder / "state"),
        XDG_CACHE_HOME=str(folder / "cache"),
        XDG_CONFIG_HOME=str(folder / "config"),
    )
    ask = partial(subprocess.run, cwd=folder, env=environment(), capture_output=True, check=True)
    started = json.loads(ask([command, "run", "--detach", "--json"]).stdout)
    try:
        states: set[str] = set()
        while states != {"running"}:
            servers = json.loads(ask([command, "ps", "--json"]).stdout)["data"]["servers"]
            states = {each["state"] for each in servers}
            time.sleep(0.05)
        yield started["data"]["pid"]
    finally:
        ask([command, "stop", "--all"])
        until_gone = time.monotonic() + 10
        while Path(f"/proc/{started['data']['pid']}").exists() and time.monotonic() < until_gone:
            time.sleep(0.02)


# -- reloads and crashes under load --------------------------------------------------------------------------------------


async def _chaos(folder: Path, strategy: str) -> list[Row]:
    """50 callers at once; reloads, some of them of broken builds, and servers that are killed."""
    server = folder / f"{strategy}.py"
    write_build(server, "v0", work=WORK, boot=0.3)
    spec = build(server, reload=strategy)
    seen: Counter[str] = Counter()
    reloads = Worst()
    async with fleet(folder, spec) as kept:
        await kept.start(["build"])
        callers = [asyncio.create_task(_caller(kept, seen, reloads)) for _ in range(CALLERS)]
        await until(lambda: sum(seen.values()) > CALLERS)
        for number in range(1, RELOADS + 1):
            broken = number in BROKEN
            extra = "sys.exit('broken')" if broken else ""
            write_build(server, f"v{number}", work=WORK, boot=0.3, extra=extra)
            reloads.reload = number
            await kept.reload(["build"], "bench")
            if not broken:
                await until(lambda version=f"v{number}": seen[version] > CALLERS, 10)
            reloads.reload = 0
            if number in CRASHES:
                await _crash(kept)
        for task in callers:
            task.cancel()
        await asyncio.gather(*callers, return_exceptions=True)
    total = sum(count for name, count in seen.items() if name.startswith("v"))
    name = f"{RELOADS} reloads by {strategy}"
    return [
        Row(name=f"{name}, failed", value=seen["failed"], unit="calls", limit=0, note=f"of {total}"),
        Row(
            name=f"{name}, worst call",
            value=reloads.seconds * 1000,
            unit="ms",
            limit=2 * WORK * 1000 + 100 if strategy == "swap" else None,
            note=f"the tool takes {WORK * 1000:g} ms",
        ),
    ]


class Worst:
    """The longest call while a reload goes on."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.reload = 0
        """Which one goes on; 0 for none."""


async def _caller(kept: Fleet, seen: Counter[str], worst: Worst) -> None:
    while True:
        began = time.perf_counter()
        reload = worst.reload
        try:
            seen[(await call(kept)).split()[0]] += 1
        except McpctlError as error:
            seen["failed"] += 1
            seen[error.message] += 1
        if reload and reload == worst.reload:  # else a crash may lie between
            worst.seconds = max(worst.seconds, time.perf_counter() - began)


async def _crash(kept: Fleet) -> None:
    pid = kept.status("build").pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    await until(
        lambda: kept.status("build").pid not in (pid, None) and kept.status("build").state == "running", 10
    )


# -- from a save to new code ---------------------------------------------------------------------------------------------


async def _save(folder: Path) -> Row:
    """Beyond the time that the server itself takes to start."""
    from mcpctl.supervisor.watching.watcher import Watcher

    server = folder / "saved" / "server.py"
    server.parent.mkdir()
    write_build(server, "v0")
    spec = build(server)
    waits = []
    async with fleet(folder, spec) as kept:
        began = time.perf_counter()
        await kept.start(["build"])
        start = time.perf_counter() - began
        watcher = Watcher(server.parent, clock=time.monotonic, emit=ignore)
        watcher.watch_servers({"build": spec}, lambda name, why: kept.keeper(name).reload_soon(why) and None)
        for number in range(1, 8):
            began = time.perf_counter()
            write_build(server, f"v{number}")
            while not (await call(kept)).startswith(f"v{number}"):
                await asyncio.sleep(0.002)
            waits.append(time.perf_counter() - began)
        watcher.close()
    beyond = sorted(waits)[len(waits) // 2] - start
    return Row(
        name="save to new code serving, beyond its start",
        value=beyond * 1000,
        unit="ms",
        limit=300,
        note=f"the start takes {start * 1000:.0f} ms",
    )


# -- what it costs -------------------------------------------------------------------------------------------------------


async def _overhead(folder: Path) -> Row:
    """CPU of a call through a kept server against one through a plain session, 64 in flight."""
    kept = Fleet(Settings(servers={"echo": ECHO}), world(folder), redactor=_redactor(), emit=ignore)
    plain = SessionManager(Settings(servers={"echo": ECHO}), world(folder))
    try:
        ratios = []
        for _ in range(7):
            mine, other = await _burst(kept.sessions), await _burst(plain)
            ratios.append(mine / other)
    finally:
        await kept.aclose()
        await plain.aclose()
    return Row(
        name="a supervised call, 64 in flight",
        value=sorted(ratios)[len(ratios) // 2],
        reference="the same session alone",
        limit=1.2,
    )


async def _burst(sessions: SessionManager) -> float:
    async with sessions.open("echo") as session:
        await session.call_tool("echo", {"text": "hi"})

        async def caller() -> None:
            for _ in range(30):
                await session.call_tool("echo", {"text": "hi"})

        with Stopwatch() as watch:
            await asyncio.gather(*(caller() for _ in range(64)))
    return watch.cost.cpu


def _redactor() -> Any:
    from mcpctl.policy.redaction import Redactor

    return Redactor()


def _idle(folder: Path) -> list[Row]:
    if not Path("/proc/self/smaps_rollup").exists():
        return [skipped("idle supervisor", "needs /proc")]
    try:
        command = scripts() / "mcpctl"
    except NotInstalledError as reason:
        return [skipped("idle supervisor", str(reason))]
    with _supervised(folder, command, IDLE_SERVERS) as pid:
        before = _cpu(pid)
        time.sleep(IDLE_SECONDS)
        share = (_cpu(pid) - before) / IDLE_SECONDS
        memory = _memory(pid)
    name = f"idle with {IDLE_SERVERS} servers"
    return [
        Row(name=f"{name}, CPU", value=share * 100, unit="% of a core", limit=1),
        Row(name=f"{name}, memory", value=memory / 1e6, unit="MB", goal=80, limit=120),
    ]


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) * 1024
