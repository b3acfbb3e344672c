"""`mcpctl run --detach`: a supervisor in the background, and the handing over from one that runs already."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Final

from mcpctl.commands.context import Context
from mcpctl.commands.own_place import log_folder, place
from mcpctl.control.server import Control, already_running
from mcpctl.errors import ConnectError, DeadlineError
from mcpctl.model.running import RunOptions, RunReport
from mcpctl.model.server import ServerSpec
from mcpctl.supervisor import runfile

READY_LIMIT: Final = 20.0
"""Seconds until a background supervisor must take commands; its servers may take longer."""

LEAVE_LIMIT: Final = 15.0
"""Seconds that the old supervisor has to end its servers when a new one takes over."""

IDLE: Final = 300.0
"""Seconds without a call after which a server that is kept alive, and says nothing else, is let go."""

LOG_BYTES: Final = 10 << 20
"""A supervisor's own log begins anew beyond this."""

_PAUSE: Final = 0.01
"""Seconds between two looks at another process, which takes tenths of a second to come or go."""


async def detach(options: RunOptions, ctx: Context) -> RunReport:
    """Start it, and return when it takes commands."""
    _ = ctx.settings  # a broken configuration is told here, where somebody reads it
    control = Control(place(ctx.world, ctx.options), ctx.world.env)
    if options.replace:
        await take_over(control)
    past = runfile.read(control.run_file)
    if past is not None and past.supervisor.alive:
        raise already_running(control.run_file)
    log = log_folder(ctx.world, ctx.options) / "supervisor.log"
    pid = await _ready(_spawn(arguments(options, ctx), ctx, log), control, log)
    return RunReport(pid=pid, detached=True, socket=str(control.socket), log=str(log))


async def keep_alive(spec: ServerSpec, ctx: Context) -> None:
    """Have a supervisor for this server, whoever starts it: of several that try, one wins."""
    control = Control(place(ctx.world, ctx.options), ctx.world.env)
    if control.answers():
        return
    idle = spec.idle_timeout or IDLE
    options = RunOptions(servers=(spec.name,), detach=True, idle=idle)
    log = log_folder(ctx.world, ctx.options) / "supervisor.log"
    await _ready(_spawn(arguments(options, ctx), ctx, log), control, log, rivals=True)


async def take_over(control: Control) -> None:
    """End the supervisor that runs, whatever its version; by its run file, never by name."""
    past = runfile.read(control.run_file)
    if past is None or not past.supervisor.alive:
        return
    os.kill(past.supervisor.pid, signal.SIGTERM)
    try:
        async with asyncio.timeout(LEAVE_LIMIT):
            while past.supervisor.alive:  # noqa: ASYNC110 - another process sets no event of ours
                await asyncio.sleep(_PAUSE)
    except TimeoutError as error:
        raise DeadlineError(
            f"the supervisor with pid {past.supervisor.pid} did not leave within {LEAVE_LIMIT:g} s",
            step="replace",
            limit=LEAVE_LIMIT,
            hint=f"end it yourself: `kill -9 {past.supervisor.pid}`, then `mcpctl doctor --fix`",
        ) from error


def arguments(options: RunOptions, ctx: Context) -> list[str]:
    """The command line of the one in the background."""
    words = ["run", "--json", *options.servers]
    for name, values in (("--config", ctx.options.config), ("--input", ctx.options.input)):
        for value in values:
            words += [name, value]
    if ctx.options.profile is not None:
        words += ["--profile", ctx.options.profile]
    for name, seconds in (("--for", options.duration), ("--idle", options.idle)):
        if seconds is not None:
            words += [name, f"{seconds:g}s"]
    flags = (("--no-watch", not options.watch), ("--exit-on-failure", options.exit_on_failure))
    words += [name for name, given in flags if given]
    for name, address in (("--http", options.http), ("--serve", options.serve)):
        if address is not None:
            words += [name, address]
    for name in options.allow_host:
        words += ["--allow-host", name]
    return words


def _spawn(words: list[str], ctx: Context, log: Path) -> subprocess.Popen[bytes]:
    log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if log.exists() and log.stat().st_size > LOG_BYTES:
        log.replace(log.with_name("supervisor.log.1"))
    env = dict(ctx.world.env)
    package = Path(__file__).resolve().parents[2]
    if package.name not in {"site-packages", "dist-packages"}:
        env["PYTHONPATH"] = os.pathsep.join([str(package), *filter(None, [env.get("PYTHONPATH")])])
    with log.open("ab") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "mcpctl", *words],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=ctx.world.cwd,
            env=env,
            start_new_session=True,
        )


async def _ready(child: subprocess.Popen[bytes], control: Control, log: Path, *, rivals: bool = False) -> int:
    """Wait until somebody answers at the socket: this child, or with `rivals` one that was faster."""
    until = time.monotonic() + READY_LIMIT
    while time.monotonic() < until:
        past = runfile.read(control.run_file)
        if past is not None and past.supervisor.alive and control.answers():
            return past.supervisor.pid
        status = child.poll()
        if status is not None and not (rivals and status == ConnectError.exit_code):
            raise _died(status, log)
        await asyncio.sleep(_PAUSE)
    raise DeadlineError(
        f"the supervisor did not take commands within {READY_LIMIT:g} s",
        step="start",
        limit=READY_LIMIT,
        hint=f"see its log: {log}",
    )


def _died(status: int, log: Path) -> ConnectError:
    error = _last_error(log)
    return ConnectError(
        error.get("message") or f"the supervisor ended with code {status}",
        code=error.get("code") or "connect.supervisor",
        hint=error.get("hint") or f"see its log: {log}",
        exit_status=status,
    )


def _last_error(log: Path) -> dict[str, Any]:
    try:
        found = json.loads(log.read_bytes().splitlines()[-1])
        error = found["errors"][0]
    except (OSError, ValueError, LookupError, TypeError):
        return {}
    return error if isinstance(error, dict) else {}
