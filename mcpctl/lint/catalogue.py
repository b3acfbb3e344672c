"""All rules together: whoever wants the whole table asks here, and pays for loading it."""

from __future__ import annotations

from functools import cache

from mcpctl.lint import rules
from mcpctl.lint.registry import Rule, entered


@cache
def all_rules() -> dict[str, Rule]:
    """Every rule by its code, in order."""
    rules.load()
    return dict(sorted(entered().items()))


def find_rule(word: str) -> Rule | None:
    """A rule by its code or its name."""
    found = all_rules().get(word.upper())
    return found or next((rule for rule in all_rules().values() if rule.name == word.lower()), None)
