"""`loadtest-compare` and `loadtest-merge`: verdicts over runs that were stored before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from mcpctl.commands.context import Context
from mcpctl.commands.loadtest import files_of
from mcpctl.commands.loadtest_plan import check_files, require_charts
from mcpctl.errors import UsageError
from mcpctl.loadtest.comparison import overall
from mcpctl.loadtest.reporting import report_on
from mcpctl.loadtest.series import against_runs, apart, merge
from mcpctl.loadtest.shape import parse_share
from mcpctl.loadtest.stored import StoredRun, load, save
from mcpctl.loadtest.thresholds import parse_thresholds
from mcpctl.loadtest.verdict import check_names
from mcpctl.model.load import CompareOptions, Comparison, LoadOptions, MergeOptions
from mcpctl.model.load_report import ComparisonReport, LoadReport, MetricComparison
from mcpctl.model.value import replace

SEPARATOR = "--"


def loadtest_compare(options: CompareOptions, ctx: Context) -> ComparisonReport:
    words = options.words
    place = words.index(SEPARATOR) if SEPARATOR in words else len(words)
    before, after = words[:place], words[place + 1 :]
    if not before or not after:
        raise UsageError(
            "two sets of runs are compared, with `--` between them",
            code="usage.missing",
            hint="type `mcpctl loadtest-compare before-*.json -- after-*.json`",
        )
    early, late = _loaded(before, ctx), _loaded(after, ctx)
    floor = parse_share(options.floor, "--floor") if options.floor is not None else None
    metrics = against_runs(early, late, paired=False, floor=floor)
    verdict, exit_code = outcome(metrics, options.inconclusive)
    return ComparisonReport(
        exit_code=exit_code,
        before=", ".join(before),
        after=", ".join(after),
        runs_before=len(early),
        runs_after=len(late),
        paired=False,
        metrics=metrics,
        verdict=verdict,
        notes=_notes(early, late),
    )


def loadtest_merge(options: MergeOptions, ctx: Context) -> LoadReport:
    thresholds = parse_thresholds(options.thresholds)
    check_files((options.save, options.report, options.junit, options.csv), ctx)
    if options.report is not None:
        require_charts()
    if not options.words:
        raise UsageError(
            "no file is named", code="usage.missing", hint="type `mcpctl loadtest-merge shard-*.json`"
        )
    shards = _loaded(options.words, ctx)
    whole = merge(shards)
    check_names(thresholds, list(whole.run.tallies))
    if options.save is not None:
        save(whole, ctx.world.cwd / options.save)
    wanted = LoadOptions(report=options.report, junit=options.junit, csv=options.csv)
    report = report_on(whole, thresholds)
    warning = apart(shards)
    reasons = report.reasons if warning is None else (*report.reasons, warning)
    return replace(report, reasons=reasons, files=files_of(wanted, ctx))


def outcome(
    metrics: Sequence[MetricComparison], inconclusive: Literal["pass", "fail"]
) -> tuple[Comparison, int]:
    verdict = overall(metrics) if metrics else "inconclusive"
    return verdict, int(verdict == "regression" or (verdict == "inconclusive" and inconclusive == "fail"))


def _loaded(words: Sequence[str], ctx: Context) -> list[StoredRun]:
    return [load(ctx.world.cwd / word) for word in words]


def _notes(before: Sequence[StoredRun], after: Sequence[StoredRun]) -> tuple[str, ...]:
    hosts = {str(each.about.environment.get("host")) for each in (*before, *after)}
    if len(hosts) > 1:
        return ("the runs come from different machines: what differs may be they",)
    return ()
