"""What a credential looks like when nobody told us its value: authorization headers, well-known prefixes, URLs.

Finds places, decides nothing. Each pattern is tried only where its literal stands, always consumes the whole run that
it looked at, and so costs linear time on any text. Patterns guess: they miss, and now and then they take too much.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from mcpctl.model.value import NamedTuple

Span = tuple[int, int]


class _Pattern(NamedTuple):
    anchors: tuple[str, ...]
    """Literals to look for; the expression is matched right where one stands."""
    expression: str
    """Matches every run of its alphabet; group `secret` takes part only if the run is a secret."""


_URL_END = r"\s\"'<>`\\"
_START = r"(?:(?<![A-Za-z0-9])|(?<=\\[nrt]))"
"""Not in the middle of a word, such as `sk-` in `risk-averse`; an escaped line feed in JSON is no word."""

_PATTERNS = (
    # Bearer in any case, but neither prose about it nor a challenge such as `Bearer resource_metadata="…"`.
    _Pattern(
        ("earer ", "EARER ", "earer%20"),
        r"(?i:earer)(?: ++|%20)(?P<secret>(?!(?i:authenti|authori|credential))[\w.~+/-]{8,}+(?!=\\?\")=*+)?[\w.~+/-]*+",
    ),
    # Basic: what follows has to look encoded, or every "basic something" would.
    _Pattern(
        ("asic ", "ASIC "),
        r"(?i:asic) ++(?P<secret>(?=[A-Za-z][a-z]*+[A-Z0-9+/=])[A-Za-z0-9+/]{8,}+=*+)?[A-Za-z0-9+/]*+",
    ),
    # OpenAI, Anthropic, Stripe and many others.
    _Pattern(("sk-", "sk_live_", "sk_test_"), rf"(?P<secret>{_START}sk[\w-]{{17,}}+)?[\w-]*+"),
    _Pattern(("ghp_", "gho_", "ghu_", "ghs_", "ghr_"), r"(?P<secret>gh._[A-Za-z0-9]{16,}+)?[\w-]*+"),
    _Pattern(("github_pat_", "glpat-"), r"(?P<secret>[\w-]{22,}+)?[\w-]*+"),
    _Pattern(("npm_", "hf_"), rf"(?P<secret>{_START}[a-z]++_[A-Za-z0-9]{{30,}}+)?[\w-]*+"),
    _Pattern(("AKIA", "ASIA"), r"(?P<secret>A[KS]IA[A-Z0-9]{16,}+)?[A-Z0-9]*+"),
    _Pattern(("AIza",), r"(?P<secret>AIza[\w-]{30,}+)?[\w-]*+"),
    _Pattern(("xoxb-", "xoxp-", "xoxa-", "xoxs-"), r"(?P<secret>xox[a-z]-[A-Za-z0-9-]{10,}+)?[\w-]*+"),
    # JSON Web Tokens: header and payload both start with an encoded `{"`.
    _Pattern(("eyJ",), r"(?P<secret>eyJ[\w-]++\.eyJ[\w-]++(?:\.[\w-]++){0,3}+)?[\w-]*+"),
    # Name and password of a URL: some services take the token as the name.
    _Pattern(("://",), rf"://(?P<secret>[^{_URL_END}/?\#]+(?=@))?[^{_URL_END}/?\#]*+"),
)

_SENSITIVE = r"token|secret|passw|pwd|api_?-?key|access_?-?key|auth(?!or)|signature|credential|session|jwt|^(?:key|sig|code|pass)$"
_PARAMETER = rf"[?&;\#]([\w.\[\]%-]{{1,64}}+)=([^&;\#{_URL_END}]++)"


def token_spans(text: str) -> Iterator[Span]:
    """Where something stands that looks like a secret; may overlap."""
    for pattern in _PATTERNS:
        for anchor in pattern.anchors:
            if anchor in text:
                yield from _matches(pattern, anchor, text)
    if "=" in text:
        yield from _parameters(text)


def _matches(pattern: _Pattern, anchor: str, text: str) -> Iterator[Span]:
    expression = re.compile(pattern.expression)
    start = text.find(anchor)
    while start >= 0:
        found = expression.match(text, start)
        if found is not None and found["secret"] is not None:
            yield found.span("secret")
        start = text.find(anchor, max(start + len(anchor), found.end() if found else 0))


def _parameters(text: str) -> Iterator[Span]:
    for found in re.finditer(_PARAMETER, text):
        if re.search(_SENSITIVE, found[1], re.IGNORECASE):
            yield found.span(2)
