"""Everything that a server sends without being asked: progress, logs, changes, and its own questions."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from mcpctl.errors import McpctlError
from mcpctl.model.protocol import Change, JsonObject
from mcpctl.session.answers import decode
from mcpctl.session.dialect import SUBSCRIPTION_ID
from mcpctl.session.handlers import SILENT, Handlers, OnProgress, answer
from mcpctl.transports.channel import INTERNAL_ERROR, METHOD_NOT_FOUND, RpcError

OnStream = Callable[[str, JsonObject], None]

_OURS = frozenset({"initialize", "server/discover"})
"""What a session begins with."""

_CHANGES = {
    "notifications/tools/list_changed": "tools",
    "notifications/resources/list_changed": "resources",
    "notifications/prompts/list_changed": "prompts",
    "notifications/resources/updated": "resource",
}


class Inbound:
    """The inbox of one connection. The audience comes and goes with the verbs: whoever came last answers."""

    def __init__(
        self,
        audience: Sequence[Handlers],
        *,
        on_changed: Callable[[Change], None],
        on_lost: Callable[[McpctlError], None],
    ) -> None:
        self._audience = audience
        self._on_changed = on_changed
        self._on_lost = on_lost
        self._progress: dict[str | int, OnProgress] = {}
        self._streams: dict[str, OnStream] = {}
        self._over = asyncio.Event()
        self._end: McpctlError | None = None
        """The cause, once it is over."""

    def follow(self, token: str | int, on_progress: OnProgress) -> None:
        self._progress[token] = on_progress

    def unfollow(self, token: str | int) -> None:
        self._progress.pop(token, None)

    def stream(self, subscription_id: str, on_message: OnStream) -> None:
        """Route what belongs to one `subscriptions/listen` request."""
        self._streams[subscription_id] = on_message

    def unstream(self, subscription_id: str) -> None:
        self._streams.pop(subscription_id, None)

    def notified(self, method: str, params: bytes | None) -> None:
        for handlers in self._audience:
            if handlers.passage is not None:
                handlers.passage.notified(method, params)
        if method == "notifications/progress" and not self._progress:
            return
        try:
            message = decode(params) if params else {}
        except McpctlError:
            return
        if not isinstance(message, dict):
            return
        if method == "notifications/progress":
            self._report_progress(message)
        elif method == "notifications/message":
            self._report_log(message)
        else:
            self._report_change(method, message)

    async def asked(self, method: str, params: bytes | None) -> Any:
        handlers = self._audience[-1] if self._audience else SILENT
        if handlers.passage is not None:
            return await handlers.passage.asked(method, params)
        try:
            message = decode(params) if params else {}
            result = await answer(handlers, method, message if isinstance(message, dict) else {})
        except McpctlError as error:
            raise RpcError(INTERNAL_ERROR, error.message) from error
        if result is None:
            raise RpcError(METHOD_NOT_FOUND, _unoffered(method))
        return result

    def replaced(self, error: McpctlError) -> None:
        """Another connection has taken over: whoever follows this one starts again there."""
        self._finish(error)

    def lost(self, error: McpctlError) -> None:
        self._finish(error)
        self._on_lost(error)

    async def ended(self) -> McpctlError:
        """Wait for the end of the connection, and return its cause."""
        await self._over.wait()
        assert self._end is not None
        return self._end

    def _finish(self, error: McpctlError) -> None:
        self._end = error
        self._over.set()

    def _report_progress(self, message: JsonObject) -> None:
        token, progress, total = message.get("progressToken"), message.get("progress"), message.get("total")
        if not isinstance(token, str | int) or not isinstance(progress, int | float):
            return
        follower = self._progress.get(token)
        if follower is not None:
            text = message.get("message")
            follower(
                progress,
                total if isinstance(total, int | float) else None,
                text if isinstance(text, str) else None,
            )

    def _report_log(self, message: JsonObject) -> None:
        level, logger = message.get("level"), message.get("logger")
        for handlers in self._audience:
            if handlers.on_log is not None:
                handlers.on_log(
                    level if isinstance(level, str) else "info",
                    logger if isinstance(logger, str) else None,
                    message.get("data"),
                )

    def _report_change(self, method: str, message: JsonObject) -> None:
        meta = message.get("_meta")
        stream = self._streams.get(meta.get(SUBSCRIPTION_ID, "")) if isinstance(meta, dict) else None
        if stream is not None:
            stream(method, message)
        kind = _CHANGES.get(method)
        if kind is None:
            return
        uri = message.get("uri")
        change = Change(kind=kind, uri=uri if isinstance(uri, str) else None)  # type: ignore[arg-type] # keys of _CHANGES
        self._on_changed(change)
        for handlers in self._audience:
            if handlers.on_change is not None:
                handlers.on_change(change)


def _unoffered(method: str) -> str:
    if method in _OURS:
        return f"`{method}` is for a client to ask: whoever asks it of one sends back what it was sent"
    return f"this client does not offer `{method}`"
