"""What handshake-era clients asked to be told: a log level, updates of a resource.

Stateless clients say it in each request, and the SDK keeps that account itself.
"""

from __future__ import annotations

from typing import Annotated, Any

from mcp.server import ServerRequestContext
from mcp.server.connection import allowed_log_levels
from mcp.server.mcpserver import Context
from mcp.server.session import ServerSession
from mcp_types import (
    EmptyResult,
    LoggingLevel,
    LoggingMessageNotification,
    LoggingMessageNotificationParams,
    SetLevelRequestParams,
    SubscribeRequestParams,
    UnsubscribeRequestParams,
)
from pydantic import Field

LEVELS: tuple[LoggingLevel, ...] = (
    "debug",
    "info",
    "notice",
    "warning",
    "error",
    "critical",
    "alert",
    "emergency",
)
MOST_CLIENTS = 1000
"""Sessions end without a word, so the oldest are forgotten beyond this many."""


class Clients:
    """Keyed by HTTP session; on stdio there is one client, and its key is empty."""

    def __init__(self) -> None:
        self._levels: dict[str, LoggingLevel] = {}
        self._watchers: dict[tuple[str, str], ServerSession] = {}

    async def set_level(self, ctx: ServerRequestContext[Any], params: SetLevelRequestParams) -> EmptyResult:
        self._levels[_key(ctx)] = params.level
        _forget_oldest(self._levels)
        return EmptyResult()

    async def subscribe(self, ctx: ServerRequestContext[Any], params: SubscribeRequestParams) -> EmptyResult:
        self._watchers[_key(ctx), params.uri] = ctx.session
        _forget_oldest(self._watchers)
        return EmptyResult()

    async def unsubscribe(
        self, ctx: ServerRequestContext[Any], params: UnsubscribeRequestParams
    ) -> EmptyResult:
        self._watchers.pop((_key(ctx), params.uri), None)
        return EmptyResult()

    async def updated(self, ctx: Context[Any, Any], uri: str) -> None:
        """Tell everybody, of either era, that a resource changed."""
        await ctx.notify_resource_updated(uri)
        for (_, watched), session in list(self._watchers.items()):
            if watched == uri:
                await session.send_resource_updated(uri)

    async def log(
        self,
        ctx: Context[Any, Any],
        level: Annotated[LoggingLevel, Field(description="How grave it is")],
        message: Annotated[str, Field(description="What to say")],
    ) -> str:
        """Send one log message to the client."""
        if level not in self._allowed(ctx):
            return f"not sent: the client did not ask for {level}"
        params = LoggingMessageNotificationParams(level=level, logger="demo", data=message)
        notification = LoggingMessageNotification(params=params)
        await ctx.session.send_notification(notification, related_request_id=ctx.request_id)
        return f"sent at {level}"

    def _allowed(self, ctx: Context[Any, Any]) -> frozenset[LoggingLevel]:
        """The stateless era asks in each request, the handshake era once; until then it gets everything."""
        least = self._levels.get(_key(ctx.request_context), LEVELS[0])
        asked = allowed_log_levels(ctx.session.protocol_version, ctx.request_context.meta)
        return asked.intersection(LEVELS[LEVELS.index(least) :])


def _key(ctx: ServerRequestContext[Any]) -> str:
    headers = getattr(ctx.request, "headers", {})
    return str(headers.get("mcp-session-id", ""))


def _forget_oldest(table: dict[Any, Any]) -> None:
    while len(table) > MOST_CLIENTS:
        del table[next(iter(table))]
