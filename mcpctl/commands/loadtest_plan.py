"""From options to a plan: everything that can be told before the load is told before it, and the servers looked at once."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from importlib.util import find_spec
from math import isfinite
from pathlib import Path

from mcpctl.commands.context import Context
from mcpctl.commands.loadtest_words import Part, parts_of, read_lines
from mcpctl.errors import UsageError
from mcpctl.loadtest.files import read_stages
from mcpctl.loadtest.metrics import parse_address
from mcpctl.loadtest.plan import Operation, Plan, shard_of
from mcpctl.loadtest.scout import Scout
from mcpctl.loadtest.shape import Shape, parse_shard, shape
from mcpctl.loadtest.stored import StoredRun, check_writable, load
from mcpctl.loadtest.thresholds import Threshold, parse_threshold, parse_thresholds
from mcpctl.model.load import LoadOptions
from mcpctl.model.value import dataclass
from mcpctl.wire.address import parse_address as parse_url

_HERE = re.compile(r"localhost|.*\.localhost|127(\.\d+){3}|::1")
"""Hosts that are this very machine."""

DEFAULT_TIMEOUT = 60.0
"""Seconds that one request may take where nobody says otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What is known before any server is started."""

    parts: list[Part]
    shape: Shape
    lines: dict[str, tuple[str, ...]]
    thresholds: tuple[Threshold, ...]
    limit: Threshold | None
    baseline: StoredRun | None
    shard: tuple[int, int] | None
    start_at: float | None
    metrics: tuple[str, int] | None


def prepare(options: LoadOptions, ctx: Context) -> Prepared:
    """Raises everything that is wrong with what was asked for."""
    cwd = ctx.world.cwd
    stages = read_stages(cwd / options.stages) if options.stages is not None else None
    found = shape(options, stages)
    thresholds = parse_thresholds(options.thresholds)
    limit = parse_threshold(options.find_limit) if options.find_limit is not None else None
    metrics = parse_address(options.metrics) if options.metrics is not None else None
    parts = parts_of(options, ctx)
    _check_remote(parts, options, ctx)
    check_files((options.save, options.report, options.junit, options.csv), ctx)
    if options.report is not None:
        require_charts()
    return Prepared(
        parts=parts,
        shape=found,
        lines=read_lines(parts, ctx),
        thresholds=thresholds,
        limit=limit,
        baseline=load(cwd / options.baseline) if options.baseline is not None else None,
        shard=parse_shard(options.shard) if options.shard is not None else None,
        start_at=parse_moment(options.start_at) if options.start_at is not None else None,
        metrics=metrics,
    )


async def plan_for(options: LoadOptions, prepared: Prepared, ctx: Context) -> Plan:
    """Looks at every server once. Raises what connecting raises, and what does not fit what they offer."""
    specs = {part.spec.name: part.spec for part in prepared.parts}
    scouts: list[Scout] = []
    operations: list[Operation] = []
    for place, (name, spec) in enumerate(specs.items()):
        async with ctx.sessions.open(spec) as session:
            scout = await Scout.visit(session, manager=ctx.sessions, launches=ctx.launches, env=ctx.world.env)
            scouts.append(scout)
            operations += [
                await _operation(part, scout, place, prepared, options)
                for part in prepared.parts
                if part.spec.name == name
            ]
        # Its process would take part of what is measured.
        await ctx.sessions.slot(spec).discard()
    found = prepared.shape
    timeout = options.call_timeout or next(iter(specs.values())).call_timeout or DEFAULT_TIMEOUT
    plan = Plan(
        targets=tuple(scout.target for scout in scouts),
        operations=tuple(operations),
        model=found.model,
        profile=found.profile,
        arrivals=found.arrivals,
        requests=found.requests,
        warmup=options.warmup,
        think=options.think,
        sessions=options.sessions,
        calls_per_session=options.calls_per_session,
        max_in_flight=found.max_in_flight,
        call_timeout=timeout,
        seed=options.seed if options.seed is not None else time.time_ns() % (1 << 32),
        check_every=options.check_every,
        lines=prepared.lines,
        start_at=prepared.start_at,
    )
    return shard_of(plan, *prepared.shard) if prepared.shard is not None else plan


def check_files(paths: Iterable[str | None], ctx: Context) -> None:
    """Raises `UsageError` for a place where a result could not be put, or would be written over by the next."""
    seen: set[Path] = set()
    for path in paths:
        if path is None:
            continue
        check_writable(ctx.world.cwd / path)
        place = (ctx.world.cwd / path).resolve()
        # Two results may well share a terminal, or nothing at all.
        if place in seen and (place.is_file() or not place.exists()):
            raise UsageError(
                f"two results would be written to `{path}`",
                code="usage.conflict",
                hint="name a file for each",
            )
        seen.add(place)


def require_charts() -> None:
    """Raises `UsageError` without the extra, so that nobody finds out after an hour of load."""
    if find_spec("plotly") is None:
        raise UsageError(
            "`--report` needs the package `plotly`",
            code="usage.extra",
            hint="install it: `pip install 'mcpctl-toolkit[report]'`",
        )


def parse_moment(text: str) -> float:
    """Seconds since the epoch, or a date and time as ISO 8601 writes it. Raises `UsageError`."""
    from datetime import datetime

    try:
        seconds = float(text)
        if isfinite(seconds):
            return seconds
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(
            f"`--start-at {text}` is no moment",
            code="usage.invalid_value",
            hint="write it as `2026-01-31T12:00:00+00:00`, or in seconds since 1970",
        ) from error
    return moment.timestamp()


async def _operation(
    part: Part, scout: Scout, place: int, prepared: Prepared, options: LoadOptions
) -> Operation:
    tool = await scout.tool(part.subject) if part.kind == "tool" else None
    arguments = part.arguments(tool.input_schema if tool is not None else {}, prepared.lines)
    if tool is not None and options.validate:
        scout.check_arguments(tool, arguments, prepared.lines)
    if part.kind == "prompt":
        await scout.check_prompt(part.subject)
    return scout.operation(
        name=part.label,
        kind=part.kind,
        place=place,
        subject=part.subject,
        arguments=arguments,
        weight=part.weight,
        tool=tool,
    )


def _check_remote(parts: list[Part], options: LoadOptions, ctx: Context) -> None:
    """Load is an attack on whoever did not ask for it."""
    if options.yes_remote:
        return
    for part in parts:
        if part.spec.transport == "stdio":
            continue
        url = ctx.launches.resolve(part.spec).spec.url or ""
        host = parse_url(url).host
        if not _HERE.fullmatch(host):
            raise UsageError(
                f"`{host}` is not this machine: a load may be taken for an attack",
                code="usage.remote",
                hint="add `--yes-remote` if the server is yours to load",
                server=part.spec.name,
            )
