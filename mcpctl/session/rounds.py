"""Requests of the stateless era that need more input: the server answers with questions, and is asked again.

The state it sends along is handed back untouched.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from mcpctl.errors import ProtocolError
from mcpctl.model.protocol import JsonObject
from mcpctl.session.answers import malformed
from mcpctl.session.handlers import Handlers, answer
from mcpctl.transports.channel import RpcError

MAX_ROUNDS = 10
"""What the SDKs allow too: a server that asks more often asks for ever."""

_PAUSES = (0.05, 0.1, 0.2, 0.25)
"""Seconds before asking again where the server had no question, only a state: it wants time."""


async def until_complete(
    send: Callable[[JsonObject], Awaitable[JsonObject]], params: JsonObject, handlers: Handlers
) -> JsonObject:
    """Send, answer the server's questions, send again, until the result is complete."""
    result = await send(params)
    idle = 0
    for _ in range(MAX_ROUNDS):
        if result.get("resultType") != "input_required":
            return result
        questions, state = result.get("inputRequests"), result.get("requestState")
        more: JsonObject = {}
        if isinstance(questions, dict) and questions:
            idle = 0
            more["inputResponses"] = await _answer_all(questions, handlers)
        elif isinstance(state, str):
            await asyncio.sleep(_PAUSES[min(idle, len(_PAUSES) - 1)])
            idle += 1
        else:
            raise malformed("an `input_required` result with neither questions nor state")
        if isinstance(state, str):
            more["requestState"] = state
        result = await send({**params, **more})
    if result.get("resultType") != "input_required":
        return result
    raise ProtocolError(
        f"the server asked for more input {MAX_ROUNDS} times in a row", code="protocol.too_many_rounds"
    )


async def _answer_all(questions: JsonObject, handlers: Handlers) -> JsonObject:
    """One after the other: two forms at once would fight for the terminal."""
    return {key: await _answer_one(question, handlers) for key, question in questions.items()}


async def _answer_one(question: Any, handlers: Handlers) -> JsonObject:
    method = question.get("method") if isinstance(question, dict) else None
    params = question.get("params") if isinstance(question, dict) else None
    if not isinstance(method, str):
        raise malformed("an input request without a method")
    try:
        result = await answer(handlers, method, params if isinstance(params, dict) else {})
    except RpcError as refusal:  # a round has no place for an error: the call cannot go on
        raise _unanswered(method, refusal.message) from refusal
    if result is None:
        raise _unanswered(method, "nobody gives one here")
    return result


def _unanswered(method: str, why: str) -> ProtocolError:
    return ProtocolError(
        f"the server needs an answer to `{method}`: {why}",
        code="protocol.unanswered",
        hint="give one: `--sample 'COMMAND'` for sampling, `--root DIR` for roots",
    )
