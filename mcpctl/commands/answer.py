"""`mcpctl answer ID JSON`: go on with a call that was parked on a question."""

from __future__ import annotations

import json

from mcpctl.commands.context import Context
from mcpctl.errors import UsageError
from mcpctl.model.calls import CallReport
from mcpctl.model.control import AnswerOptions


async def answer(options: AnswerOptions, ctx: Context) -> CallReport:
    parking = ctx.supervisor.parking
    try:
        value = json.loads(options.answer)
    except ValueError as error:
        raise UsageError(
            "the answer is not JSON", code="usage.json", hint="""such as `'{"name": "Ada"}'`"""
        ) from error
    if not isinstance(value, dict):
        raise UsageError(
            "the answer is no JSON object", code="usage.json", hint="""such as `'{"name": "Ada"}'`"""
        )
    if value.get("action") not in ("accept", "decline", "cancel"):
        value = {"action": "accept", "content": value}
    return await parking.answer(options.id, value)
