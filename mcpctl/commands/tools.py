"""`mcpctl tools SERVER [TOOL]`, `mcpctl tools --all` and `mcpctl search WORD`: what can be called."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from mcpctl.commands.context import Context
from mcpctl.commands.example import example
from mcpctl.commands.target import dotted_target, target, typed
from mcpctl.errors import ConfigError, McpctlError, UsageError
from mcpctl.model.asking import Aside
from mcpctl.model.offers import Found, SearchOptions, SearchReport, ServerTools, ToolsOptions, ToolsReport
from mcpctl.model.protocol import Tool
from mcpctl.model.server import ServerSpec

T = TypeVar("T")


async def tools(options: ToolsOptions, ctx: Context) -> ToolsReport:
    if options.every:
        return await _of_all(options, ctx)
    spec, words = dotted_target(options.words, options.aside, ctx)
    if len(words) > 1:
        raise UsageError(
            f"`{words[1]}` is one word too many", code="usage.words", hint="name one tool at a time"
        )
    async with ctx.sessions.open(spec) as session:
        if words:
            tool = await session.tool(words[0])
            return ToolsReport(
                servers=(ServerTools(server=spec.name, tools=(tool,)),),
                schema=options.schema,
                tool=tool,
                example=example(typed(options.aside, spec.name), tool),
            )
        listed = await _listed(spec, ctx)
    return ToolsReport(servers=(_filtered(listed, options.grep),), schema=options.schema)


async def search(options: SearchOptions, ctx: Context) -> SearchReport:
    specs = enabled(ctx) if options.server is None else [target((options.server,), Aside(), ctx)[0]]
    answers, errors = await side_by_side(specs, lambda spec: _listed(spec, ctx))
    word = options.word.lower()
    found: list[Found] = []
    for listed in answers:
        for tool in listed.tools:
            where = _where(tool, word)
            if where:
                found.append(
                    Found(server=listed.server, tool=tool.name, description=tool.description, where=where)
                )
    found.sort(key=lambda each: (each.where != "name", each.server, each.tool))
    return SearchReport(
        word=options.word,
        found=tuple(found),
        errors=tuple(errors),
        exit_code=0 if found else (1 if answers else 4),
    )


def enabled(ctx: Context) -> list[ServerSpec]:
    specs = [spec for spec in ctx.settings.servers.values() if spec.enabled]
    if not specs:
        raise ConfigError(
            "no server is configured",
            code="config.no_servers",
            hint="run `mcpctl config init`, or try `mcpctl tools demo`",
        )
    return specs


async def side_by_side(
    specs: Sequence[ServerSpec], ask: Callable[[ServerSpec], Awaitable[T]]
) -> tuple[list[T], list[McpctlError]]:
    """Ask all servers at once; one that fails is a line, not the end."""
    outcomes = await asyncio.gather(*(ask(spec) for spec in specs), return_exceptions=True)
    answers: list[T] = []
    errors: list[McpctlError] = []
    for spec, outcome in zip(specs, outcomes, strict=True):
        if isinstance(outcome, McpctlError):
            outcome.server = outcome.server or spec.name
            errors.append(outcome)
        elif isinstance(outcome, BaseException):
            raise outcome
        else:
            answers.append(outcome)
    return answers, errors


async def _of_all(options: ToolsOptions, ctx: Context) -> ToolsReport:
    if options.words:
        raise UsageError("`--all` goes without a server", code="usage.conflict", hint="leave one of them out")
    answers, errors = await side_by_side(enabled(ctx), lambda spec: _listed(spec, ctx))
    return ToolsReport(
        servers=tuple(_filtered(each, options.grep) for each in answers),
        schema=options.schema,
        errors=tuple(errors),
        exit_code=verdict(answers, errors),
    )


def verdict(answers: Sequence[object], errors: Sequence[McpctlError]) -> int:
    """Some failed: 1. All failed for one reason: that reason's own code."""
    codes = {error.exit_code for error in errors}
    if not errors:
        return 0
    return codes.pop() if not answers and len(codes) == 1 else 1


async def _listed(spec: ServerSpec, ctx: Context) -> ServerTools:
    async with ctx.sessions.open(spec) as session:
        listing = await session.list("tools/list")
        return ServerTools(server=spec.name, tools=await session.tools(), faults=listing.faults)


def _filtered(listed: ServerTools, grep: str | None) -> ServerTools:
    if grep is None:
        return listed
    word = grep.lower()
    kept = tuple(tool for tool in listed.tools if _where(tool, word))
    return ServerTools(server=listed.server, tools=kept, faults=listed.faults)


def _where(tool: Tool, word: str) -> str:
    """Where a word was found, or nothing."""
    if word in tool.name.lower() or word in (tool.title or "").lower():
        return "name"
    if word in (tool.description or "").lower():
        return "description"
    properties = tool.input_schema.get("properties")
    names = properties if isinstance(properties, dict) else {}
    return "argument" if any(word in name.lower() for name in names) else ""
