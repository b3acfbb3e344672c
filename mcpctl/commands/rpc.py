"""`mcpctl rpc SERVER METHOD [JSON]`: any request as typed, the answer as it came."""

from __future__ import annotations

import json

from mcpctl.commands.context import Context
from mcpctl.commands.files import fault_of_json, read_file
from mcpctl.commands.questions import handlers, progress
from mcpctl.commands.target import target
from mcpctl.errors import ProtocolError, UsageError
from mcpctl.model.calls import RpcOptions, RpcReport
from mcpctl.model.protocol import JsonObject


async def rpc(options: RpcOptions, ctx: Context) -> RpcReport:
    spec, words = target(options.words, options.aside, ctx)
    if not words or len(words) > 2:
        raise UsageError(
            "`rpc` wants a method and at most one JSON value",
            code="usage.missing",
            hint="such as `mcpctl rpc demo tools/list`",
        )
    method, params = words[0], _params(words[1], ctx) if len(words) == 2 else None
    clock = ctx.world.clock
    async with ctx.sessions.open(spec, handlers(options.answers, ctx, spec.name)) as session:
        await session.connect()
        began = clock()
        try:
            result = await session.request(
                method, params, timeout=ctx.options.timeout, on_progress=progress(ctx, spec.name)
            )
        except ProtocolError as error:
            if error.rpc_code is None:
                raise
            return RpcReport(
                exit_code=1,
                server=spec.name,
                method=method,
                error={"code": error.rpc_code, "message": error.message, "data": error.rpc_data},
                duration_ms=(clock() - began) * 1000,
            )
        return RpcReport(server=spec.name, method=method, result=result, duration_ms=(clock() - began) * 1000)


def _params(text: str, ctx: Context) -> JsonObject:
    if text.startswith("@"):
        text = read_file(ctx.world, text[1:]).decode("utf-8", "replace")
    elif text == "-":
        text = read_file(ctx.world, text).decode("utf-8", "replace")
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(
            f"the parameters are not JSON{fault_of_json(error)}",
            code="usage.json",
            hint="""quote them, such as '{"cursor": "x"}'""",
        ) from error
    if not isinstance(value, dict):
        raise UsageError("the parameters must be a JSON object", code="usage.json", hint="such as `{}`")
    return value
