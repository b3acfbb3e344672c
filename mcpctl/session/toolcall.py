"""One tool call on its way through the chain, and the call itself at the chain's end."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mcpctl.errors import ConnectError, McpctlError, UsageError
from mcpctl.model.protocol import JsonObject, Tool, ToolResult
from mcpctl.model.server import ServerSpec
from mcpctl.session.answers import as_tool_result, check_tool_result
from mcpctl.session.handlers import Handlers, OnProgress
from mcpctl.session.rounds import until_complete
from mcpctl.session.schemas import UnusableSchema

if TYPE_CHECKING:
    from mcpctl.session.slot import Slot

LARGE = 1 << 20
"""Bytes from which on another turn of the event loop costs nothing."""

CALL_TIMEOUT = 60.0
"""Seconds that one attempt may take where neither the configuration nor the user says otherwise."""


@dataclass(slots=True, kw_only=True)
class ToolCall:
    """Mutable on purpose: each link of the chain leaves its mark for the answer."""

    slot: Slot
    handlers: Handlers
    tool: str
    arguments: JsonObject
    timeout: float | None = None
    """Per attempt."""
    within: float | None = None
    """For the whole call with all its attempts, where whoever waits for it has a limit of his own."""
    on_progress: OnProgress | None = None
    validate: bool = True
    use_cache: bool = True
    retries: int | None = None
    """Attempts beside the first, when the user asks for them by hand."""
    declared: Tool | None = None
    attempts: int = 0
    sent: bool = False
    """Whether the server may have seen it: until then nothing can happen twice."""
    failed: McpctlError | None = None
    """What has just kept the server from being asked, if whoever calls found out already."""

    def raise_failure(self) -> None:
        """To start a server in vain once more would cost its whole start timeout: this was the first attempt."""
        error, self.failed = self.failed, None
        if error is not None:
            raise error


def call_limit(spec: ServerSpec, asked: float | None = None) -> float:
    return asked or spec.call_timeout or CALL_TIMEOUT


async def invoke(call: ToolCall) -> ToolResult:
    """Send the call once, answer the server's questions, read the result."""
    try:
        return await _ask(call)
    except ConnectError as error:
        if not _may_ask_again(call, error):
            raise
    return await _ask(call)  # on a new connection: the one before is lost


def _may_ask_again(call: ToolCall, error: ConnectError) -> bool:
    """A server that no longer knew the session has not touched the call; one that died under it may have."""
    if error.code == "connect.session_lost":
        return True
    harmless = call.declared is not None and call.declared.idempotent
    return harmless and call.slot.keeper is not None and error.kind == "connection_lost"


async def _ask(call: ToolCall) -> ToolResult:
    slot = call.slot
    began = slot.clock()
    timeout = call_limit(slot.spec, call.timeout)
    connection = await slot.connection(call.handlers)
    headers = await _param_headers(call) if slot.spec.transport != "stdio" else None
    text = b""

    async def send(params: JsonObject) -> JsonObject:
        nonlocal text
        call.sent = True
        text = await connection.request(
            "tools/call", params, timeout=timeout, on_progress=call.on_progress, headers=headers
        )
        if len(text) > LARGE:
            await asyncio.sleep(0)  # until then the event loop holds the message that the text was taken from
        return as_tool_result(text)

    params: JsonObject = {"name": call.tool, "arguments": call.arguments}
    connection.enter()
    try:
        result = await until_complete(send, params, call.handlers)
    finally:
        connection.leave()
    check_tool_result(result)
    return ToolResult(
        content=tuple(result.get("content", ())),
        structured=result.get("structuredContent"),
        has_structured="structuredContent" in result,
        is_error=result.get("isError", False),
        raw=text,
        attempts=call.attempts,
        served_by=slot.spec.name,
        duration=slot.clock() - began,
        schema_faults=_output_faults(call, result),
    )


def _output_faults(call: ToolCall, result: JsonObject) -> tuple[str, ...]:
    """How the result breaks the schema that its own tool declares; an error result may break it."""
    schema = call.declared.output_schema if call.declared is not None else None
    if schema is None or result.get("isError"):
        return ()
    if "structuredContent" not in result:
        return ("the tool declares an output schema but sent no structured content",)
    try:
        faults = call.slot.checker.faults((call.tool, "output"), schema, result["structuredContent"])
    except UnusableSchema as error:
        return (f"the tool's output schema is unusable: {error}",)
    return tuple(str(fault) for fault in faults)


async def _param_headers(call: ToolCall) -> Mapping[str, str] | None:
    """The arguments that the tool's schema wants repeated as HTTP headers; nearly no tool does."""
    live = call.slot.live
    if live is None or live.dialect.era != "stateless":
        return None
    if call.declared is None:
        with suppress(UsageError):  # an unknown tool that is called all the same has no headers
            call.declared = await call.slot.tool(call.tool, call.handlers)
    if call.declared is None:
        return None
    from mcpctl.session.param_headers import headers_for

    return headers_for(call.declared.input_schema, call.arguments)
