"""How a request is dressed in each of the protocol's two eras.

The handshake era (2025-11-25 and before) agrees once and then sends bare requests. The stateless era (2026-07-28)
says in every request who asks, in which version and what it can do, and repeats the routing facts as HTTP headers.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from mcpctl import __version__
from mcpctl.model.protocol import MODERN_VERSION, Era, JsonObject

CLIENT_INFO: JsonObject = {"name": "mcpctl", "version": __version__}

_META = "io.modelcontextprotocol/"
SUBSCRIPTION_ID = _META + "subscriptionId"
SERVER_INFO = _META + "serverInfo"

NAMED_BY = {"tools/call": "name", "prompts/get": "name", "resources/read": "uri"}
"""The parameter that says what is asked for: the `Mcp-Name` header repeats it."""


class Dialect(ABC):
    """`dress` turns a method and its parameters into what goes on the wire."""

    era: Era
    protocol_version: str

    @abstractmethod
    def dress(
        self, method: str, params: JsonObject | None, meta: Mapping[str, Any] | None
    ) -> tuple[JsonObject | None, Mapping[str, str] | None]: ...


class HandshakeDialect(Dialect):
    era: Era = "handshake"

    def __init__(self, protocol_version: str) -> None:
        self.protocol_version = protocol_version

    def dress(
        self, method: str, params: JsonObject | None, meta: Mapping[str, Any] | None
    ) -> tuple[JsonObject | None, Mapping[str, str] | None]:
        del method
        if meta:
            params = {**(params or {}), "_meta": {**(params or {}).get("_meta", {}), **meta}}
        return params, None


class StatelessDialect(Dialect):
    era: Era = "stateless"

    def __init__(self, capabilities: JsonObject, *, log_level: str | None = None) -> None:
        self.protocol_version = MODERN_VERSION
        self._stamp: JsonObject = {
            _META + "protocolVersion": MODERN_VERSION,
            _META + "clientInfo": CLIENT_INFO,
            _META + "clientCapabilities": capabilities,
        }
        if log_level is not None:
            self._stamp[_META + "logLevel"] = log_level

    def dress(
        self, method: str, params: JsonObject | None, meta: Mapping[str, Any] | None
    ) -> tuple[JsonObject, Mapping[str, str]]:
        params = params or {}
        params = {**params, "_meta": {**self._stamp, **params.get("_meta", {}), **(meta or {})}}
        headers = {"mcp-protocol-version": MODERN_VERSION, "mcp-method": method}
        name = params.get(NAMED_BY.get(method, ""))
        if isinstance(name, str):
            headers["mcp-name"] = header_value(name)
        return params, headers


def header_value(text: str) -> str:
    """A text as the protocol carries it in a header: verbatim if that survives, else in base64 with a marker."""
    plain = all(" " <= character <= "~" for character in text)
    if plain and text == text.strip() and not (text.startswith("=?base64?") and text.endswith("?=")):
        return text
    from base64 import b64encode

    return f"=?base64?{b64encode(text.encode('utf-8', 'surrogatepass')).decode('ascii')}?="
