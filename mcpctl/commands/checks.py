"""Checks all files that are meant and makes one answer of it; `validate` does it once, `--watch` again and again."""

from __future__ import annotations

from collections.abc import Iterable

from mcpctl.commands.context import Context
from mcpctl.errors import ConfigError, McpctlError, UsageError
from mcpctl.lint.checking import Checker, Outcome
from mcpctl.lint.gather import targets
from mcpctl.model.lint import SEVERITIES, CheckedFile, Diagnostic, Threshold, ValidateOptions, ValidateReport


def check_once(options: ValidateOptions, ctx: Context) -> ValidateReport:
    """Check everything that is meant; what a file held is forgotten with it."""
    checker = Checker(options, ctx.world, ctx.options.config)
    outcomes: list[Outcome] = []
    errors: list[McpctlError] = []
    meant = list(targets(options.paths, ctx.world, user=options.user))
    for target, result in zip(meant, checker.check_all(meant), strict=True):
        if isinstance(result, Outcome):
            outcomes.append(result)
        elif target.named or isinstance(result, UsageError):
            errors.append(result)
    return report(checker, outcomes, errors)


def report(checker: Checker, outcomes: list[Outcome], errors: list[McpctlError]) -> ValidateReport:
    """One answer out of all files; raises where there was none to look at."""
    if not outcomes:
        raise _nothing(errors, checker.options)
    diagnostics = [each for outcome in outcomes for each in outcome.diagnostics]
    diagnostics += checker.together(outcomes)
    diagnostics, suppressed = checker.known_aside(diagnostics)
    diagnostics.sort(key=_order)
    diff = "".join(outcome.diff for outcome in outcomes)
    failed = bool(errors) or reaches(diagnostics, checker.threshold) or bool(diff)
    return ValidateReport(
        exit_code=1 if failed else 0,
        errors=tuple(errors),
        files=tuple(_file(outcome) for outcome in outcomes),
        diagnostics=tuple(diagnostics),
        suppressed=suppressed + sum(outcome.suppressed for outcome in outcomes),
        fixed=sum(outcome.fixed for outcome in outcomes),
        diff=diff,
    )


def reaches(diagnostics: Iterable[Diagnostic], threshold: Threshold) -> bool:
    """Whether one of them is as bad as that, or worse."""
    if threshold == "never":
        return False
    bad = SEVERITIES[: SEVERITIES.index(threshold) + 1]
    return any(each.severity in bad for each in diagnostics)


def _file(outcome: Outcome) -> CheckedFile:
    outline = outcome.outline
    return CheckedFile(
        path=outline.file,
        host=outline.host.id,
        title=outline.host.title,
        servers=len(outline.names),
        chosen=outcome.chosen,
    )


def _order(diagnostic: Diagnostic) -> tuple[str, int, int, str]:
    return diagnostic.file, diagnostic.line, diagnostic.column, diagnostic.code


def _nothing(errors: list[McpctlError], options: ValidateOptions) -> McpctlError:
    if errors:
        first, *rest = errors
        first.related = (*first.related, *rest)
        return first
    where = f"in {', '.join(f'`{path}`' for path in options.paths)}" if options.paths else "here or above"
    if options.user:
        where = "of this user"
    return ConfigError(
        f"there is no configuration {where}",
        code="config.not_found",
        hint="name a file, or write one with `mcpctl config init`",
    )
