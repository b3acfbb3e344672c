"""Puts the demo server together: tools with honest annotations, resources, prompts, cache hints.

One server answers both eras of the protocol; which one a client speaks is found by its first request.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mcp import MCPError
from mcp.server import CacheHint, ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.tools import Tool
from mcp_types import (
    INVALID_PARAMS,
    ListToolsResult,
    PaginatedRequestParams,
    SetLevelRequestParams,
    SubscribeRequestParams,
    ToolAnnotations,
    UnsubscribeRequestParams,
)

from mcpctl import __version__
from mcpctl.demo import prompts, questions, resources, tools
from mcpctl.demo.clients import Clients
from mcpctl.demo.counter import Counter

PAGE = 100
"""Tools in one page of the list; the demo's own fit into the first."""

INSTRUCTIONS = (
    "A server to try MCP clients on. Start with `echo`; `ask` and `sample` show what a server may ask."
)

_HOUR = CacheHint(ttl_ms=3_600_000, scope="public")

_PURE = ToolAnnotations(
    read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
)
_ASKING = ToolAnnotations(
    read_only_hint=True, destructive_hint=False, idempotent_hint=False, open_world_hint=True
)
_ADDING = ToolAnnotations(
    read_only_hint=False, destructive_hint=False, idempotent_hint=False, open_world_hint=False
)
_WIPING = ToolAnnotations(
    read_only_hint=False, destructive_hint=True, idempotent_hint=True, open_world_hint=False
)


def build(*, extra_tools: int = 0) -> MCPServer:
    """A fresh server with a counter of its own, and `extra_tools` more that all do nothing."""
    server: MCPServer = MCPServer(
        "mcpctl-demo",
        title="The demo server of mcpctl",
        instructions=INSTRUCTIONS,
        version=__version__,
        log_level="ERROR",
        cache_hints={
            "tools/list": _HOUR,
            "prompts/list": _HOUR,
            "resources/list": _HOUR,
            "resources/templates/list": _HOUR,
        },
        tools=_extra(extra_tools),
    )
    clients = Clients()
    counter = Counter(clients)
    _add_tools(server, clients, counter)
    resources.register(server, counter)
    prompts.register(server)
    _serve_beyond_mcpserver(server, clients)
    return server


def lowlevel(server: MCPServer) -> Server[Any]:
    return server._lowlevel_server  # noqa: SLF001  # the SDK offers no public way to it yet


def _add_tools(server: MCPServer, clients: Clients, counter: Counter) -> None:
    plain: tuple[tuple[Callable[..., Any], ToolAnnotations], ...] = (
        (tools.echo, _PURE),
        (tools.slow, _PURE),
        (tools.progress, _PURE),
        (tools.fail, _PURE),
        (tools.big, _PURE),
        (tools.image, _PURE),
        (tools.mixed, _PURE),
        (clients.log, _PURE),
        (questions.order, _ASKING),
        (questions.visit, _ASKING),
        (questions.sample, _ASKING),
        (questions.roots, _ASKING),
        (counter.wipe, _WIPING),
    )
    with_schema: tuple[tuple[Callable[..., Any], ToolAnnotations], ...] = (
        (tools.add, _PURE),
        (tools.structured, _PURE),
        (questions.ask, _ASKING),
        (counter.count, _ADDING),
    )
    for tool, nature in plain:
        server.add_tool(tool, annotations=nature, structured_output=False)
    for tool, nature in with_schema:
        server.add_tool(tool, annotations=nature, structured_output=True)


def _extra(count: int) -> list[Tool]:
    def nothing(value: str = "") -> str:
        """Do nothing; it is here to make the list long."""
        return value

    template = Tool.from_function(nothing, annotations=_PURE, structured_output=False)
    return [template.model_copy(update={"name": f"extra_{number}"}) for number in range(1, count + 1)]


def _serve_beyond_mcpserver(server: MCPServer, clients: Clients) -> None:
    """What `MCPServer` leaves out: pages, and the handshake era's log level and subscriptions."""
    handlers = lowlevel(server)

    async def list_tools(ctx: ServerRequestContext[Any], params: PaginatedRequestParams) -> ListToolsResult:
        del ctx
        everything = await server.list_tools()
        start = _offset(params.cursor, len(everything))
        following = start + PAGE
        cursor = str(following) if following < len(everything) else None
        return ListToolsResult(tools=everything[start:following], next_cursor=cursor)

    handlers.add_request_handler("tools/list", PaginatedRequestParams, list_tools)
    handlers.add_request_handler("logging/setLevel", SetLevelRequestParams, clients.set_level)
    handlers.add_request_handler("resources/subscribe", SubscribeRequestParams, clients.subscribe)
    handlers.add_request_handler("resources/unsubscribe", UnsubscribeRequestParams, clients.unsubscribe)


def _offset(cursor: str | None, total: int) -> int:
    if cursor is None:
        return 0
    if not cursor.isdecimal() or int(cursor) >= total:
        raise MCPError(code=INVALID_PARAMS, message=f"unknown cursor `{cursor[:40]}`")
    return int(cursor)
