"""`mcpctl validate [PATH…]`: check configurations of any host, and mend what can be mended without doubt."""

from __future__ import annotations

from collections.abc import Awaitable, Iterable

from mcpctl.commands.checks import check_once
from mcpctl.commands.context import Context
from mcpctl.commands.hosts import host_named
from mcpctl.errors import UsageError
from mcpctl.model.lint import ValidateOptions, ValidateReport
from mcpctl.model.value import replace


def validate(options: ValidateOptions, ctx: Context) -> ValidateReport | Awaitable[ValidateReport]:
    options = replace(options, select=_split(options.select), ignore=_split(options.ignore))
    _refuse_nonsense(options)
    if options.watch:
        from mcpctl.commands.validate_watch import watch

        return watch(options, ctx)
    if options.connect:
        from mcpctl.commands.validate_connect import connect

        return connect(options, ctx)
    return check_once(options, ctx)


def _split(words: Iterable[str]) -> tuple[str, ...]:
    """`MCP1,MCP2` is two words."""
    return tuple(part.strip() for word in words for part in word.split(",") if part.strip())


def _refuse_nonsense(options: ValidateOptions) -> None:
    if options.host is not None:
        host_named(options.host)
    if options.fix and "-" in options.paths:
        raise UsageError(
            "stdin cannot be fixed", code="usage.conflict", hint="use `--diff` to see what would change"
        )
    if options.update_baseline and options.baseline is None:
        raise UsageError(
            "`--update-baseline` needs a file", code="usage.missing", hint="name it with `--baseline FILE`"
        )
    words = (*options.select, *options.ignore)
    if words:
        from mcpctl.lint.catalogue import all_rules
        from mcpctl.lint.registry import is_selected

        for word in words:
            rule = word.partition(":")[0]
            if not any(is_selected(each.code, each.name, rule) for each in all_rules().values()):
                raise UsageError(
                    f"no rule is called `{word}`", code="usage.unknown_rule", hint="see `mcpctl explain`"
                )
