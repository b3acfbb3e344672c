"""Calls one tool, and shows as much of its result as was asked for."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from mcpctl.commands.content import json_text, picked_from, result_text, save_blocks
from mcpctl.commands.context import Context
from mcpctl.commands.files import fault_of_json, read_file
from mcpctl.commands.items import assemble, parse
from mcpctl.commands.questions import handlers, offering
from mcpctl.commands.shown import shown
from mcpctl.commands.target import typed
from mcpctl.commands.waiting import Waiting, tell_noise, waiting
from mcpctl.errors import McpctlError, UsageError
from mcpctl.model.calls import CallOptions, CallReport
from mcpctl.model.events import Noticed
from mcpctl.model.protocol import JsonObject, Tool, ToolResult
from mcpctl.model.server import RetrySpec, ServerSpec
from mcpctl.model.value import replace
from mcpctl.session import Session
from mcpctl.session.answers import LONG
from mcpctl.session.attempts import Attempts
from mcpctl.session.handlers import Handlers

if TYPE_CHECKING:
    from mcpctl.control.parking import Ask


_MORE_ARGUMENTS = frozenset(
    {
        "additionalProperties",
        "patternProperties",
        "unevaluatedProperties",
        "$ref",
        "allOf",
        "anyOf",
        "oneOf",
        "if",
    }
)
"""Words of a schema that tell of arguments beyond its `properties`."""


async def called(
    spec: ServerSpec, tool: str, words: Sequence[str], *, options: CallOptions, ctx: Context
) -> CallReport:
    if options.answers.elicit == "park":
        from mcpctl.commands.parked import parked

        return await parked(
            spec.name, tool, lambda ask: _called(spec, tool, words, options=options, ctx=ctx, ask=ask), ctx
        )
    return await _called(spec, tool, words, options=options, ctx=ctx)


async def _called(
    spec: ServerSpec,
    tool: str,
    words: Sequence[str],
    *,
    options: CallOptions,
    ctx: Context,
    ask: Ask | None = None,
) -> CallReport:
    """With `ask`, somebody else answers the server's questions."""
    items = parse(words, lambda name: read_file(ctx.world, name))
    given = _given(options.arguments, ctx)
    clock = ctx.world.clock
    wait = Waiting(ctx, spec.name, f"{spec.name} {tool}")
    answers = handlers(options.answers, ctx, spec.name, asked=wait.end)
    if ask is not None:
        answers = replace(answers, elicit=ask)
    async with ctx.sessions.open(spec, answers) as session, waiting(wait):
        began = clock()
        before = _Before(session, spec, options, ctx)
        version = await before.version()
        connect_ms = (clock() - began) * 1000
        declared = await before.declared(tool) if version is not None else None
        if declared is None and items:
            declared = await _declared_elsewhere(tool, spec, answers, ctx)
        arguments = {**given, **assemble(items, declared.input_schema if declared is not None else {})}
        if declared is not None:
            _tell_strange(arguments, declared, ctx)
        began = clock()
        tries = before.attempts
        options = replace(options, retries=tries.left) if tries.failed else options
        with offering():
            result = await _call(
                session,
                tool,
                arguments,
                declared=declared,
                options=options,
                ctx=ctx,
                wait=wait,
                failed=before.failure,
            )
        duration_ms = (clock() - began) * 1000
        if len(result.raw) > LONG and not options.raw:
            result = replace(result, raw=b"")  # memory that showing the result has use for
        if tries.failed:
            result = replace(result, attempts=result.attempts + tries.failed)
        await tell_noise(session, ctx)
    report = _report(result, options, spec, tool, ctx)
    return CallReport(
        **report,
        server=spec.name,
        tool=tool,
        protocol_version=version,
        duration_ms=duration_ms,
        connect_ms=connect_ms,
        warm=ctx.host is not None,
    )


def _given(text: str | None, ctx: Context) -> JsonObject:
    """`--args`: the whole object, sent as it was typed."""
    if text is None:
        return {}
    if text == "-" or text.startswith("@"):
        text = read_file(ctx.world, text.removeprefix("@")).decode("utf-8", "surrogateescape")
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(
            f"the value of `--args` is not JSON{fault_of_json(error)}",
            code="usage.json",
            hint="""such as `--args '{"text": "hi"}'`""",
        ) from error
    if not isinstance(value, dict):
        raise UsageError(
            "`--args` wants a JSON object", code="usage.json", hint="""such as `--args '{"text": "hi"}'`"""
        )
    return value


def _tell_strange(arguments: JsonObject, tool: Tool, ctx: Context) -> None:
    """A schema that says nothing of further arguments lets a misspelt one through, and the server drops it in silence."""
    schema = tool.input_schema
    known = schema.get("properties")
    if not isinstance(known, dict) or schema.keys() & _MORE_ARGUMENTS:
        return
    for name in [each for each in arguments if each not in known]:
        from difflib import get_close_matches

        near = get_close_matches(name, known, n=1)
        ctx.emit(
            Noticed(
                message=f"tool `{tool.name}` declares no argument `{name}`",
                hint=f"did you mean `{near[0]}`?" if near else None,
            )
        )


class _Before:
    """What comes before the call is tried again as the call itself is: nothing can happen twice yet.

    Not where there are fallbacks: then what failed is the first attempt of the call, which may have more of them, and
    leaves it to the fallbacks.
    """

    def __init__(self, session: Session, spec: ServerSpec, options: CallOptions, ctx: Context) -> None:
        """The spec is the caller's: `@CAPABILITY` adds fallbacks that the session does not know."""
        allowed = spec.retry or RetrySpec(attempts=1)
        if spec.fallback:
            allowed = replace(allowed, attempts=1)
        elif options.retries is not None:
            allowed = replace(allowed, attempts=options.retries + 1)
        self.attempts = Attempts(
            allowed,
            server=spec.name,
            emit=ctx.emit,
            clock=ctx.world.clock,
            within=ctx.options.timeout,
        )
        self.failure: McpctlError | None = None
        self._session = session
        self._fallback = spec.fallback
        self._validate = options.validate

    async def version(self) -> str | None:
        """Of the protocol; with fallbacks in place a server that does not start is not the end."""
        try:
            return (await self.attempts.of(self._session.connect)).protocol_version
        except McpctlError as error:
            self._leave_to_fallbacks(error)
            return None

    async def declared(self, tool: str) -> Tool | None:
        try:
            return await self.attempts.of(lambda: self._session.tool(tool))
        except McpctlError as error:
            if self._validate:
                self._leave_to_fallbacks(error)
            return None

    def _leave_to_fallbacks(self, error: McpctlError) -> None:
        if not self._fallback or isinstance(error, UsageError):
            raise error
        self.failure = error


async def _declared_elsewhere(tool: str, spec: ServerSpec, answers: Handlers, ctx: Context) -> Tool | None:
    """Text becomes what the first server declares that may stand in."""
    for name in spec.fallback:
        with suppress(McpctlError):
            async with ctx.sessions.open(name, answers) as session:
                return await session.tool(tool)
    return None


async def _call(
    session: Session,
    tool: str,
    arguments: JsonObject,
    *,
    declared: Tool | None,
    options: CallOptions,
    ctx: Context,
    wait: Waiting,
    failed: McpctlError | None,
) -> ToolResult:
    try:
        return await session.call_tool(
            tool,
            arguments,
            timeout=ctx.options.timeout if session.spec.call_timeout is None else None,
            within=ctx.options.timeout,
            on_progress=wait.progress,
            validate=options.validate,
            use_cache=options.use_cache,
            retries=options.retries,
            spare=True,
            failed=failed,
        )
    except UsageError as error:
        if error.code == "usage.arguments" and declared is not None:
            from mcpctl.commands.example import example

            error.hint = example(typed(options.aside, session.name), declared, arguments)
        raise


def _report(
    result: ToolResult, options: CallOptions, spec: ServerSpec, tool: str, ctx: Context
) -> dict[str, Any]:
    pretty = ctx.world.stdout_tty
    saved = save_blocks(result.content, options.save, ctx.world.cwd) if options.save is not None else []
    text: str | bytes = ""
    truncated = None
    if not options.raw:
        whole = (
            _field(result, options.field, pretty=pretty)
            if options.field
            else result_text(result, saved, pretty=pretty)
        )
        text, truncated = shown(whole, options.show, spec, tool, ctx)
    faulty = bool(result.schema_faults) and options.strict_output
    return {
        "exit_code": 1 if result.is_error else 5 if faulty else 0,
        "is_error": result.is_error,
        "text": text,
        "content": result.content,
        "structured": result.structured,
        "truncated": truncated,
        "cached": result.cached,
        "attempts": result.attempts,
        "served_by": result.served_by,
        "saved": tuple(path for path in saved if path),
        "schema_faults": result.schema_faults,
        "raw": result.raw if options.raw else None,
    }


def _field(result: ToolResult, path: str, *, pretty: bool) -> str:
    value = picked_from(result, path)
    return value if isinstance(value, str) else json_text(value, pretty=pretty)
