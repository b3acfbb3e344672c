"""Asks the rules. A rule is skipped where the file does not mention what it is about, so clean files cost little."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache

from mcpctl.lint.catalogue import all_rules
from mcpctl.lint.entry import Entry
from mcpctl.lint.finding import Finding
from mcpctl.lint.registry import Rule, Scope, is_selected
from mcpctl.lint.subject import Outline, Subject

Found = tuple[Rule, Finding]

_MOST_FINDINGS = 1000
"""Findings of one file: beyond that nobody reads, and a 50 MB file would fill the memory with them."""


class Plan:
    """The rules that were asked for, sorted by what they look at."""

    def __init__(self, select: Sequence[str] = (), ignore: Sequence[str] = ()) -> None:
        chosen = [rule for rule in all_rules().values() if _wanted(rule, select, ignore)]
        self.rules = {rule.code: rule for rule in chosen}
        self._by_scope: dict[Scope, list[Rule]] = {}
        for rule in chosen:
            self._by_scope.setdefault(rule.scope, []).append(rule)
        self._plans: dict[tuple[str, Scope], list[Rule]] = {}
        self._asked: dict[tuple[tuple[str, ...], frozenset[str]], list[Rule]] = {}

    def of(self, scope: Scope, host: str) -> list[Rule]:
        key = (host, scope)
        if key not in self._plans:
            rules = self._by_scope.get(scope, [])
            self._plans[key] = [rule for rule in rules if not rule.hosts or host in rule.hosts]
        return self._plans[key]

    def mentioned(self, scope: Scope, subject: Subject) -> list[Rule]:
        """The rules that have something to look for in this text."""
        text = subject.searchable
        if text is None:
            return self.of(scope, subject.host.id)
        found = []
        for rule in self.of(scope, subject.host.id):
            if not rule.mentions:
                found.append(rule)
                continue
            for word in rule.mentions:
                if word in text:
                    found.append(rule)
                    break
        return found


def _wanted(rule: Rule, select: Sequence[str], ignore: Sequence[str]) -> bool:
    if any(is_selected(rule.code, rule.name, word) for word in ignore):
        return False
    return not select or any(is_selected(rule.code, rule.name, word) for word in select)


def check(subject: Subject, plan: Plan) -> list[Found]:
    """Everything that the rules find in one file by itself, in no order."""
    found: list[Found] = list(_syntax(subject, plan))
    for rule in plan.mentioned("file", subject):
        found.extend([(rule, finding) for finding in rule.check(subject)])
        if len(found) > _MOST_FINDINGS:
            return found
    rules = plan.mentioned("server", subject)
    fields = [(rule, frozenset(rule.fields)) for rule in rules]
    plans: dict[frozenset[str], list[Rule]] = {}
    for entry in subject.entries:
        asked = plans.get(entry.names)
        if asked is None:
            asked = [rule for rule, needed in fields if not needed or not needed.isdisjoint(entry.names)]
            plans[entry.names] = asked
        for rule in asked:
            found.extend([(rule, named(finding, entry)) for finding in rule.check(entry, subject)])
        if len(found) > _MOST_FINDINGS:
            break
    return found


def named(finding: Finding, entry: Entry) -> Finding:
    return finding if finding.server is not None else finding._replace(server=entry.name)


def check_more(
    subject: Subject, plan: Plan, scope: Scope, about: Callable[[Entry], object]
) -> Iterator[Found]:
    """Rules that need something beside the file: this machine, or an answer of the server."""
    for rule in plan.mentioned(scope, subject):
        for entry in subject.entries:
            for finding in rule.check(entry, subject, about(entry)):
                yield rule, named(finding, entry)


def check_together(outlines: Sequence[Outline], plan: Plan) -> Iterator[tuple[Outline, Found]]:
    """Rules that look at several files."""
    for rule in plan.of("set", ""):
        for outline, finding in rule.check(outlines):
            yield outline, (rule, finding)


def _syntax(subject: Subject, plan: Plan) -> Iterable[Found]:
    if not subject.has_document:
        return ()
    return list(_faults(subject, plan))


def _faults(subject: Subject, plan: Plan) -> Iterator[Found]:
    from mcpctl.lint.rules.syntax import FAULTS

    document = subject.document
    for fault in document.faults:
        rule = plan.rules.get(FAULTS.get(fault.code, "MCP001"))
        if rule is None:
            continue
        span = (fault.span.offset_start, fault.span.offset_end)
        lenient = fault.code in {"comment", "trailing_comma", "bom"} and not subject.host.is_strict
        yield (
            rule,
            Finding(
                span=span,
                message=fault.message,
                hint=fault.hint,
                severity="warning" if lenient else None,
                fix=rule.check(fault, subject),
            ),
        )
    rule = plan.rules.get("MCP005")
    if rule is None or subject.syntax in {"toml", "yaml"}:
        return
    for duplicate in document.duplicates:
        yield (
            rule,
            Finding(
                span=(duplicate.second.offset_start, duplicate.second.offset_end),
                message=f"`{duplicate.path[-1]}` is here a second time: the first, on line {duplicate.first.line}, is lost"
                if duplicate.second.offset_start > duplicate.first.offset_start
                else f"`{duplicate.path[-1]}` is lost: it is there again on line {duplicate.first.line}",
                hint="remove one of them",
            ),
        )


@cache
def default_plan() -> Plan:
    return Plan()
