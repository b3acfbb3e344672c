"""`mcpctl prompts`, `mcpctl prompt` and `mcpctl complete`: prompts, their messages, and proposals for arguments."""

from __future__ import annotations

from typing import Any

from mcpctl.commands.context import Context
from mcpctl.commands.files import read_file
from mcpctl.commands.items import parse
from mcpctl.commands.questions import handlers
from mcpctl.commands.resources import matching
from mcpctl.commands.target import target, typed
from mcpctl.errors import UsageError
from mcpctl.model.offers import (
    CompleteOptions,
    CompleteReport,
    ListOptions,
    PromptOptions,
    PromptReport,
    PromptsReport,
)
from mcpctl.model.protocol import JsonObject
from mcpctl.session.answers import malformed
from mcpctl.session.naming import unknown


async def prompts(options: ListOptions, ctx: Context) -> PromptsReport:
    spec, words = target(options.words, options.aside, ctx)
    if words:
        raise UsageError(
            f"`{words[0]}` is one word too many",
            code="usage.words",
            hint=f"get it: `mcpctl prompt {spec.name} {words[0]}`",
        )
    async with ctx.sessions.open(spec) as session:
        listing = await session.list("prompts/list")
    kept = matching(listing.items, options.grep, ("name", "title", "description"))
    return PromptsReport(server=spec.name, prompts=kept, faults=listing.faults)


async def prompt(options: PromptOptions, ctx: Context) -> PromptReport:
    spec, words = target(options.words, options.aside, ctx)
    if not words:
        server = typed(options.aside, spec.name)
        raise UsageError("no prompt is named", code="usage.missing", hint=f"see `mcpctl prompts {server}`")
    name = words[0]
    items = parse(words[1:], lambda file: read_file(ctx.world, file))
    arguments = {item.path[0]: item.text for item in items}
    clock = ctx.world.clock
    async with ctx.sessions.open(spec, handlers(options.answers, ctx, spec.name)) as session:
        listing = await session.list("prompts/list")
        declared = next((item for item in listing.items if item["name"] == name), None)
        if declared is None:
            raise unknown(name, [item["name"] for item in listing.items], server=spec.name, kind="prompt")
        _check(declared, arguments, spec.name)
        began = clock()
        result = await session.get_prompt(name, arguments, timeout=ctx.options.timeout)
        duration_ms = (clock() - began) * 1000
    messages = result.get("messages")
    if not isinstance(messages, list) or not all(isinstance(each, dict) for each in messages):
        raise malformed("a result without a list of `messages`")
    description = result.get("description")
    return PromptReport(
        server=spec.name,
        name=name,
        description=description if isinstance(description, str) else None,
        messages=tuple(messages),
        duration_ms=duration_ms,
    )


async def complete(options: CompleteOptions, ctx: Context) -> CompleteReport:
    spec, words = target(options.words, options.aside, ctx)
    if len(words) < 2:
        raise UsageError(
            "`complete` wants a prompt or template, and the argument to complete",
            code="usage.missing",
            hint="such as `mcpctl complete demo PROMPT name=A`",
        )
    argument, _, prefix = words[1].partition("=")
    known = dict(word.partition("=")[::2] for word in words[2:])
    reference: JsonObject = (
        {"type": "ref/resource", "uri": words[0]}
        if "://" in words[0]
        else {"type": "ref/prompt", "name": words[0]}
    )
    async with ctx.sessions.open(spec) as session:
        identity = await session.connect()
        if "completions" not in identity.capabilities:
            raise UsageError(
                f"server `{spec.name}` offers no completion",
                code="usage.no_completion",
                hint=f"see what it offers: `mcpctl inspect {spec.name}`",
                server=spec.name,
            )
        result = await session.complete(reference, argument, prefix, known=known)
    completion: Any = result.get("completion")
    values = completion.get("values") if isinstance(completion, dict) else None
    if not isinstance(values, list):
        raise malformed("a result without `completion.values`")
    total = completion.get("total")
    return CompleteReport(
        server=spec.name,
        values=tuple(str(value) for value in values),
        total=total if isinstance(total, int) else None,
        has_more=completion.get("hasMore") is True,
    )


def _check(declared: JsonObject, given: dict[str, str], server: str) -> None:
    """A prompt's arguments are texts with names: what is missing or unknown is said before asking."""
    listed = declared.get("arguments")
    arguments = [each for each in (listed if isinstance(listed, list) else []) if isinstance(each, dict)]
    names = [str(each.get("name")) for each in arguments]
    missing = [
        str(each.get("name")) for each in arguments if each.get("required") and each.get("name") not in given
    ]
    strange = [name for name in given if name not in names]
    if not missing and not strange:
        return
    said = [f"`{name}` is missing" for name in missing] + [f"`{name}` is not known" for name in strange]
    wanted = " ".join(f"{name}=…" for name in names)
    raise UsageError(
        f"the arguments do not fit prompt `{declared['name']}`: {', '.join(said)}",
        code="usage.arguments",
        hint=f"mcpctl prompt {server} {declared['name']} {wanted}".rstrip(),
        server=server,
    )
