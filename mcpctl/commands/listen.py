"""`mcpctl listen SERVER`: everything that a server announces, as it comes; comes back by itself when it is lost."""

from __future__ import annotations

import asyncio
import random
from typing import Any

from mcpctl.commands.context import Context
from mcpctl.commands.target import target
from mcpctl.errors import ConnectError, UsageError
from mcpctl.model.events import Announced, Logged, Noticed, Subscribed
from mcpctl.model.offers import ListenOptions, ListenReport
from mcpctl.model.protocol import Change, JsonObject
from mcpctl.model.server import RetrySpec
from mcpctl.policy.backoff import delay
from mcpctl.session import Handlers, Session

COMING_BACK = RetrySpec(initial=0.2, maximum=30.0)
"""Pauses between attempts to reach a server again."""


async def listen(options: ListenOptions, ctx: Context) -> ListenReport:
    spec, words = target(options.words, options.aside, ctx)
    if words:
        raise UsageError(
            f"`{words[0]}` is one word too many", code="usage.words", hint="name resources with `--uri URI`"
        )
    counter = _Counter(options.count)

    def on_change(change: Change) -> None:
        ctx.emit(Announced(server=spec.name, kind=change.kind, uri=change.uri))
        counter.add()

    def on_log(level: str, logger: str | None, data: Any) -> None:
        ctx.emit(Logged(server=spec.name, level=level, logger=logger, data=data))
        counter.add()

    heard = Handlers(log_level=options.log_level, on_change=on_change, on_log=on_log)
    async with ctx.sessions.open(spec, heard) as session:
        await session.connect()
        ctx.endless = True
        following = asyncio.ensure_future(_follow(session, options.uris, ctx))
        enough = asyncio.ensure_future(counter.full.wait())
        try:
            await asyncio.wait(
                {following, enough}, timeout=options.duration, return_when=asyncio.FIRST_COMPLETED
            )
            if following.done():
                following.result()
        finally:
            for task in (following, enough):
                task.cancel()
            await asyncio.gather(following, enough, return_exceptions=True)
    return ListenReport(server=spec.name, received=counter.seen)


async def _follow(session: Session, uris: tuple[str, ...], ctx: Context) -> None:
    """Follow until the server ends it by itself."""
    failures = 0

    def accepted(agreed: JsonObject) -> None:
        nonlocal failures
        if failures:
            said = "what changed meanwhile was not announced: read again what matters"
            ctx.emit(Noticed(server=session.name, message=f"listening again; {said}"))
        failures = 0
        ctx.emit(Subscribed(server=session.name, agreed=agreed))

    while True:
        try:
            await session.follow(uris, accepted)
        except ConnectError as error:
            failures += 1
            pause = delay(COMING_BACK, failures, random.random)
            ctx.emit(Noticed(server=session.name, message=f"{error.message}; trying again in {pause:.1f} s"))
            await asyncio.sleep(pause)
        else:
            return


class _Counter:
    def __init__(self, limit: int | None) -> None:
        self.full = asyncio.Event()
        self.seen = 0
        self._limit = limit

    def add(self) -> None:
        self.seen += 1
        if self.seen == self._limit:
            self.full.set()
