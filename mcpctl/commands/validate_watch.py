"""`mcpctl validate --watch`: check again whenever a file was saved, until somebody ends it."""

from __future__ import annotations

import asyncio
import os

from mcpctl.commands.checks import check_once
from mcpctl.commands.context import Context
from mcpctl.errors import McpctlError, UsageError
from mcpctl.lint.gather import targets
from mcpctl.model.lint import Checked, ValidateOptions, ValidateReport
from mcpctl.model.value import replace

PAUSE = 0.25
"""Seconds between looks at the files: a stat costs microseconds, and works where file events do not."""

Stamp = tuple[int, int, int]


async def watch(options: ValidateOptions, ctx: Context) -> ValidateReport:
    """Never ends by itself; each check is an event."""
    if "-" in options.paths:
        raise UsageError("stdin cannot be watched", code="usage.conflict", hint="name the file")
    ctx.endless = True
    once = replace(options, watch=False)
    seen: dict[str, Stamp] | None = None
    while True:
        stamps = _stamps(options, ctx)
        if stamps != seen:
            seen = stamps
            ctx.emit(_checked(once, ctx))
            seen = _stamps(options, ctx) if options.fix else seen
        await asyncio.sleep(PAUSE)


def _checked(options: ValidateOptions, ctx: Context) -> Checked:
    try:
        report = check_once(options, ctx)
    except McpctlError as error:
        report = ValidateReport(exit_code=error.exit_code, errors=(error,))
    problems = tuple(error.message for error in report.errors)
    return Checked(exit_code=report.exit_code, data=report.data(), problems=problems)


def _stamps(options: ValidateOptions, ctx: Context) -> dict[str, Stamp]:
    """When each file changed; an editor that replaces a file gives it another number."""
    found: dict[str, Stamp] = {}
    for target in targets(options.paths, ctx.world, user=options.user):
        try:
            about = os.stat(target.real)
        except (OSError, ValueError):
            found[target.real] = (0, 0, 0)
            continue
        found[target.real] = (about.st_mtime_ns, about.st_size, about.st_ino)
    return found
