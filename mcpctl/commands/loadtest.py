"""`mcpctl loadtest SERVER TOOL [ITEM…]`: load, figures that can be believed, and a verdict."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from mcpctl.commands.context import Context
from mcpctl.commands.loadtest_plan import Prepared, plan_for, prepare
from mcpctl.loadtest.conductor import Generators, conduct
from mcpctl.loadtest.limits import descriptors_needed, raise_descriptors, within_descriptors
from mcpctl.loadtest.metrics import Metrics
from mcpctl.loadtest.plan import Plan
from mcpctl.loadtest.reporting import report_on
from mcpctl.loadtest.series import against_baseline, require_comparable
from mcpctl.loadtest.shape import parse_share
from mcpctl.loadtest.stored import StoredRun, about, save
from mcpctl.loadtest.verdict import check_names
from mcpctl.loadtest.workers import Workers
from mcpctl.model.events import Emit, Event, Noticed
from mcpctl.model.load import LoadOptions
from mcpctl.model.load_report import LoadFiles, LoadProgressed, LoadReport, MetricComparison
from mcpctl.model.value import replace


async def loadtest(options: LoadOptions, ctx: Context) -> LoadReport:
    prepared = prepare(options, ctx)
    async with generators(options, ctx) as making:
        plan = await plan_for(options, prepared, ctx)
        names = [operation.name for operation in plan.operations]
        check_names(prepared.thresholds, names)
        if prepared.limit is not None:
            from mcpctl.commands.loadtest_limit import find_limit

            check_names((prepared.limit,), names)
            report = await find_limit(options, prepared, plan, making, ctx)
        else:
            if prepared.baseline is not None:
                require_comparable(prepared.baseline, about(plan))
            if options.max_in_flight is None:
                plan = within_descriptors(plan, making.count)
            raise_descriptors(descriptors_needed(plan, making.count))
            report = await _loaded(options, prepared, plan, making, ctx)
    return replace(report, files=files_of(options, ctx))


@asynccontextmanager
async def generators(options: LoadOptions, ctx: Context) -> AsyncIterator[Generators]:
    """They load while the servers are looked at; none of them stays behind."""
    if options.cluster is not None:
        from mcpctl.loadtest.cluster import joined

        async with joined(options.cluster) as cluster:
            yield cluster
        return
    workers = Workers(options.workers, ctx.world.env)
    try:
        yield workers
    finally:
        await workers.aclose()


@asynccontextmanager
async def told(prepared: Prepared, plan: Plan, ctx: Context) -> AsyncIterator[Emit]:
    """Whoever wants to hear of progress: the terminal, and Prometheus."""
    if prepared.metrics is None:
        yield ctx.emit
        return
    metrics = Metrics(server=about(plan).server)
    host, port = prepared.metrics
    port = await metrics.open(host, port)
    ctx.emit(Noticed(message=f"metrics are served at http://{host}:{port}/metrics"))
    try:
        yield _both(ctx.emit, metrics)
    finally:
        await metrics.close()


def files_of(options: LoadOptions, ctx: Context) -> LoadFiles:
    """Where the report goes besides the screen."""
    cwd = ctx.world.cwd
    summary = ctx.world.env.get("GITHUB_STEP_SUMMARY")
    return LoadFiles(
        html=_under(cwd, options.report),
        junit=_under(cwd, options.junit),
        csv=_under(cwd, options.csv),
        summary=Path(summary) if summary else None,
    )


async def _loaded(
    options: LoadOptions, prepared: Prepared, plan: Plan, making: Generators, ctx: Context
) -> LoadReport:
    abort_on = prepared.thresholds if options.abort_on_fail else ()
    async with told(prepared, plan, ctx) as emit:
        run = await conduct(plan, making, emit=emit, abort_on=abort_on)
    # What servers said goes into files too, past everything that cleans what is shown.
    run.error_samples = ctx.redactor.clean_json(run.error_samples)
    run.faults = ctx.redactor.clean_json(run.faults)
    stored = StoredRun(about=about(plan), run=run)
    if options.save is not None:
        save(stored, ctx.world.cwd / options.save)
    comparison: tuple[MetricComparison, ...] = ()
    if prepared.baseline is not None and run.ended == "complete":
        comparison = against_baseline(
            stored, prepared.baseline, max_regression=parse_share(options.max_regression, "--max-regression")
        )
    return report_on(stored, prepared.thresholds, comparison=comparison)


def _both(emit: Emit, metrics: Metrics) -> Emit:
    def tell(event: Event) -> None:
        if isinstance(event, LoadProgressed):
            metrics.tell(event)
        emit(event)

    return tell


def _under(folder: Path, path: str | None) -> Path | None:
    return None if path is None else folder / path
