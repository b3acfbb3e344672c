"""A number that lives as long as the server: the resource that changes, and the tools that change it."""

from __future__ import annotations

from typing import Any

from mcp.server.mcpserver import Context

from mcpctl.demo.clients import Clients

COUNTER_URI = "demo://counter"


class Counter:
    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._value = 0

    def read(self) -> str:
        """How often `count` was called since the last `wipe`."""
        return str(self._value)

    async def count(self, ctx: Context[Any, Any]) -> int:
        """Add one to the counter and tell those who watch it."""
        self._value += 1
        await self._clients.updated(ctx, COUNTER_URI)
        return self._value

    async def wipe(self, ctx: Context[Any, Any]) -> str:
        """Set the counter back to zero; what it was is lost."""
        lost = self._value
        self._value = 0
        await self._clients.updated(ctx, COUNTER_URI)
        return f"wiped {lost}"
