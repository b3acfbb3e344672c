"""What a credential looks like when nobody told us its value: authorization headers, tokens of known issuers, URLs.

Finds places, decides nothing. Each pattern is tried only where its literal stands, always consumes the whole run that
it looked at, and so costs linear time on any text. Patterns guess: they miss, and now and then they take too much.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from mcpctl.model.token_shapes import PRIVATE_KEY, TOKEN_SHAPES
from mcpctl.model.value import NamedTuple

Span = tuple[int, int]


class _Pattern(NamedTuple):
    anchors: tuple[str, ...]
    """Literals to look for; the expression is matched right where one stands."""
    expression: str
    """Matches every run of its alphabet; group `secret` takes part only if the run is a secret."""


_URL_END = r"\s\"'<>`\\"
_START = r"(?:(?<![A-Za-z0-9])|(?<=\\[nrt])|(?<=%[0-9A-Fa-f]{2})|(?<=\\u00[0-9A-Fa-f]{2}))"
"""Not in the middle of a word, such as `sk-` in `risk-averse`; an escaped line feed or `=` is no word."""

_OF_ISSUERS = tuple(
    _Pattern(shape.beginnings, rf"(?P<secret>{_START}{shape.expression})?[\w-]*+") for shape in TOKEN_SHAPES
)
_OTHERS = (
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
    # Name and password of a URL: some services take the token as the name.
    _Pattern(("://",), rf"://(?P<secret>[^{_URL_END}/?\#]+(?=@))?[^{_URL_END}/?\#]*+"),
    # A key in one text, where its lines are parted by spaces, line feeds, or these as JSON has them.
    _Pattern(
        ("-----BEGIN ",),
        rf"(?:{PRIVATE_KEY}(?P<secret>(?:\s|\\++[nr])*+[A-Za-z0-9+/=]{{16,}}+(?:[A-Za-z0-9+/=\s]++|\\++[nr])*+)?)?",
    ),
)

_SENSITIVE = r"token|secret|passw|pwd|api_?-?key|access_?-?key|auth(?!or)|signature|credential|session|jwt|^(?:key|sig|code|pass)$"
_PARAMETER = rf"[?&;\#]([\w.\[\]%-]{{1,64}}+)=([^&;\#{_URL_END}]++)"


def token_spans(text: str) -> Iterator[Span]:
    """Where something stands that looks like a secret; may overlap."""
    for pattern in (*_OF_ISSUERS, *_OTHERS):
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
