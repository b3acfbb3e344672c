"""The stable endpoint of `mcpctl run SERVER --stdio` and `--http`: what may be asked for, and its life."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from mcpctl.commands.context import Context
from mcpctl.errors import UsageError
from mcpctl.model.running import RunOptions, Served

if TYPE_CHECKING:
    from mcpctl.gateway.http import HttpFace
    from mcpctl.supervisor.fleet import Fleet


def check_endpoint(options: RunOptions, ctx: Context) -> None:
    """An endpoint is for one server, and with `--stdio` stdout belongs to its host."""
    if options.http is not None:
        from mcpctl.gateway.visitors import Visitors
        from mcpctl.wire.listening import parse_listen

        Visitors(parse_listen(options.http)[0], options.allow_host)
    elif options.allow_host:
        raise UsageError("`--allow-host` says who may use `--http`", code="usage.conflict")
    if not options.stdio and options.http is None:
        return
    option = "--stdio" if options.stdio else "--http HOST:PORT"
    if len(options.servers) != 1:
        raise UsageError(
            f"`{option.partition(' ')[0]}` serves one server",
            code="usage.missing",
            hint=f"name it: `mcpctl run SERVER {option}`",
        )
    if options.stdio and options.http is not None:
        raise UsageError("an endpoint has one face", code="usage.conflict", hint="leave one of them out")
    if options.stdio and (options.detach or ctx.options.wants_json):
        raise UsageError(
            "with `--stdio` stdin and stdout belong to the host",
            code="usage.conflict",
            hint="leave `--detach` and `--json` out",
        )


class Endpoint:
    def __init__(self, options: RunOptions, fleet: Fleet, ctx: Context) -> None:
        self._options = options
        self._fleet = fleet
        self._ctx = ctx
        self._face: HttpFace | None = None

    @property
    def wanted(self) -> bool:
        return self._options.stdio or self._options.http is not None

    async def open(self, server: str) -> asyncio.Task[Any]:
        """Let hosts in; what is returned ends when the one on stdio has gone, with HTTP never."""
        if self._options.http is None:
            from mcpctl.gateway.lanes import lanes_of
            from mcpctl.gateway.stdio import serve_stdio

            world = self._ctx.world
            party = await lanes_of(self._fleet, server).take()
            return asyncio.create_task(serve_stdio(party, world.stdin.fileno(), world.stdout.fileno()))
        from mcpctl.gateway.http import HttpFace
        from mcpctl.gateway.visitors import Visitors
        from mcpctl.wire.listening import parse_listen

        host, port = parse_listen(self._options.http)
        self._face = HttpFace(self._fleet, server, Visitors(host, self._options.allow_host))
        self._ctx.emit(Served(server=server, url=await self._face.start(host, port)))
        return asyncio.create_task(asyncio.Event().wait())

    async def aclose(self) -> None:
        if self._face is not None:
            await self._face.aclose()
