"""`mcpctl inspect`: who a server is, what it can do and offers, and how long it took to say so."""

from __future__ import annotations

from mcpctl.commands.context import Context
from mcpctl.commands.target import target, typed
from mcpctl.commands.tools import enabled, side_by_side, verdict
from mcpctl.errors import McpctlError, UsageError
from mcpctl.model.offers import Inspection, InspectOptions, InspectReport
from mcpctl.model.protocol import Listing
from mcpctl.model.server import ServerSpec
from mcpctl.session import Session

_LISTS = ("tools/list", "resources/list", "resources/templates/list", "prompts/list")


async def inspect(options: InspectOptions, ctx: Context) -> InspectReport:
    if options.every:
        if options.words:
            raise UsageError(
                "`--all` goes without a server", code="usage.conflict", hint="leave one of them out"
            )
        answers, errors = await side_by_side(enabled(ctx), lambda spec: _inspected(spec, ctx))
        return InspectReport(servers=tuple(answers), errors=tuple(errors), exit_code=verdict(answers, errors))
    spec, words = target(options.words, options.aside, ctx)
    if words:
        raise UsageError(
            f"`{words[0]}` is one word too many",
            code="usage.words",
            hint=f"see one tool: `mcpctl tools {typed(options.aside, spec.name)} NAME`",
        )
    return InspectReport(servers=(await _inspected(spec, ctx),))


async def _inspected(spec: ServerSpec, ctx: Context) -> Inspection:
    clock = ctx.world.clock
    async with ctx.sessions.open(spec) as session:
        began = clock()
        identity = await session.connect()
        connect_ms = (clock() - began) * 1000
        took: dict[str, float] = {}
        notes: list[str] = []
        lists: dict[str, Listing] = {}
        for method in _LISTS:
            began = clock()
            lists[method] = await _list(session, method, notes)
            took[method.rpartition("/")[0]] = (clock() - began) * 1000
        facts = await session.facts()
        if facts.noise_lines:
            notes.append(f"{facts.noise_lines} lines on stdout were not JSON-RPC: logs belong on stderr")
    tools, resources, templates, prompts = (lists[method].items for method in _LISTS)
    return Inspection(
        server=spec.name,
        identity=identity,
        tools=tools,
        resources=resources,
        templates=templates,
        prompts=prompts,
        connect_ms=connect_ms,
        list_ms=took,
        notes=tuple(notes),
    )


async def _list(session: Session, method: str, notes: list[str]) -> Listing:
    """A list that fails is a note: the rest is still worth seeing."""
    try:
        listing = await session.list(method)
    except McpctlError as error:
        if error.exit_code != 5:
            raise
        notes.append(f"`{method}` failed: {error.message}")
        return Listing(items=())
    notes.extend(listing.faults)
    return listing
