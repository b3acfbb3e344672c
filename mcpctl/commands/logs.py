"""`mcpctl logs [-f] SERVER…`: what servers wrote to their stderr, from memory and then as it comes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial

from mcpctl.commands.context import Context
from mcpctl.commands.running import chosen
from mcpctl.errors import UsageError
from mcpctl.model.control import LogsOptions, LogsReport
from mcpctl.model.running import Wrote
from mcpctl.supervisor.logs import Kept

Wanted = Callable[[str], bool]


async def logs(options: LogsOptions, ctx: Context) -> LogsReport:
    fleet = ctx.supervisor.fleet
    names = chosen(options.servers, ctx)
    wanted = _pattern(options.grep)
    since = None if options.since is None else ctx.world.now() - options.since
    found = [
        Wrote(server=name, text=kept.text, at=kept.at)
        for name in names
        for kept in fleet.log(name).since(since)
        if wanted is None or wanted(kept.text)
    ]
    found.sort(key=lambda each: each.at)
    if options.lines is not None:
        found = found[max(len(found) - options.lines, 0) :]
    if options.follow:
        await _follow(names, found, wanted, ctx)
    paths = (fleet.log(name).path for name in names)
    files = tuple(str(path) for path in paths if path)
    return LogsReport(servers=tuple(names), lines=tuple(found), files=files)


async def _follow(names: list[str], found: list[Wrote], wanted: Wanted | None, ctx: Context) -> None:
    """What there is, and then what comes, until somebody has seen enough."""

    def tell(name: str, kept: Kept) -> None:
        if wanted is None or wanted(kept.text):
            ctx.emit(Wrote(server=name, text=kept.text, at=kept.at))

    for each in found:
        ctx.emit(each)
    ctx.endless = True
    logs = [ctx.supervisor.fleet.log(name) for name in names]
    stops = [log.follow(partial(tell, name)) for name, log in zip(names, logs, strict=True)]
    try:
        await asyncio.Event().wait()
    finally:
        for stop in stops:
            stop()


def _pattern(text: str | None) -> Wanted | None:
    """The search runs inside the supervisor, which must not hang on any expression."""
    if text is None:
        return None
    from mcpctl.policy.patterns import UnusablePattern, searcher

    try:
        return searcher(text)
    except UnusablePattern as error:
        raise UsageError(
            f"`--grep {text}` is no regular expression that can be searched in bounded time",
            code="usage.pattern",
            hint="put a backslash before special characters; look-around and back references are not known",
        ) from error
