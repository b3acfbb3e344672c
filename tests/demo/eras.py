"""One client for both protocol eras: tests say what they expect, and run twice."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from mcp import Client
from mcp.server.mcpserver import MCPServer
from mcp_types import CallToolResult, TextContent

from mcpctl.demo.server import build

HANDSHAKE = "legacy"
STATELESS = "auto"
"""Asks for `server/discover` first, as clients of the stateless era do."""

both_eras = pytest.mark.parametrize("era", [HANDSHAKE, STATELESS], ids=["handshake", "stateless"])


@asynccontextmanager
async def connected(era: str, server: MCPServer | None = None, **callbacks: Any) -> AsyncIterator[Client]:
    """The SDK's own client: an ear that is not ours."""
    async with Client(server or build(), mode=era, **callbacks) as client:
        await client.list_tools()  # it checks structured content against what was listed
        yield client


async def called(
    era: str, tool: str, arguments: dict[str, Any] | None = None, **callbacks: Any
) -> CallToolResult:
    async with connected(era, **callbacks) as client:
        return await client.call_tool(tool, arguments or {})


def text(result: CallToolResult) -> str:
    (block,) = result.content
    assert isinstance(block, TextContent)
    return block.text


def names(items: Sequence[Any]) -> set[str]:
    return {item.name for item in items}
