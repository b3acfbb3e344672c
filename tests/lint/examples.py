"""Runs the examples of rules the way `validate` would run them on real files."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from mcpctl.config.hosts.table import rows
from mcpctl.lint.checking import Checker
from mcpctl.lint.engine import Plan, check, check_more
from mcpctl.lint.examples import written
from mcpctl.lint.finding import Finding
from mcpctl.lint.gather import Target
from mcpctl.lint.registry import Example, Rule
from mcpctl.lint.subject import Subject
from mcpctl.model.lint import ValidateOptions
from tests.support import world

WORLD_WRITABLE = 0o777


@cache
def default_plan() -> Plan:
    return Plan()


def file_name(example: Example) -> str:
    """What the example's file is called, so that its host is told from its path."""
    if example.name:
        return example.name
    host = rows()[example.host]
    name = (*host.project, *host.user, ".mcp.json")[0].lstrip("~/")
    return name.replace("*", "servers")


def codes_of(example: Example, rule: Rule, tmp_path: Path) -> set[str]:
    """Every rule that finds something in an example."""
    return {code for code, _ in findings_of(example, rule, tmp_path)}


def findings_of(example: Example, rule: Rule, tmp_path: Path) -> list[tuple[str, Finding]]:
    here = world(tmp_path)
    path = tmp_path / file_name(example)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(written(example).encode("utf-8", "surrogateescape"))
    if example.mode is not None:
        path.chmod(example.mode)
    targets = [Target(str(path.relative_to(tmp_path)), str(path), named=True)]
    for name, text in example.also:
        other = tmp_path / name
        other.parent.mkdir(parents=True, exist_ok=True)
        other.write_text("" if text == "w" else text)
        other.chmod(WORLD_WRITABLE if text == "w" else 0o644)
        if other.suffix == ".json":
            targets.append(Target(str(other), str(other), "user"))
    checker = Checker(
        ValidateOptions(host=None if rule.scope == "set" else example.host, target=example.target), here
    )
    found = [(each.code, finding) for each, finding in check(_subject(checker, targets[0]), checker.plan)]
    if rule.scope == "set":
        outcomes = [checker.check(target) for target in targets]
        found += [(each.code, Finding(message=each.message)) for each in checker.together(outcomes)]
    if rule.scope == "environment":
        subject = _subject(checker, targets[0])
        found += [
            (each.code, finding)
            for each, finding in check_more(subject, checker.plan, "environment", lambda _: here)
        ]
    return found


def _subject(checker: Checker, target: Target) -> Subject:
    return checker.subject_of(target)
