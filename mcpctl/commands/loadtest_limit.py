"""`--find-limit`: many loads, each at another level, until the highest one that holds is known."""

from __future__ import annotations

from mcpctl.commands.context import Context
from mcpctl.commands.loadtest_plan import Prepared
from mcpctl.loadtest.conductor import Generators, conduct
from mcpctl.loadtest.limits import descriptors_needed, raise_descriptors
from mcpctl.loadtest.plan import Plan
from mcpctl.loadtest.profile import steady
from mcpctl.loadtest.reporting import reached, report_on
from mcpctl.loadtest.search import highest_level
from mcpctl.loadtest.shape import parse_rate, shape
from mcpctl.loadtest.stored import StoredRun, about
from mcpctl.model.events import ignore
from mcpctl.model.load import LoadOptions
from mcpctl.model.load_report import LimitFound, LimitStep, LoadReport
from mcpctl.model.value import replace

STEP = 5.0
"""Seconds of one level where no duration is given."""

FIRST_RATE = 100.0
"""Requests a second to begin with where no rate is given."""


async def find_limit(
    options: LoadOptions, prepared: Prepared, plan: Plan, making: Generators, ctx: Context
) -> LoadReport:
    assert prepared.limit is not None
    thresholds = (prepared.limit, *prepared.thresholds)
    reports: dict[float, LoadReport] = {}

    async def measure(level: float) -> LimitStep:
        step_plan = at_level(plan, options, level)
        raise_descriptors(descriptors_needed(step_plan, making.count))
        run = await conduct(step_plan, making, emit=ignore)
        report = report_on(StoredRun(about=about(step_plan), run=run), thresholds)
        reports[level] = report
        step = _step(level, report)
        held = "holds" if step.held else "does not hold"
        ctx.emit(reached(report, f"{step.level:g} {_UNITS[options.limit_of]}: {held}"))
        return step

    start = _start(options)
    found = await highest_level(measure, start=start, whole=options.limit_of != "rate")
    best = reports[found.highest] if found.highest is not None else reports[found.steps[0].level]
    limit = LimitFound(
        expr=prepared.limit.expr, quantity=options.limit_of, highest=found.highest, steps=found.steps
    )
    ended = next((report for report in reports.values() if report.exit_code in {130, 4}), None)
    exit_code = ended.exit_code if ended is not None else int(found.highest is None)
    return replace(best, limit=limit, exit_code=exit_code)


def at_level(plan: Plan, options: LoadOptions, level: float) -> Plan:
    """The plan with another rate, another number of sessions, or of requests in flight."""
    length = options.warmup + (options.duration or STEP)
    if options.limit_of == "rate":
        again = shape(
            replace(
                options, rate=f"{level:.6f}", concurrency=None, think=0.0, duration=options.duration or STEP
            )
        )
        return replace(
            plan,
            model="open",
            profile=again.profile,
            arrivals=again.arrivals,
            max_in_flight=again.max_in_flight,
        )
    if options.limit_of == "sessions":
        each = options.concurrency or 1
        places = int(level) * each
        return replace(
            plan,
            model="closed",
            sessions=int(level),
            profile=steady(places, until=length),
            max_in_flight=places,
        )
    return replace(
        plan, model="closed", profile=steady(level * plan.sessions, until=length), max_in_flight=int(level)
    )


def _start(options: LoadOptions) -> float:
    if options.limit_of == "rate":
        return parse_rate(options.rate) if options.rate is not None else FIRST_RATE
    if options.limit_of == "concurrency":
        return float(options.concurrency or 1)
    return float(options.sessions)


def _step(level: float, report: LoadReport) -> LimitStep:
    sought = report.thresholds[0]
    held = all(outcome.passed for outcome in report.thresholds) and report.ok > 0
    untrue = report.verdict == "invalid"
    return LimitStep(
        level=level,
        held=held and not untrue,
        value=sought.value,
        shown=sought.shown,
        rps=report.rps,
        final=untrue or report.ended != "complete",
        note=report.reasons[0] if untrue and report.reasons else None,
    )


_UNITS = {"rate": "requests/s", "sessions": "sessions", "concurrency": "in flight"}
