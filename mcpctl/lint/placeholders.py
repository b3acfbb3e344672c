"""Tells a value that was copied from a README and never filled in from one that somebody meant."""

from __future__ import annotations

import re
from functools import cache

MENTIONS = (
    "your", "<", "xxx", "path/to", "changeme", "change_me", "change-me", "replace", "_here", "-here", "placeholder",
    "insert", "todo", "...", "…", "***",
)  # fmt: skip
"""A text without any of these (in lower case) is no placeholder that anybody left in by mistake."""

_LEFT_IN = (
    r"(?<![a-z])your?[-_ ](?!s\b)[a-z0-9]"
    r"|^your[a-z]*(?:token|key|secret|password|name)"
    r"|<[a-z][^<>\n]{0,60}>"
    r"|(?<![a-z0-9])x{4,}(?![a-z0-9])"
    r"|/(?:absolute/)?path/to(?:/|$)|[a-z]:[\\/]+path[\\/]+to"
    r"|change[-_]?me|replace[-_ ]?(?:me|with|this)|[-_]here$|placeholder|(?:^|[-_ ])insert[-_ ]"
    r"|^(?:\.\.\.|…)$|[a-z0-9](?:\.\.\.|…)$|\*{3,}|^todo$"
)

_EXAMPLE = (
    r"example|dummy|fake|sample|redacted|(?:^|[-_])test(?:ing)?[-_](?:key|token|secret)|not[-_]?a[-_]?real"
    r"|(?:0{8,}|1{8,}|x{3,}|12345678|abcdef(?:gh|12)|deadbeef)|^(?:none|null|na|n/a|tbd|foo|bar|baz|value|string|token|key|secret)$"
)


@cache
def _left_in() -> re.Pattern[str]:
    return re.compile(_LEFT_IN, re.IGNORECASE)


@cache
def _example() -> re.Pattern[str]:
    return re.compile(_EXAMPLE, re.IGNORECASE)


def placeholder_in(text: str) -> str | None:
    """The part of a value that its author was meant to replace."""
    if "${" in text or "{{" in text:
        return None
    match = _left_in().search(text)
    return match.group() if match else None


def is_placeholder(text: str) -> bool:
    """Whether a value is an example of a credential rather than one: generous, to keep alarms true."""
    return _left_in().search(text) is not None or _example().search(text) is not None
