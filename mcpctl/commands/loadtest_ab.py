"""`mcpctl loadtest-ab --a … --b …`: two servers under the same load, in turns, and whether one of them is slower.

Each pair is measured back to back and in changing order, so that whatever drifts on the machine hits both alike.
"""

from __future__ import annotations

from collections.abc import Sequence

from mcpctl.commands.context import Context
from mcpctl.commands.loadtest import generators
from mcpctl.commands.loadtest_plan import Prepared, plan_for, prepare
from mcpctl.commands.loadtest_stored import outcome
from mcpctl.errors import UsageError
from mcpctl.loadtest.conductor import Generators, conduct
from mcpctl.loadtest.limits import descriptors_needed, raise_descriptors
from mcpctl.loadtest.plan import Plan
from mcpctl.loadtest.reporting import reached, report_on
from mcpctl.loadtest.series import against_runs
from mcpctl.loadtest.shape import parse_share
from mcpctl.loadtest.stored import StoredRun, about
from mcpctl.model.asking import Aside
from mcpctl.model.events import ignore
from mcpctl.model.load import AbOptions
from mcpctl.model.load_report import ComparisonReport
from mcpctl.model.value import replace

RUN = 2.0
"""Seconds of one run where nothing else is asked for: a hundred medians scatter less than one of a hundred seconds."""

WARMUP = 0.5
"""Seconds before each run that are not counted: a server that has just started is another one."""


_DISTURBED = 0.25
"""Share of a run in which the generator was ready and others had the processors: such a run is made again."""

Pair = tuple[StoredRun, StoredRun]


async def loadtest_ab(options: AbOptions, ctx: Context) -> ComparisonReport:
    sides = [_side(options, words, flag) for words, flag in ((options.a, "--a"), (options.b, "--b"))]
    prepared = [prepare(side, ctx) for side in sides]
    async with generators(options, ctx) as making:
        looked_at = [await _looked_at(side, one, ctx) for side, one in zip(sides, prepared, strict=True)]
        plans = [_apart(plan, letter) for plan, letter in zip(looked_at, "AB", strict=True)]
        raise_descriptors(max(descriptors_needed(plan, making.count) for plan in plans))
        contest = _Contest(options, plans, making, ctx)
        await contest.run()
    return contest.report()


class _Contest:
    def __init__(self, options: AbOptions, plans: Sequence[Plan], making: Generators, ctx: Context) -> None:
        self._options = options
        self._plans = plans
        self._making = making
        self._ctx = ctx
        self._pairs: list[Pair] = []
        self._repeated = 0
        self._broken: StoredRun | None = None

    async def run(self) -> None:
        """All pairs, or as many as there are before somebody ends it or a server is lost."""
        wanted = self._options.pairs
        while len(self._pairs) < wanted and self._broken is None:
            pair = await self._pair(len(self._pairs))
            if pair is None:
                return
            if self._repeated < wanted and any(map(_is_disturbed, pair)):
                self._repeated += 1
            else:
                self._pairs.append(pair)

    def report(self) -> ComparisonReport:
        options = self._options
        before, after = ([pair[side] for pair in self._pairs] for side in (0, 1))
        floor = parse_share(options.floor, "--floor") if options.floor is not None else None
        metrics = against_runs(before, after, paired=True, floor=floor) if before else ()
        verdict, exit_code = outcome(metrics, options.inconclusive)
        reports = [report_on(stored) for stored in (*before, *after, *filter(None, [self._broken]))]
        failed = next((report for report in reversed(reports) if report.exit_code), None)
        notes = list(dict.fromkeys(reason for report in reports for reason in report.reasons))
        if self._repeated:
            notes.append(f"{self._repeated} pairs were made again, because the machine was busy with others")
        if self._broken is not None:
            notes.append("only whole pairs are compared")
        return ComparisonReport(
            exit_code=failed.exit_code if failed is not None else exit_code,
            errors=failed.errors if failed is not None else (),
            before=options.a or "",
            after=options.b or "",
            runs_before=len(before),
            runs_after=len(after),
            paired=True,
            metrics=metrics,
            verdict=verdict,
            notes=tuple(notes),
        )

    async def _pair(self, number: int) -> Pair | None:
        """A B, B A, A B: whoever goes first has it neither better nor worse in the end."""
        found: dict[int, StoredRun] = {}
        for side in (number & 1, 1 - (number & 1)):
            plan = self._plans[side]
            run = await conduct(plan, self._making, emit=ignore)
            found[side] = StoredRun(about=about(plan), run=run)
            level = f"pair {number + 1}/{self._options.pairs}, {'AB'[side]}"
            self._ctx.emit(reached(report_on(found[side]), level))
            if run.ended != "complete":
                self._broken = found[side]
                return None
        return found[0], found[1]


async def _looked_at(side: AbOptions, prepared: Prepared, ctx: Context) -> Plan:
    """Under the name that was typed, which hints repeat. Two versions of one command have one name: the first is
    forgotten, or the second would be taken for it.
    """
    plan = await plan_for(side, prepared, ctx)
    for part in prepared.parts:
        await ctx.sessions.forget(part.spec.name)
    return plan


def _apart(plan: Plan, letter: str) -> Plan:
    targets = (replace(target, name=f"{target.name} ({letter})") for target in plan.targets)
    return replace(plan, targets=tuple(targets))


def _is_disturbed(stored: StoredRun) -> bool:
    return report_on(stored).verdict == "invalid" or stored.run.effort.starved_share > _DISTURBED


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
