"""`mcpctl validate --connect`: what the files say, what this machine has, and what the servers answer."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from mcpctl.commands.checks import report
from mcpctl.commands.context import Context
from mcpctl.errors import McpctlError, UsageError
from mcpctl.lint.checking import Checker, Outcome
from mcpctl.lint.engine import check_more
from mcpctl.lint.gather import Target, targets
from mcpctl.lint.rules.connection import Probe
from mcpctl.lint.subject import Subject
from mcpctl.model.lint import ValidateOptions, ValidateReport
from mcpctl.model.protocol import Tool
from mcpctl.model.server import ServerSpec
from mcpctl.session import SessionManager
from mcpctl.session.launch import Launches
from mcpctl.session.schemas import SchemaChecker, UnusableSchema


async def connect(options: ValidateOptions, ctx: Context) -> ValidateReport:
    if "-" in options.paths:
        raise UsageError(
            "`--connect` needs a file", code="usage.conflict", hint="name it: servers start where it lies"
        )
    checker = Checker(options, ctx.world, ctx.options.config)
    outcomes: list[Outcome] = []
    errors: list[McpctlError] = []
    for target in targets(options.paths, ctx.world, user=options.user):
        try:
            outcomes.append(await _check(target, checker, ctx))
        except McpctlError as error:
            if target.named:
                errors.append(error)
    return report(checker, outcomes, errors)


async def _check(target: Target, checker: Checker, ctx: Context) -> Outcome:
    """The file is checked as ever, and its servers are asked beside it."""
    outcome = checker.check(target)
    subject = checker.subject_of(target)
    found = list(check_more(subject, checker.plan, "environment", lambda _: ctx.world))
    told, suppressed = checker.tell(subject, found)
    silent = {each.server for each in told if each.code == "MCP401"}
    probes = await _probe(subject, target, ctx, leave_out=silent)
    answers = list(
        check_more(subject, checker.plan, "connect", lambda entry: probes.get(entry.name, Probe()))
    )
    more, further = checker.tell(subject, answers)
    outcome.diagnostics += [*told, *more]
    outcome.suppressed += suppressed + further
    return outcome


async def _probe(
    subject: Subject, target: Target, ctx: Context, *, leave_out: set[str | None]
) -> dict[str, Probe]:
    """Start or reach every server of a file that is switched on."""
    from mcpctl.config import load

    try:
        settings = load(ctx.world, paths=(target.real,), profile=ctx.options.profile)
    except McpctlError:
        return {}  # what keeps the file from being read is among the findings already
    own = {entry.name for entry in subject.entries}
    specs = [
        spec
        for name, spec in settings.servers.items()
        if name in own and spec.enabled and name not in leave_out
    ]
    launches = Launches(settings, ctx.world, ctx.redactor.add)
    manager = SessionManager(settings, ctx.world, emit=ctx.emit, launches=launches)
    try:
        answers = await asyncio.gather(*(_ask(spec, manager) for spec in specs))
    finally:
        await manager.aclose()
    return _compared({spec.name: answer for spec, answer in zip(specs, answers, strict=True)})


async def _ask(spec: ServerSpec, manager: SessionManager) -> tuple[Sequence[Tool], McpctlError | None]:
    try:
        async with manager.open(spec) as session:
            identity = await session.connect()
            return (await session.tools() if "tools" in identity.capabilities else ()), None
    except McpctlError as error:
        return (), error


def _compared(answers: Mapping[str, tuple[Sequence[Tool], McpctlError | None]]) -> dict[str, Probe]:
    owners: dict[str, list[str]] = {}
    for server, (tools, _) in answers.items():
        for tool in tools:
            owners.setdefault(tool.name, []).append(server)
    probes = {}
    for server, (tools, error) in answers.items():
        others = {
            tool.name: next(other for other in owners[tool.name] if other != server)
            for tool in tools
            if len(set(owners[tool.name])) > 1
        }
        probes[server] = Probe(
            error=error.message if error else None,
            hint=error.hint if error else None,
            tools=tuple(tool.name for tool in tools),
            bad_schemas=_bad_schemas(tools),
            elsewhere=others,
        )
    return probes


def _bad_schemas(tools: Sequence[Tool]) -> dict[str, str]:
    checker = SchemaChecker()
    found = {}
    for tool in tools:
        if tool.input_schema.get("type") != "object":
            found[tool.name] = "its arguments are not an object"
            continue
        for kind, schema in (("input", tool.input_schema), ("output", tool.output_schema)):
            if schema is None:
                continue
            try:
                checker.faults((tool.name, kind), schema, None)
            except UnusableSchema as error:
                found[tool.name] = str(error)
    return found
