"""Every rule does what its page says: the bad example is found, the good one is not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mcpctl.lint.catalogue import all_rules
from mcpctl.lint.registry import Example, Rule
from tests.lint.examples import codes_of, findings_of

RULES = [rule for rule in all_rules().values() if rule.scope != "connect"]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_the_bad_example_of_a_rule_is_found(rule: Rule, tmp_path: Path) -> None:
    assert rule.code in codes_of(rule.bad, rule, tmp_path)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_the_good_example_of_a_rule_has_no_errors_and_not_this(rule: Rule, tmp_path: Path) -> None:
    found = codes_of(rule.good, rule, tmp_path)
    assert rule.code not in found
    assert not {code for code in found if all_rules()[code].severity == "error"}


@pytest.mark.parametrize("rule", all_rules().values(), ids=lambda rule: rule.code)
def test_every_rule_has_a_page(rule: Rule) -> None:
    assert rule.summary.endswith("."), "the first line says what is found"
    assert len(rule.page) > 40, "the rest says why it matters"
    assert re.fullmatch(r"MCP[0-4]\d\d", rule.code)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", rule.name)


def test_names_of_rules_are_unique() -> None:
    names = [rule.name for rule in all_rules().values()]
    assert len(names) == len(set(names))


def test_bands_say_what_a_rule_is_about() -> None:
    for rule in all_rules().values():
        assert (rule.code < "MCP100") == (rule.scope == "syntax"), rule.code
        if rule.scope in {"environment", "connect", "set"}:
            assert rule.code > "MCP400", rule.code


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ('health = { latency = { p50 = "3s", p95 = "1s" } }\n', "faster"),
        ('health = { interval = "1s", timeout = "5s" }\n', "longer"),
        ("retry = { factor = 1000 }\n", "hundred"),
        ("rate_limit = { classes = { x = { limit = 1, burst = 9 } } }\n", "burst"),
    ],
)
def test_limits_that_cannot_work_are_found(more: str, word: str, tmp_path: Path) -> None:
    example = Example('[servers.files]\ncommand = "x"\n' + more, host="mcpctl", whole=True)
    found = findings_of(example, all_rules()["MCP145"], tmp_path)
    assert [finding.message for code, finding in found if code == "MCP145" and word in finding.message]
