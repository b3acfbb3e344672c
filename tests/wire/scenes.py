"""A peer over a sender that keeps what it is given."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import pytest

from mcpctl.errors import McpctlError
from mcpctl.wire.jsonrpc import RpcError
from mcpctl.wire.peer import Peer


class Wire:
    def __init__(self, *, noise: bool = True, clue: str | None = None) -> None:
        self.sent: list[bytes] = []
        self.abandoned: list[tuple[int | str, str, bool]] = []
        self.notified: list[tuple[str, bytes | None]] = []
        self.noise: list[bytes] = []
        self.facts = SimpleNamespace(messages_in=0, malformed=0, unmatched=0)
        self.answers: Callable[[str], Awaitable[Any]] = self.decline
        self.congested = False
        self.peer = Peer(
            lambda message, _id=None, _headers=None: self.sent.append(message),
            tally=self.facts,
            notified=lambda method, params: self.notified.append((method, params)),
            asked=lambda method, _params: self.answers(method),
            abandon=lambda identity, reason, *, tell: self.abandoned.append((identity, reason, tell)),
            noise=self.noise.append if noise else None,
            congested=lambda: self.congested,
            clue=lambda: clue,
            server="files",
        )

    async def decline(self, method: str) -> Any:
        raise RpcError(-32601, "Method not found")

    def call(self, method: str = "tools/call", **options: Any) -> asyncio.Task[bytes]:
        options.setdefault("timeout", 5)
        return asyncio.ensure_future(self.peer.request(method, {}, **options))

    def said(self) -> list[dict[str, Any]]:
        return [json.loads(message) for message in self.sent]


async def started(wire: Wire, count: int = 1, **options: Any) -> list[asyncio.Task[bytes]]:
    calls = [wire.call(**options) for _ in range(count)]
    await asyncio.sleep(0)
    return calls


async def failure(call: asyncio.Task[bytes]) -> McpctlError:
    with pytest.raises(McpctlError) as caught:
        await call
    return caught.value
