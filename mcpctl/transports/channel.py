"""What every transport gives to a session, and what it asks of one.

A channel exchanges JSON-RPC messages and knows nothing of tools. It bounds time and size, contains one bad message to
one call, and says in words what went wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from mcpctl.errors import McpctlError
from mcpctl.model.server import TransportKind
from mcpctl.wire.jsonrpc import INTERNAL_ERROR, METHOD_NOT_FOUND, RpcError

__all__ = ["INTERNAL_ERROR", "METHOD_NOT_FOUND", "Channel", "ChannelFacts", "Inbox", "RpcError", "Tap"]

Tap = Callable[[Literal["in", "out"], bytes], None]
"""Sees every message on the wire, for `--trace`; must not block."""


class Inbox(Protocol):
    """Whoever is told what a server sends unasked; called in the order of arrival, and must not block."""

    def notified(self, method: str, params: bytes | None) -> None:
        """`params` is the JSON text as it came."""

    async def asked(self, method: str, params: bytes | None) -> Any:
        """Answer a request of the server: return a JSON value, or raise `RpcError`. `ping` never comes here."""

    def lost(self, error: McpctlError) -> None:
        """The channel is gone for good; calls in flight have already failed with the same cause."""


@dataclass(slots=True, kw_only=True)
class ChannelFacts:
    """Counters of one channel, alive while it is."""

    pid: int | None = None
    exit_status: int | None = None
    """Negative for a signal."""
    bytes_in: int = 0
    bytes_out: int = 0
    messages_in: int = 0
    noise_lines: int = 0
    """Lines on stdout that are not JSON-RPC."""
    noise_samples: list[str] = field(default_factory=list)
    malformed: int = 0
    unmatched: int = 0
    """Answers to requests that nobody waits for (any longer)."""
    oversize: int = 0
    stderr_lines: int = 0
    session_id: str | None = None
    killed_with: str | None = None
    swept: int = 0
    """Processes that the server left behind and that were ended."""


class Channel(Protocol):
    transport: TransportKind
    facts: ChannelFacts

    @property
    def alive(self) -> bool: ...

    def stderr_tail(self) -> Sequence[str]: ...

    async def request(
        self,
        method: str,
        params: Mapping[str, Any] | None,
        *,
        timeout: float | None,
        headers: Mapping[str, str] | None = None,
        request_id: str | None = None,
        cancellable: bool = True,
        step: str = "call",
    ) -> bytes:
        """Send a request and return the JSON text of its `result`.

        Raises `ProtocolError` for a JSON-RPC error or a malformed answer, `ConnectError` when the server cannot be
        reached or is lost, `AuthError` for 401 and 403, `DeadlineError(step=step)` after `timeout` seconds. The clock
        covers writing too. A request that is abandoned (timeout, cancelled task) is cancelled at the server, unless
        `cancellable` is false. Without `request_id` a fresh integer is used.
        """

    async def notify(
        self, method: str, params: Mapping[str, Any] | None, *, headers: Mapping[str, str] | None = None
    ) -> None: ...

    def adopt(self, protocol_version: str, *, stateless: bool) -> None:
        """Tell what was negotiated: HTTP names it in every request, and cancels differently in each era."""

    def listen(self) -> None:
        """Open the standing stream for messages that answer no request, where the transport has one."""

    async def aclose(self) -> None:
        """End in bounded time, leave no process behind. May be called twice."""
