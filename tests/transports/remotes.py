"""What tests of remote channels share: an inbox that remembers, and channels that are always closed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from mcpctl.errors import McpctlError
from mcpctl.model.server import LimitsSpec, ServerSpec
from mcpctl.transports.channel import RpcError
from mcpctl.transports.http import HttpChannel
from mcpctl.transports.http_post import Authorize

PROTOCOL = "2025-11-25"
MODERN = "2026-07-28"
WAIT = 2.0
"""Seconds that a call in a test may take; far more than it needs."""


class Recorder:
    """An inbox that remembers, and answers whatever is asked with its method."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, bytes | None]] = []
        self.questions: list[str] = []
        self.losses: list[McpctlError] = []
        self.arrived = asyncio.Event()

    def notified(self, method: str, params: bytes | None) -> None:
        self.heard.append((method, params))
        self.arrived.set()

    async def asked(self, method: str, params: bytes | None) -> Any:
        self.questions.append(method)
        if method == "refuse/me":
            raise RpcError(-32601, "no")
        return {"answer": method}

    def lost(self, error: McpctlError) -> None:
        self.losses.append(error)
        self.arrived.set()


@asynccontextmanager
async def channel(
    url: str,
    *,
    inbox: Recorder | None = None,
    env: Mapping[str, str] | None = None,
    limits: LimitsSpec | None = None,
    authorize: Authorize | None = None,
    shake_hands: bool = False,
    **spec: Any,
) -> AsyncIterator[HttpChannel]:
    server = ServerSpec(name="it", transport="http", url=url, limits=limits or LimitsSpec(), **spec)
    http = HttpChannel(server, inbox or Recorder(), env=env or {}, authorize=authorize)
    await http.open()
    try:
        if shake_hands:
            await http.request("initialize", {}, timeout=WAIT, cancellable=False, step="handshake")
            http.adopt(PROTOCOL, stateless=False)
            await http.notify("notifications/initialized", None)
        yield http
    finally:
        await http.aclose()


async def call(http: HttpChannel, *, timeout: float | None = WAIT, **more: Any) -> bytes:
    return await http.request("tools/call", {"name": "echo", "arguments": {}}, timeout=timeout, **more)


async def failure(awaitable: Any) -> McpctlError:
    """The error that it ends with."""
    try:
        result = await awaitable
    except McpctlError as error:
        return error
    raise AssertionError(f"it succeeded with {result!r}")
