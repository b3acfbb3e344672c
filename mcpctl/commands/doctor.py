"""`mcpctl doctor`: this machine, as far as running servers depends on it; `--fix` ends what a crash left behind."""

from __future__ import annotations

import contextlib
import platform
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from mcpctl import __version__
from mcpctl.commands.context import Context
from mcpctl.control.place import folder
from mcpctl.errors import McpctlError
from mcpctl.model.control import DoctorOptions, DoctorReport, Finding
from mcpctl.model.server import ServerSpec
from mcpctl.supervisor import runfile

RUNNERS = ("node", "npx", "uvx", "docker")
"""What servers are most often started with."""

STALE = (".sock", runfile.SUFFIX)
"""What a dead supervisor leaves; its lock is free and may be taken at this very moment."""


def doctor(options: DoctorOptions, ctx: Context) -> DoctorReport:
    findings = (
        *_versions(),
        *_configuration(ctx),
        *_programs(ctx),
        *_folder(ctx),
        *_supervisors(ctx, fix=options.fix),
    )
    bad = any(not each.ok and not each.fixed for each in findings)
    return DoctorReport(findings=findings, exit_code=1 if bad else 0)


def _versions() -> Iterator[Finding]:
    python = platform.python_version()
    yield Finding(
        check="versions", ok=True, message=f"mcpctl {__version__}, Python {python} on {sys.platform}"
    )


def _configuration(ctx: Context) -> Iterator[Finding]:
    try:
        settings = ctx.settings
    except McpctlError as error:
        yield Finding(check="configuration", ok=False, message=error.message, hint="see `mcpctl validate`")
        return
    where, count = settings.base or "none found", len(settings.servers)
    yield Finding(
        check="configuration", ok=True, message=f"{where}, {count} server{'' if count == 1 else 's'}"
    )


def _programs(ctx: Context) -> Iterator[Finding]:
    """Those that the configuration starts must be there; the usual runners are only mentioned."""
    path = ctx.world.env.get("PATH")
    specs: list[ServerSpec] = []
    with contextlib.suppress(McpctlError):
        specs = [spec for spec in ctx.settings.servers.values() if spec.enabled]
    for spec in specs:
        if spec.command and not _is_there(spec.command, Path(spec.cwd or ctx.world.cwd), path):
            yield Finding(
                check="program",
                ok=False,
                message=f"`{spec.command}` of server `{spec.name}` is not on the PATH",
                hint="install it, or write its whole path as `command`",
            )
    there = [each for each in RUNNERS if shutil.which(each, path=path)]
    yield Finding(check="runners", ok=True, message=", ".join(there) or "none of node, npx, uvx, docker")


def _is_there(program: str, cwd: Path, path: str | None) -> bool:
    if "$" in program or shutil.which(program, path=path) is not None:
        return True
    return "/" in program and (cwd / program).exists()


def _folder(ctx: Context) -> Iterator[Finding]:
    at = Path(folder(ctx.world.env))
    if not at.exists():
        return
    open_to_others = bool(at.stat().st_mode & 0o077)
    yield Finding(
        check="sockets",
        ok=not open_to_others,
        message=f"{at} is open to other users" if open_to_others else str(at),
        hint=f"close it: `chmod 700 {at}`" if open_to_others else None,
    )


def _supervisors(ctx: Context, *, fix: bool) -> Iterator[Finding]:
    for past in runfile.all_in(Path(folder(ctx.world.env))):
        of = past.config or "no configuration"
        if past.supervisor.alive:
            other = "" if past.version == __version__ else f", of version {past.version}"
            message = f"pid {past.supervisor.pid} keeps the servers of {of}{other}"
            yield Finding(check="supervisor", ok=True, message=message)
            continue
        left = past.leftovers()
        pids = ", ".join(str(each.pid) for each in left)
        what = f"{len(left)} of its processes run on: {pids}" if left else "only its files are left"
        if fix:
            runfile.end(left)
            for ending in STALE:
                past.path.with_suffix(ending).unlink(missing_ok=True)
        yield Finding(
            check="leftovers",
            ok=False,
            fixed=fix,
            message=f"the supervisor of {of} with pid {past.supervisor.pid} ended without a word; {what}",
            hint="end and remove them: `mcpctl doctor --fix`",
        )
