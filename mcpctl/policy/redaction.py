"""Secrets taken out of what is written anywhere: known values in every usual spelling, and what looks like a token.

Works on whole lines: a secret of one line is found wherever lines are split, and each line of a longer one is a secret
of its own. Refuses values shorter than six characters, which would blot out half of every text. Time is linear in the
text: every pattern starts at a literal and never looks at a character twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

Text = TypeVar("Text", str, bytes)
Span = tuple[int, int]

SHORTEST = 6
MARK = "***"
"""Shorter than any secret, so that putting it in always shortens the text."""

DEEPEST = 200
"""Levels of a JSON value that are walked; what is nested deeper is taken out whole rather than let through."""


class Redactor:
    """Knows the secrets of one run. Values are kept in memory only, and never shown by `repr`."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._spellings: tuple[str, ...] = ()
        self.add(*secrets)

    def __repr__(self) -> str:
        return f"<Redactor of {len(self._spellings)} spellings>"

    def add(self, *secrets: str) -> None:
        known = set(self._spellings)
        for secret in secrets:
            for part in {secret, secret.strip(), *(line.strip() for line in secret.splitlines())}:
                if len(part) >= SHORTEST:
                    known.update(_spellings(part))
        self._spellings = tuple(sorted(known))

    def clean(self, text: Text, *, patterns: bool = True) -> Text:
        """The text without secrets; the very same object where there are none.

        `patterns` also takes out what merely looks like a token: right for logs and errors, wrong for an answer whose
        point may be a token.
        """
        if isinstance(text, bytes):
            plain = text.decode("utf-8", "surrogateescape")
            cleaned = self._clean(plain, patterns=patterns)
            return text if cleaned is plain else cleaned.encode("utf-8", "surrogateescape")
        return self._clean(text, patterns=patterns)

    def text(self, text: str) -> str:
        """Only the known values: for what a person asked to see."""
        return self._clean(text, patterns=False)

    def clean_json(self, value: Any, *, patterns: bool = True) -> Any:
        """A JSON value without secrets, in keys and numbers too; it can be encoded like any other."""
        return self._clean_value(value, patterns=patterns, depth=0)

    def _clean_value(self, value: Any, *, patterns: bool, depth: int) -> Any:
        if isinstance(value, str):
            return self._clean(value, patterns=patterns)
        if isinstance(value, dict | list | tuple):
            if depth == DEEPEST:
                return MARK
            return self._clean_container(value, patterns=patterns, depth=depth + 1)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return value
        return MARK if self._find(str(value)) else value

    def _clean_container(
        self, value: dict[Any, Any] | list[Any] | tuple[Any, ...], *, patterns: bool, depth: int
    ) -> Any:
        if isinstance(value, dict):
            return {
                self._clean(str(key), patterns=patterns): self._clean_value(
                    child, patterns=patterns, depth=depth
                )
                for key, child in value.items()
            }
        return [self._clean_value(child, patterns=patterns, depth=depth) for child in value]

    def _clean(self, text: str, *, patterns: bool) -> str:
        while True:
            spans = self._find(text)
            if patterns:
                spans += _token_spans(text)
            if not spans:
                return text
            shorter = _without(text, spans)
            if shorter == text:
                return text
            # What stood left and right of a secret may form another one, if a secret has asterisks in it.
            text, patterns = shorter, False

    def _find(self, text: str) -> list[Span]:
        return [
            span for spelling in self._spellings if spelling in text for span in _occurrences(text, spelling)
        ]


def _token_spans(text: str) -> Iterator[Span]:
    # Late: compiling the patterns would cost every start, and answers are written without them.
    from mcpctl.policy.tokens import token_spans

    return token_spans(text)


def _occurrences(text: str, spelling: str) -> Iterator[Span]:
    start = text.find(spelling)
    while start >= 0:
        yield start, start + len(spelling)
        # One further, not behind it: overlapping occurrences must not leave a tail.
        start = text.find(spelling, start + 1)


def _without(text: str, spans: list[Span]) -> str:
    parts: list[str] = []
    shown = 0
    for start, end in _merged(spans):
        parts += (text[shown : _escape_start(text, start)], MARK)
        shown = end
    parts.append(text[shown:])
    return "".join(parts)


def _merged(spans: list[Span]) -> Iterator[Span]:
    spans.sort()
    first, last = spans[0]
    for start, end in spans[1:]:
        if start > last:
            yield first, last
            first, last = start, end
        else:
            last = max(last, end)
    yield first, last


def _escape_start(text: str, start: int) -> int:
    r"""In JSON text `\nabcdef` holds no secret `nabcdef`, but looks like it: half an escape must not be left over."""
    before = start
    while before > 0 and text[before - 1] == "\\":
        before -= 1
    return start - (start - before) % 2


def _spellings(secret: str) -> Iterator[str]:
    """The secret as URLs, JSON, HTML and Basic authentication write it."""
    raw = secret.encode("utf-8", "surrogateescape")
    yield secret
    yield from _percent_encoded(raw)
    yield from _json_escaped(secret)
    yield from _base64(raw)
    yield raw.hex()
    yield raw.hex().upper()
    escaped = secret.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    yield escaped
    yield escaped.replace('"', "&quot;").replace("'", "&#x27;")
    yield escaped.replace('"', "&#34;").replace("'", "&#39;")


def _percent_encoded(raw: bytes) -> Iterator[str]:
    unreserved = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~"
    for kept in (unreserved, unreserved + b"/", unreserved[:-1]):
        for form in ("%{:02X}", "%{:02x}"):
            encoded = "".join(chr(byte) if byte in kept else form.format(byte) for byte in raw)
            yield encoded
            yield encoded.replace("%20", "+")


def _json_escaped(secret: str) -> Iterator[str]:
    """Once and twice: the text of a result is often JSON itself."""
    for encode in (_json_plain, _json_ascii):
        once = encode(secret)
        yield once
        yield once.replace("/", "\\/")
        yield encode(once)


def _json_plain(text: str) -> str:
    import msgspec

    try:
        return msgspec.json.encode(text)[1:-1].decode()
    except UnicodeEncodeError:
        return _json_ascii(text)


def _json_ascii(text: str) -> str:
    if text.isascii():
        return _json_plain(text)
    import json

    return json.dumps(text)[1:-1]


def _base64(raw: bytes) -> Iterator[str]:
    """Alone, and inside of something longer, where it starts at one of three places of a group of four."""
    from binascii import b2a_base64

    for lead in range(3):
        encoded = b2a_base64(b"\0" * lead + raw, newline=False).decode("ascii")
        # Characters that also hold bits of a neighbour are left out.
        first = (lead * 8 + 5) // 6
        last = (lead + len(raw)) * 8 // 6
        for fragment in (encoded[first:].rstrip("="), encoded[first:last]):
            yield fragment
            yield fragment.replace("+", "-").replace("/", "_")
