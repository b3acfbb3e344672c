"""`mcpctl answer ID JSON`: go on with a call that was parked on a question."""

from __future__ import annotations

import json

from mcpctl.commands.context import Context
from mcpctl.errors import UsageError
from mcpctl.model.calls import CallReport
from mcpctl.model.control import AnswerOptions
from mcpctl.model.protocol import JsonObject
from mcpctl.session.schemas import SchemaChecker, UnusableSchema


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
    _refuse_what_does_not_fit(value, parking.question(options.id))
    return await parking.answer(options.id, value)


def _refuse_what_does_not_fit(answer: JsonObject, question: JsonObject) -> None:
    """A slip of the pen ends no call: it goes on waiting."""
    schema = question.get("requestedSchema")
    if answer["action"] != "accept" or not isinstance(schema, dict):
        return
    try:
        faults = SchemaChecker().faults(("answer", "form"), schema, answer.get("content", {}))
    except UnusableSchema:
        return  # the server's own mistake; it may still take the answer
    if faults:
        raise UsageError(
            f"the answer does not fit the question: {faults[0]}",
            code="usage.answer",
            hint="answer once more: the call still waits",
            related=[UsageError(str(fault), code="usage.answer") for fault in faults[1:]],
        )
