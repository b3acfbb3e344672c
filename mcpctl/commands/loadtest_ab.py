"""`mcpctl loadtest-ab --a … --b …`: two servers under the same load, in turns, and whether one of them is slower.

Each pair is measured back to back and in changing order, so that whatever drifts on the machine hits both alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mcpctl.commands.context import Context
from mcpctl.commands.loadtest import generators
from mcpctl.commands.loadtest_plan import plan_for, prepare
from mcpctl.commands.loadtest_stored import outcome
from mcpctl.errors import UsageError
from mcpctl.loadtest.conductor import Generators, conduct
from mcpctl.loadtest.limits import descriptors_needed, raise_descriptors
from mcpctl.loadtest.plan import Plan
from mcpctl.loadtest.reporting import report_on
from mcpctl.loadtest.series import against_runs
from mcpctl.loadtest.shape import parse_share
from mcpctl.loadtest.stored import StoredRun, about
from mcpctl.model.asking import Aside
from mcpctl.model.events import ignore
from mcpctl.model.load import AbOptions, ComparisonReport, LoadProgressed

RUN = 2.0
"""Seconds of one run where nothing else is asked for: a hundred medians scatter less than one of a hundred seconds."""

WARMUP = 0.5
"""Seconds before each run that are not counted: a server that has just started is another one."""


async def loadtest_ab(options: AbOptions, ctx: Context) -> ComparisonReport:
    sides = [_side(options, words, flag) for words, flag in ((options.a, "--a"), (options.b, "--b"))]
    prepared = [prepare(side, ctx) for side in sides]
    names = [words or "" for words in (options.a, options.b)]
    runs: tuple[list[StoredRun], list[StoredRun]] = ([], [])
    async with generators(options, ctx) as making:
        plans = [await plan_for(side, one, ctx) for side, one in zip(sides, prepared, strict=True)]
        raise_descriptors(max(descriptors_needed(plan, making.count) for plan in plans))
        for number, side in _turns(options.pairs):
            stored = await _one(plans[side], making)
            runs[side].append(stored)
            _tell(stored, f"pair {number}/{options.pairs}, {'AB'[side]}", ctx)
            if stored.run.ended == "interrupted":
                return _finished(options, runs, names, interrupted=True)
    return _finished(options, runs, names, interrupted=False)


def _turns(pairs: int) -> Iterator[tuple[int, int]]:
    """A B, B A, A B: whoever goes first has it neither better nor worse in the end."""
    for pair in range(pairs):
        yield pair + 1, pair & 1
        yield pair + 1, 1 - (pair & 1)


def _side(options: AbOptions, words: str | None, flag: str) -> AbOptions:
    if not words:
        raise UsageError(
            f"`{flag}` names no server", code="usage.missing", hint="give a name, an address or a command"
        )
    for name, value in (
        ("--baseline", options.baseline),
        ("--save", options.save),
        ("--report", options.report),
        ("--find-limit", options.find_limit),
        ("--shard", options.shard),
        ("--threshold", options.thresholds),
    ):
        if value:
            raise UsageError(
                f"`{name}` belongs to `loadtest`", code="usage.conflict", hint=f"leave out `{name}`"
            )
    if options.pairs < 1:
        raise UsageError(
            "`--pairs` must be 1 or more", code="usage.invalid_value", hint="10 pairs see a change of 10 %"
        )
    length = options.duration if options.requests is not None else options.duration or RUN
    options = replace(options, duration=length, warmup=options.warmup or WARMUP)
    # A command has words or is a path; names of servers have neither spaces nor slashes.
    is_command = not words.startswith(("http://", "https://")) and (" " in words or "/" in words)
    if is_command:
        return replace(options, aside=replace(options.aside, stdio=words, url=None))
    aside = replace(options.aside, stdio=None, url=None) if options.aside != Aside() else options.aside
    return replace(options, words=(words, *options.words), aside=aside)


async def _one(plan: Plan, making: Generators) -> StoredRun:
    return StoredRun(about=about(plan), run=await conduct(plan, making, emit=ignore))


def _finished(
    options: AbOptions, runs: tuple[list[StoredRun], list[StoredRun]], names: list[str], *, interrupted: bool
) -> ComparisonReport:
    before, after = runs
    pairs = min(len(before), len(after)) if not interrupted else min(len(before), len(after)) - 1
    before, after = before[: max(0, pairs)], after[: max(0, pairs)]
    floor = parse_share(options.floor, "--floor") if options.floor is not None else None
    metrics = against_runs(before, after, paired=True, floor=floor) if before else ()
    reports = [report_on(stored) for stored in (*before, *after)]
    notes = list(dict.fromkeys(reason for report in reports for reason in report.reasons))
    verdict, exit_code = outcome(metrics, options.inconclusive)
    if interrupted:
        exit_code = 130
        notes.append("interrupted: only whole pairs are compared")
    elif any(report.exit_code for report in reports):
        exit_code = max(exit_code, next(report.exit_code for report in reports if report.exit_code))
    errors = next((report.errors for report in reports if report.errors), ())
    return ComparisonReport(
        exit_code=exit_code,
        errors=errors,
        before=names[0],
        after=names[1],
        runs_before=len(before),
        runs_after=len(after),
        paired=True,
        metrics=metrics,
        verdict=verdict,
        notes=tuple(notes),
    )


def _tell(stored: StoredRun, level: str, ctx: Context) -> None:
    report = report_on(stored)
    ctx.emit(
        LoadProgressed(
            server=report.server,
            elapsed=report.duration,
            planned=None,
            share=None,
            phase="load",
            sent=report.requests,
            ok=report.ok,
            errors=report.errors_by_kind,
            in_flight=0,
            dropped=report.dropped,
            rps=report.rps,
            now=report.latency,
            total=report.latency,
            level=level,
        )
    )
