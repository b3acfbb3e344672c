"""One host as a server's side sees it: what it can answer, what it wants to hear, and how it is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec

from mcpctl.errors import McpctlError, ProtocolError
from mcpctl.gateway.payloads import as_dict, raw
from mcpctl.model.protocol import JsonObject
from mcpctl.session.dialect import SUBSCRIPTION_ID
from mcpctl.transports.channel import RpcError
from mcpctl.wire import jsonrpc
from mcpctl.wire.jsonrpc import RequestId
from mcpctl.wire.peer import Peer

UNREACHABLE: Final = -32000
"""The code of an answer that had to be given in place of the server."""

LEVELS: Final = ("debug", "info", "notice", "warning", "error", "critical", "alert", "emergency")

_NEEDED: Final = {
    "sampling/createMessage": "sampling",
    "elicitation/create": "elicitation",
    "roots/list": "roots",
}
"""What a host must have offered before it is asked."""


class Guest:
    peer: Peer

    def __init__(self, send: Callable[[bytes], None]) -> None:
        self.send = send
        self.capabilities: JsonObject = {}
        self.level: str | None = None
        self.subscribed: dict[str, bytes] = {}
        """URI -> the parameters it was asked for with."""
        self.listening: dict[str, RequestId] = {}
        """Our id of a standing request -> the host's."""

    def answers(self, method: str) -> bool:
        return _NEEDED.get(method, method) in (*self.capabilities, method)

    def wants(self, method: str, params: bytes | None) -> bool:
        """Whether it asked for what a server says to several hosts."""
        if method == "notifications/message":
            level = as_dict(params).get("level")
            return self.level is None or level not in LEVELS or _loudness(level) >= _loudness(self.level)
        if method == "notifications/resources/updated":
            uri = str(as_dict(params).get("uri"))
            return any(uri.startswith(each) for each in self.subscribed)  # a part of it counts too
        return True

    def tell(self, method: str, params: bytes | None) -> None:
        if self.listening and params is not None and SUBSCRIPTION_ID.encode() in params:
            params = self._for_subscriber(params)
        self.send(jsonrpc.encode_notification(method, raw(params)))

    async def ask(self, method: str, params: bytes | None) -> Any:
        """Raises `RpcError`."""
        try:
            return msgspec.Raw(await self.peer.request(method, raw(params), timeout=None))
        except ProtocolError as error:
            raise answered(error) from error
        except McpctlError as error:
            raise RpcError(UNREACHABLE, error.message) from error

    def announce(self, kind: str) -> None:
        """That a list has changed."""
        method = f"notifications/{kind}/list_changed"
        for identity in self.listening.values():
            about = {"_meta": {SUBSCRIPTION_ID: identity}}
            self.send(jsonrpc.encode_notification(method, about))
        if not self.listening:
            self.send(jsonrpc.encode_notification(method))

    def _for_subscriber(self, params: bytes) -> bytes:
        message = as_dict(params)
        meta = message.get("_meta")
        if isinstance(meta, dict):
            host = self.listening.get(str(meta.get(SUBSCRIPTION_ID)))
            if host is not None:
                meta[SUBSCRIPTION_ID] = host
                return msgspec.json.encode(message)
        return params


def loudest(levels: list[str]) -> str:
    """The level at which each of several hosts hears all that it wants."""
    return min(levels, key=_loudness)


def answered(error: ProtocolError) -> RpcError:
    """A refusal is handed on as it was given."""
    if error.rpc_code is None:
        return RpcError(jsonrpc.INTERNAL_ERROR, error.message)
    return RpcError(error.rpc_code, error.message, error.rpc_data)


def _loudness(level: str) -> int:
    return LEVELS.index(level) if level in LEVELS else 0
