"""Secrets taken out of what is written anywhere: known values in every usual spelling, and what looks like a token.

Works on whole lines: a secret of one line is found wherever lines are split, and each line of a longer one is a secret
of its own. Refuses values shorter than six characters, which would blot out half of every text. Time is linear in the
text: every pattern starts at a literal and passes what it looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from io import BytesIO, StringIO
from typing import Any, TypeVar

from mcpctl.config.secrecy import MASK, SHORTEST
from mcpctl.policy.spellings import spellings

Text = TypeVar("Text", bound=str | bytes)
Span = tuple[int, int]

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
                    known.update(spellings(part))
        self._spellings = tuple(sorted(known))

    def clean(self, text: Text, *, patterns: bool = True) -> Text:
        """The text without secrets; the very same object where there are none.

        `patterns` also takes out what merely looks like a token: right for logs and errors, wrong for an answer whose
        point may be a token.
        """
        cleaned: Text = self._clean(text, patterns=patterns)
        return cleaned

    def text(self, text: str) -> str:
        """Only the known values: for what a person asked to see."""
        return self.clean(text, patterns=False)

    def clean_json(self, value: Any, *, patterns: bool = True) -> Any:
        """A JSON value without secrets, in keys and numbers too; it can be encoded like any other."""
        return self._clean_value(value, patterns=patterns, depth=0)

    def _clean_value(self, value: Any, *, patterns: bool, depth: int) -> Any:
        if isinstance(value, str | bytes):
            return self._clean(value, patterns=patterns)
        if isinstance(value, dict | list | tuple):
            if depth == DEEPEST:
                return MASK
            return self._clean_container(value, patterns=patterns, depth=depth + 1)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return value
        return MASK if self._find(str(value)) else value

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

    def _clean(self, text: Any, *, patterns: bool) -> Any:
        """A text or UTF-8, which is searched as it is, since a text of it may be four times as large.

        Any: the methods of both take their own kind, which no type can say here.
        """
        if patterns and isinstance(text, bytes):
            plain = text.decode("utf-8", "surrogateescape")
            cleaned = self._clean(plain, patterns=True)
            return text if cleaned is plain else cleaned.encode("utf-8", "surrogateescape")
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

    def _find(self, text: Any) -> list[Span]:
        known: Iterable[Any] = self._spellings
        if isinstance(text, bytes):
            known = (spelling.encode("utf-8", "surrogateescape") for spelling in self._spellings)
        return [span for spelling in known if spelling in text for span in _occurrences(text, spelling)]


def _token_spans(text: str) -> Iterator[Span]:
    # Late: compiling the patterns would cost every start, and answers are written without them.
    from mcpctl.policy.tokens import token_spans

    return token_spans(text)


def _occurrences(text: Any, spelling: Any) -> Iterator[Span]:
    start = text.find(spelling)
    while start >= 0:
        yield start, start + len(spelling)
        # One further, not behind it: overlapping occurrences must not leave a tail.
        start = text.find(spelling, start + 1)


def _without(text: Any, spans: list[Span]) -> Any:
    kit: tuple[Any, ...] = (StringIO(), text, MASK, "\\")
    if isinstance(text, bytes):
        kit = (BytesIO(), memoryview(text), MASK.encode(), ord("\\"))
    shorter, source, mask, slash = kit
    shown = 0
    for start, end in _merged(spans):
        shorter.write(source[shown : _escape_start(text, start, slash)])
        shorter.write(mask)
        shown = end
    shorter.write(source[shown:])
    return shorter.getvalue()


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


def _escape_start(text: str | bytes, start: int, slash: str | int) -> int:
    r"""In JSON text `\nabcdef` holds no secret `nabcdef`, but looks like it: half an escape must not be left over."""
    before = start
    while before > 0 and text[before - 1] == slash:
        before -= 1
    return start - (start - before) % 2
