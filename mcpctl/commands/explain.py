"""`mcpctl explain [RULE]`: what a rule means, why it exists, a bad and a good example; without a word, all of them."""

from __future__ import annotations

from mcpctl.commands.context import Context
from mcpctl.errors import UsageError
from mcpctl.lint.catalogue import all_rules, find_rule
from mcpctl.lint.examples import written
from mcpctl.lint.nearest import nearest
from mcpctl.lint.registry import Rule, is_selected
from mcpctl.model.explain import ExplainOptions, ExplainReport, RulePage


def explain(options: ExplainOptions, ctx: Context) -> ExplainReport:
    del ctx
    if not options.rule:
        return ExplainReport(pages=tuple(_page(rule) for rule in all_rules().values()), whole=False)
    found = find_rule(options.rule)
    if found is not None:
        return ExplainReport(pages=(_page(found),), whole=True)
    band = [rule for rule in all_rules().values() if is_selected(rule.code, rule.name, options.rule)]
    if band:
        return ExplainReport(pages=tuple(_page(rule) for rule in band), whole=False)
    known = {rule.name for rule in all_rules().values()} | all_rules().keys()
    better = nearest(options.rule, known)
    raise UsageError(
        f"no rule is called `{options.rule}`",
        code="usage.unknown_rule",
        hint=f"did you mean `{better}`?" if better else "see all of them with `mcpctl explain`",
    )


def _page(rule: Rule) -> RulePage:
    return RulePage(
        code=rule.code,
        name=rule.name,
        severity=rule.severity,
        since=rule.since,
        scope=rule.scope,
        hosts=rule.hosts,
        summary=rule.summary,
        why=rule.page,
        bad=written(rule.bad),
        good=written(rule.good),
        bad_host=rule.bad.host,
        good_host=rule.good.host,
    )
