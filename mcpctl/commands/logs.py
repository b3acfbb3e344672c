"""`mcpctl logs [-f] SERVER…`: what servers wrote to their stderr, from memory and then as it comes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from mcpctl.commands.context import Context
from mcpctl.commands.running import chosen
from mcpctl.errors import UsageError
from mcpctl.model.control import LogsOptions, LogsReport
from mcpctl.model.running import Wrote
from mcpctl.supervisor.logs import Kept


async def logs(options: LogsOptions, ctx: Context) -> LogsReport:
    fleet = ctx.supervisor.fleet
    names = chosen(options.servers, ctx)
    wanted = _pattern(options.grep)
    since = None if options.since is None else ctx.world.now() - options.since
    told = 0

    def tell(name: str, kept: Kept) -> None:
        nonlocal told
        if wanted is None or wanted(kept.text):
            told += 1
            ctx.emit(Wrote(server=name, text=kept.text, at=kept.at))

    found = sorted(
        ((kept, name) for name in names for kept in fleet.log(name).since(since)),
        key=lambda each: each[0].at,
    )
    found = [each for each in found if wanted is None or wanted(each[0].text)]
    for kept, name in found if options.lines is None else found[max(len(found) - options.lines, 0) :]:
        tell(name, kept)
    if options.follow:
        ctx.endless = True
        stops = [fleet.log(name).follow(lambda kept, name=name: tell(name, kept)) for name in names]  # type: ignore[misc] # mypy cannot see the default
        try:
            await asyncio.Event().wait()
        finally:
            for stop in stops:
                stop()
    paths = (fleet.log(name).path for name in names)
    return LogsReport(servers=tuple(names), lines=told, files=tuple(str(path) for path in paths if path))


def _pattern(text: str | None) -> Callable[[str], bool] | None:
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
