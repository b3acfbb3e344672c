"""Asks the rules. A rule is skipped where the file does not mention what it is about, so clean files cost little."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

from mcpctl.config.hosts.table import rows
from mcpctl.lint.catalogue import all_rules
from mcpctl.lint.entry import Entry
from mcpctl.lint.finding import Finding
from mcpctl.lint.glance import traits_of
from mcpctl.lint.mentions import Listener
from mcpctl.lint.registry import Rule, Scope, is_selected
from mcpctl.lint.secrets import TOKEN_PREFIXES
from mcpctl.lint.subject import Outline, Subject
from mcpctl.lint.traits import NONE, Traits
from mcpctl.model.value import NamedTuple

Found = tuple[Rule, Finding]

_MOST_PLANS = 2_000
"""Combinations of traits that are remembered."""

_MOST_FINDINGS = 1000
"""Findings of one file: beyond that nobody reads, and a 50 MB file would fill the memory with them."""


class _File(NamedTuple):
    """What there is to know of a file to decide which rules have something to look for in it."""

    host: str
    heard: frozenset[str]
    open_gates: tuple[bool, ...]


class Plan:
    """The rules that were asked for, and which of them to ask about what."""

    def __init__(self, select: Sequence[str] = (), ignore: Sequence[str] = ()) -> None:
        chosen = [rule for rule in all_rules().values() if _wanted(rule, select, ignore)]
        self.rules = {rule.code: rule for rule in chosen}
        self._gates = tuple({rule.gate: None for rule in chosen if rule.gate is not None})
        self._listener = Listener((*TOKEN_PREFIXES, *(word for rule in chosen for word in rule.mentions)))
        self._of: dict[tuple[str, Scope], list[Rule]] = {}
        self._asked: dict[tuple[_File, tuple[Traits, ...]], list[Rule]] = {}

    def of(self, scope: Scope, host: str) -> list[Rule]:
        """The rules of a kind that are about this host."""
        key = (host, scope)
        if key not in self._of:
            self._of[key] = [
                rule
                for rule in self.rules.values()
                if rule.scope == scope and (rule.about is None or not host or rule.about(rows()[host]))
            ]
        return self._of[key]

    def look_at(self, subject: Subject) -> _File:
        heard = subject.hear(self._listener)
        return _File(subject.host.id, heard, tuple([gate(subject) for gate in self._gates]))

    def asked(self, scope: Scope, file: _File, traits: tuple[Traits, ...]) -> list[Rule]:
        """The rules that may find something in such a file, about what has these traits; remembered for the next."""
        key = (file, traits)
        found = self._asked.get(key)
        if found is None:
            if len(self._asked) > _MOST_PLANS:
                self._asked.clear()
            found = self._asked[key] = [
                rule for rule in self.of(scope, file.host) if self._may_find(rule, file, traits)
            ]
        return found

    def _may_find(self, rule: Rule, file: _File, traits: tuple[Traits, ...]) -> bool:
        if rule.gate is not None and not file.open_gates[self._gates.index(rule.gate)]:
            return False
        if rule.mentions and file.heard.isdisjoint(rule.mentions):
            return False
        return _has_one(traits, rule.traits) and _has_one(traits, rule.also)


def _has_one(traits: tuple[Traits, ...], names: tuple[str, ...]) -> bool:
    return not names or any(name in each for each in traits for name in names)


def _wanted(rule: Rule, select: Sequence[str], ignore: Sequence[str]) -> bool:
    if any(is_selected(rule.code, rule.name, word) for word in ignore):
        return False
    return not select or any(is_selected(rule.code, rule.name, word) for word in select)


def check(subject: Subject, plan: Plan, *, thorough: bool = False) -> list[Found]:
    """Everything that the rules find in one file by itself, in no order.

    `thorough` asks every rule about everything; it finds the same, and takes ten times as long.
    """
    if thorough:
        return list(islice(_thorough(subject, plan), _MOST_FINDINGS))
    found: list[Found] = list(_syntax(subject, plan))
    file = plan.look_at(subject)
    for rule in plan.asked("file", file, (traits_of(subject),)):
        found += [(rule, finding) for finding in rule.check(subject)]
    known: dict[tuple[Traits, ...], list[Rule]] = {}
    of_file = _TOKENS if subject.may_hold_tokens else NONE
    for entry in subject.entries:
        traits = (*entry.traits, of_file)
        rules = known.get(traits)
        if rules is None:
            rules = known[traits] = plan.asked("server", file, traits)
        for rule in rules:
            for finding in rule.check(entry, subject):
                found.append((rule, named(finding, entry)))
        entry.forget()
        if len(found) > _MOST_FINDINGS:
            break
    return found[:_MOST_FINDINGS]


def _thorough(subject: Subject, plan: Plan) -> Iterator[Found]:
    host = subject.host.id
    yield from _syntax(subject, plan)
    for rule in plan.of("file", host):
        yield from ((rule, finding) for finding in rule.check(subject))
    for entry in subject.entries:
        for rule in plan.of("server", host):
            yield from ((rule, named(finding, entry)) for finding in rule.check(entry, subject))


def named(finding: Finding, entry: Entry) -> Finding:
    return finding if finding.server is not None else finding._replace(server=entry.name)


def check_more(
    subject: Subject, plan: Plan, scope: Scope, about: Callable[[Entry], object]
) -> Iterator[Found]:
    """Rules that need something beside the file: this machine, or an answer of the server."""
    for rule in plan.of(scope, subject.host.id):
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


_TOKENS: Traits = frozenset({"tokens"})
