"""Splices between brackets outside JSON: the flow style of YAML, inline tables and arrays of TOML.

Both are nearly JSON, with other comments, fewer quotes, and no line ends that were not there.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from mcpctl.config.edit.json_edit import Splicer, notation
from mcpctl.model.keypath import KeyPath, value_at

if TYPE_CHECKING:
    from mcpctl.config.documents.document import Document
    from mcpctl.model.lint import Change

_SIMPLE = re.compile(r"[A-Za-z_/][A-Za-z0-9_./+-]*")
"""Words that mean themselves in YAML without quotes, wherever they stand."""

_BARE = re.compile(r"[A-Za-z0-9_-]+")
"""Keys that TOML takes without quotes."""

_NO_TEXTS = frozenset({"null", "true", "false", "y", "n", "yes", "no", "on", "off"})
"""Words that mean something else, the last six of them to readers of YAML 1.1."""

_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def is_flow(document: Document, path: KeyPath) -> bool:
    """Whether something stands between brackets; an empty container by itself may also be filled in block style."""
    for length in range(len(path) + 1):
        value, span = value_at(document.value, path[:length]), document.span(path[:length])
        if not value or span is None or _is_header(document, span.offset_start):
            continue
        begins = document.text[span.offset_start]
        if begins == ("{" if isinstance(value, dict) else "[" if isinstance(value, list) else ""):
            return True
    return False


def _is_header(document: Document, offset: int) -> bool:
    """Whether a bracket begins a table of TOML: an array never begins its line, unless it is inside another."""
    before = document.text[:offset].rpartition("\n")[2]
    return document.syntax == "toml" and not before.strip()


def edit_flow(document: Document, change: Change) -> str:
    """The text of a YAML document that parses, with one change made between brackets."""
    return _FlowSplicer(document).carry_out(change)


def edit_inline(document: Document, change: Change) -> str:
    """The text of a TOML document that parses, with one change made between brackets."""
    return _InlineSplicer(document).carry_out(change)


class _Brackets(Splicer):
    notation = notation(r"#[^\n]*(?:\n|$)", r"#[^\r\n]*", "#")

    def fill_empty(self, start: int, end: int, name: str, value: Any) -> str:
        inner = self.text[start + 1 : end - 1]
        return self._splice(start + 1, start + 1 if inner.strip() else end - 1, name + self.dump(value, ""))

    def dump(self, value: Any, base: str, *, spread: bool | None = None) -> str:
        del spread
        if isinstance(value, dict):
            parts = [self.key(str(key)) + self.colon + self.dump(each, base) for key, each in value.items()]
            return "{" + ", ".join(parts) + "}"
        if isinstance(value, list):
            return "[" + ", ".join(self.dump(each, base) for each in value) + "]"
        return self.word(value) if isinstance(value, str) else json.dumps(value)

    def word(self, text: str) -> str:
        return _quoted(text)


class _FlowSplicer(_Brackets):
    def dump(self, value: Any, base: str, *, spread: bool | None = None) -> str:
        spreads = spread and value and isinstance(value, dict | list)
        return Splicer.dump(self, value, base, spread=True) if spreads else super().dump(value, base)

    def key(self, name: str, replaced: int | None = None) -> str:
        quoted = replaced is not None and self.text[replaced : replaced + 1] in {'"', "'"}
        return _quoted(name) if quoted else self.word(name)

    def word(self, text: str) -> str:
        plain = _SIMPLE.fullmatch(text) and text.lower() not in _NO_TEXTS
        return text if plain and not self._is_json else _quoted(text)

    @property
    def _is_json(self) -> bool:
        """Whether the whole file is JSON, which YAML is too."""
        return re.match(r'\s*\{\s*"', self.text) is not None


class _InlineSplicer(_Brackets):
    colon = " = "

    def key(self, name: str, replaced: int | None = None) -> str:
        del replaced
        return written_key(name)


def written_key(name: str) -> str:
    """A key of TOML, in quotes where it needs them."""
    return name if _BARE.fullmatch(name) else _quoted(name)


def _quoted(text: str) -> str:
    written = json.dumps(text, ensure_ascii=False)
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found.group()):04x}", written)
