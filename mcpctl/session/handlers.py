"""What a verb answers when a server asks something, and what it wants to be told while it waits."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from mcpctl.model.protocol import Change, JsonObject
from mcpctl.model.value import dataclass

Ask = Callable[[JsonObject], Awaitable[JsonObject]]
"""Gets the `params` of the server's question, returns the `result`."""

OnProgress = Callable[[float, float | None, str | None], None]

DECLINED = -1
"""The protocol's own code for "the user rejected it"."""


class Passage(Protocol):
    """Takes what a server sends as bytes, for a client behind it."""

    def notified(self, method: str, params: bytes | None) -> None: ...

    async def asked(self, method: str, params: bytes | None) -> Any: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Handlers:
    """What is not handled is declined in the protocol's own way, so that no server waits for nothing."""

    elicit: Ask | None = None
    sample: Ask | None = None
    roots: tuple[str, ...] | None = None
    log_level: str | None = None
    on_log: Callable[[str, str | None, Any], None] | None = None
    on_change: Callable[[Change], None] | None = None
    passage: Passage | None = None
    """Somebody who passes on everything as it came, questions included."""

    def capabilities(self) -> JsonObject:
        """Elicitation is always offered, because declining is an answer; the rest only where somebody answers."""
        offered: JsonObject = {"elicitation": {"form": {}, "url": {}}}
        if self.sample is not None:
            offered["sampling"] = {}
        if self.roots is not None:
            offered["roots"] = {"listChanged": True}
        return offered


SILENT = Handlers()


async def answer(handlers: Handlers, method: str, params: JsonObject) -> JsonObject | None:
    """The result for one question of a server, or None where nobody here can answer it."""
    if method == "elicitation/create":
        return await handlers.elicit(params) if handlers.elicit else {"action": "decline"}
    if method == "sampling/createMessage" and handlers.sample is not None:
        return await handlers.sample(params)
    if method == "roots/list" and handlers.roots is not None:
        return {"roots": [{"uri": uri} for uri in handlers.roots]}
    return None
