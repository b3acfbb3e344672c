"""Splices for JSON, JSONC and JSON5: comments, order, indentation and the style of commas stay as they were."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from mcpctl.config.edit.style import Style

if TYPE_CHECKING:
    from mcpctl.config.documents.document import Document
    from mcpctl.model.keypath import KeyPath
    from mcpctl.model.lint import Change

_COMMENT = r"(?://[^\n]*(?:\n|$)|/\*[\s\S]*?\*/)"
_GAP = re.compile(rf"(?:\s|{_COMMENT})*")
_COMMA = re.compile(rf"(?:\s|{_COMMENT})*,")
_BLANKS = re.compile(r"[ \t]*")
_REST_OF_LINE = re.compile(r"[ \t]*(?://[^\r\n]*|/\*[^\r\n]*?\*/[ \t]*)?(?:\r?\n)")
"""A comment behind an entry, on its line, is about that entry."""


def edit_json(document: Document, change: Change) -> str:
    """The text of a document that parses, with one change made."""
    editor = _Editor(document)
    if change.kind == "remove":
        return editor.remove(change.at)
    if change.kind == "rename":
        return editor.rename(change.at, str(change.value))
    if change.kind == "insert":
        return editor.insert(change.at, change.value)
    return editor.set(change.at, change.value)


class _Editor:
    def __init__(self, document: Document) -> None:
        self.document = document
        self.text = document.text
        self.style = Style(document.text)

    def set(self, path: KeyPath, value: Any) -> str:
        span = self.document.span(path)
        if span is not None:
            old = self.text[span.offset_start : span.offset_end]
            base = self.style.indent_at(span.offset_start)
            written = self._dump(value, base, spread="\n" in old if old[:1] in "[{" else None)
            return self._splice(span.offset_start, span.offset_end, written)
        known = self._deepest(path)
        for part in reversed(path[len(known) + 1 :]):
            value = [value] if isinstance(part, int) else {part: value}
        return self._append(known, path[len(known)], value)

    def insert(self, path: KeyPath, value: Any) -> str:
        """Into a list, in front of the item that is there."""
        span = self.document.span(path)
        if span is None:
            return self.set(path, value)
        start = span.offset_start
        line = self.style.line_start(start)
        if self.text[line:start].strip():
            return self._splice(start, start, self._dump(value, "", spread=False) + ", ")
        base = self.text[line:start]
        return self._splice(start, start, self._dump(value, base) + "," + self.style.newline + base)

    def rename(self, path: KeyPath, name: str) -> str:
        span = self.document.key_span(path)
        if span is None:
            return self.text
        return self._splice(span.offset_start, span.offset_end, json.dumps(name, ensure_ascii=False))

    def remove(self, path: KeyPath) -> str:
        span = self.document.span(path)
        if span is None:
            return self.text
        key = self.document.key_span(path)
        start = key.offset_start if key else span.offset_start
        end = span.offset_end
        comma = _COMMA.match(self.text, end)
        before = self._previous_end(path, start)
        emptied = self._emptied(path[:-1])
        if emptied is not None:
            return self._splice(*emptied, "")
        if before is not None and (comma is None or self._is_last(comma.end())):
            return self._remove_last(before, start, end, comma.end() if comma else None)
        end = comma.end() if comma else end
        return self._splice(*self._with_blank(start, end), "")

    def _remove_last(self, before: int, start: int, end: int, comma_end: int | None) -> str:
        """The last of several: the comma in front goes, unless the file likes one behind the last value."""
        if comma_end is not None:
            return self._splice(*self._with_blank(start, comma_end), "")
        comma = _COMMA.match(self.text, before)
        assert comma is not None
        between = self.text[comma.end() : start]
        kept = between.rstrip() if between.strip() else ""
        rest = self.text[end:].partition("\n")[0].strip()
        line_end = self.style.newline if rest and "//" in kept.rpartition("\n")[2] else ""
        return self._splice(before, end, self.text[before : comma.end() - 1] + kept + line_end)

    def _emptied(self, container: KeyPath) -> tuple[int, int] | None:
        """The inside of a container that has one entry and no comments."""
        span = self.document.span(container)
        children = self._children(container)
        if span is None or len(children) != 1:
            return None
        start, end = span.offset_start + 1, span.offset_end - 1
        around = self.text[start : children[0][0]] + self.text[children[0][1] : end]
        return (start, end) if not around.strip(" \t\r\n,") else None

    def _with_blank(self, start: int, end: int) -> tuple[int, int]:
        """The range with its whole line where nothing else stands on it, else with the blanks behind."""
        line = self.style.line_start(start)
        alone = not self.text[line:start].strip()
        rest = _REST_OF_LINE.match(self.text, end) if alone else None
        if rest is not None:
            return line, rest.end()
        blanks = _BLANKS.match(self.text, end)
        assert blanks is not None
        return start, blanks.end()

    def _append(self, container: KeyPath, part: str | int, value: Any) -> str:
        """A new entry at the end of an object or a list."""
        span = self.document.span(container)
        assert span is not None
        inner = self.text[span.offset_start + 1 : span.offset_end - 1]
        name = "" if isinstance(part, int) else f"{json.dumps(part, ensure_ascii=False)}: "
        last = self._last_end(container)
        if last is None:
            return self._fill_empty(span.offset_start, span.offset_end, name, value, inner)
        if "\n" not in inner:
            lead, base = " ", ""
            written = name + self._dump(value, "", spread=False)
        else:
            base = self.style.indent_at(self._first_start(container))
            lead = self.style.newline + base
            written = name + self._dump(value, base)
        comma = _COMMA.match(self.text, last)
        if comma is not None and self._is_last(comma.end()):
            return self._splice(comma.end(), comma.end(), lead + written + ",")
        return self._splice(last, last, "," + lead + written)

    def _fill_empty(self, start: int, end: int, name: str, value: Any, inner: str) -> str:
        outer = self.style.indent_at(start)
        base = outer + self.style.unit
        newline = self.style.newline
        kept = inner.rstrip() if inner.strip() else ""
        written = f"{kept}{newline}{base}{name}{self._dump(value, base)}{newline}{outer}"
        return self._splice(start + 1, end - 1, written)

    def _dump(self, value: Any, base: str, *, spread: bool | None = None) -> str:
        """A value as the file would write it, its lines indented to stand at `base`."""
        plain_list = isinstance(value, list) and not any(isinstance(each, dict | list) for each in value)
        inline = json.dumps(value, ensure_ascii=False)
        if not isinstance(value, dict | list) or not value:
            return inline
        if spread is None:
            spread = self.style.spreads_lists if plain_list else True
        if not spread and self.style.fits(inline):
            return inline
        step = base + self.style.unit
        newline = self.style.newline
        if isinstance(value, dict):
            parts = [
                f"{json.dumps(str(key), ensure_ascii=False)}: {self._dump(each, step)}"
                for key, each in value.items()
            ]
            return "{" + newline + (f",{newline}").join(step + part for part in parts) + newline + base + "}"
        parts = [self._dump(each, step) for each in value]
        return "[" + newline + (f",{newline}").join(step + part for part in parts) + newline + base + "]"

    def _deepest(self, path: KeyPath) -> KeyPath:
        """The longest part of a path that exists."""
        for length in range(len(path) - 1, -1, -1):
            if self.document.span(path[:length]) is not None:
                return path[:length]
        return ()

    def _children(self, container: KeyPath) -> list[tuple[int, int]]:
        value = self.document.value
        for part in container:
            value = value[part]
        names = value.keys() if isinstance(value, dict) else range(len(value))
        found = []
        for name in names:
            span = self.document.span((*container, name))
            key = self.document.key_span((*container, name))
            if span is not None:
                found.append((key.offset_start if key else span.offset_start, span.offset_end))
        return sorted(found)

    def _last_end(self, container: KeyPath) -> int | None:
        children = self._children(container)
        return children[-1][1] if children else None

    def _first_start(self, container: KeyPath) -> int:
        return self._children(container)[0][0]

    def _previous_end(self, path: KeyPath, start: int) -> int | None:
        ends = [end for begin, end in self._children(path[:-1]) if begin < start]
        return max(ends) if ends else None

    def _is_last(self, offset: int) -> bool:
        """Whether nothing but the closing bracket follows."""
        match = _GAP.match(self.text, offset)
        assert match is not None
        return self.text[match.end() : match.end() + 1] in "]}"

    def _splice(self, start: int, end: int, text: str) -> str:
        return self.text[:start] + text + self.text[end:]
