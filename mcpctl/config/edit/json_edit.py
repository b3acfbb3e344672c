"""Splices for JSON, JSONC and JSON5: comments, order, indentation and the style of commas stay as they were."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from mcpctl.config.edit.style import Style
from mcpctl.model.keypath import KeyPath, value_at
from mcpctl.model.value import NamedTuple

if TYPE_CHECKING:
    from mcpctl.config.documents.document import Document
    from mcpctl.model.lint import Change


class Notation(NamedTuple):
    """What may stand between values."""

    gap: re.Pattern[str]
    """Blanks, line ends and comments."""
    comma: re.Pattern[str]
    """A comma behind a gap."""
    rest_of_line: re.Pattern[str]
    """To the end of the line, where nothing but a comment stands there: it is about the entry in front of it."""
    line_comment: str
    """What begins a comment that only the end of the line ends."""


def notation(comment: str, comment_on_line: str, line_comment: str) -> Notation:
    gap = rf"(?:\s|{comment})*"
    rest = rf"[ \t]*(?:{comment_on_line})?(?:\r?\n)"
    return Notation(re.compile(gap), re.compile(gap + ","), re.compile(rest), line_comment)


_JSON = notation(r"//[^\n]*(?:\n|$)|/\*[\s\S]*?\*/", r"//[^\r\n]*|/\*[^\r\n]*?\*/[ \t]*", "//")
_BLANKS = re.compile(r"[ \t]*")


def edit_json(document: Document, change: Change) -> str:
    """The text of a document that parses, with one change made."""
    return Splicer(document).carry_out(change)


class Splicer:
    """Changes of values between brackets and commas."""

    notation = _JSON
    colon = ": "

    def __init__(self, document: Document) -> None:
        self.document = document
        self.text = document.text
        self.style = Style(document.text)

    def carry_out(self, change: Change) -> str:
        if change.kind == "remove":
            return self.remove(change.at)
        if change.kind == "rename":
            return self.rename(change.at, str(change.value))
        if change.kind == "insert":
            return self.insert(change.at, change.value)
        return self.set(change.at, change.value)

    def set(self, path: KeyPath, value: Any) -> str:
        span = self.document.span(path)
        if span is not None:
            old = self.text[span.offset_start : span.offset_end]
            base = self.style.indent_at(span.offset_start)
            written = self.dump(value, base, spread="\n" in old if old[:1] in "[{" else None)
            return self._splice(span.offset_start, span.offset_end, written)
        known = self._deepest(path)
        for part in reversed(path[len(known) + 1 :]):
            value = [value] if isinstance(part, int) else {part: value}
        if not isinstance(value_at(self.document.value, known), dict | list):
            return self.set(known, {path[len(known)]: value})
        return self._append(known, path[len(known)], value)

    def insert(self, path: KeyPath, value: Any) -> str:
        """Into a list, in front of the item that is there."""
        span = self.document.span(path)
        if span is None:
            return self.set(path, value)
        start = span.offset_start
        line = self.style.line_start(start)
        if self.text[line:start].strip():
            return self._splice(start, start, self.dump(value, "", spread=False) + ", ")
        base = self.text[line:start]
        return self._splice(start, start, self.dump(value, base) + "," + self.style.newline + base)

    def rename(self, path: KeyPath, name: str) -> str:
        span = self.document.key_span(path)
        if span is None:
            return self.text
        return self._splice(span.offset_start, span.offset_end, self.key(name, span.offset_start))

    def remove(self, path: KeyPath) -> str:
        span = self.document.span(path)
        if span is None:
            return self.text
        key = self.document.key_span(path)
        start = key.offset_start if key else span.offset_start
        end = span.offset_end
        comma = self.notation.comma.match(self.text, end)
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
        comma = self.notation.comma.match(self.text, before)
        assert comma is not None
        alone = not self.text[self.style.line_start(start) : start].strip()
        behind = self.notation.rest_of_line.match(self.text, end) if alone else None
        end = end if behind is None else end + len(behind.group().rstrip())
        between = self.text[comma.end() : start]
        kept = between.rstrip() if between.strip() else ""
        rest = self.text[end:].partition("\n")[0].strip()
        line_end = (
            self.style.newline if rest and self.notation.line_comment in kept.rpartition("\n")[2] else ""
        )
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
        rest = self.notation.rest_of_line.match(self.text, end) if alone else None
        if rest is not None:
            return line, rest.end()
        blanks = _BLANKS.match(self.text, end)
        assert blanks is not None
        return start, blanks.end()

    def _append(self, container: KeyPath, part: str | int, value: Any) -> str:
        """A new entry at the end of an object or a list."""
        span = self.document.span(container)
        assert span is not None
        name = "" if isinstance(part, int) else self.key(part) + self.colon
        children = self._children(container)
        if not children:
            return self.fill_empty(span.offset_start, span.offset_end, name, value)
        start, last = children[-1]
        line = self.style.line_start(start)
        if line > span.offset_start and not self.text[line:start].strip():
            base = self.text[line:start]
            lead = self.style.newline + base
            written = name + self.dump(value, base)
        else:
            lead, written = " ", name + self.dump(value, "", spread=False)
        comma = self.notation.comma.match(self.text, last)
        if comma is not None and self._is_last(comma.end()):
            at = self._behind_comment(comma.end(), lead)
            return self._splice(at, at, lead + written + ",")
        at = self._behind_comment(last, lead)
        return self.text[:last] + "," + self.text[last:at] + lead + written + self.text[at:]

    def _behind_comment(self, offset: int, lead: str) -> int:
        """A comment behind an entry stays with it, where the next one gets a line of its own."""
        rest = self.notation.rest_of_line.match(self.text, offset) if lead != " " else None
        return offset if rest is None else offset + len(rest.group().rstrip())

    def fill_empty(self, start: int, end: int, name: str, value: Any) -> str:
        inner = self.text[start + 1 : end - 1]
        outer = self.style.indent_at(start)
        base = outer + self.style.unit
        newline = self.style.newline
        kept = inner.rstrip() if inner.strip() else ""
        written = f"{kept}{newline}{base}{name}{self.dump(value, base)}{newline}{outer}"
        return self._splice(start + 1, end - 1, written)

    def key(self, name: str, replaced: int | None = None) -> str:
        """How a key is written; `replaced` is where the one stands that it takes the place of."""
        del replaced
        return json.dumps(name, ensure_ascii=False)

    def dump(self, value: Any, base: str, *, spread: bool | None = None) -> str:
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
            parts = [self.key(str(key)) + self.colon + self.dump(each, step) for key, each in value.items()]
            return "{" + newline + (f",{newline}").join(step + part for part in parts) + newline + base + "}"
        parts = [self.dump(each, step) for each in value]
        return "[" + newline + (f",{newline}").join(step + part for part in parts) + newline + base + "]"

    def _deepest(self, path: KeyPath) -> KeyPath:
        """The longest part of a path that exists."""
        for length in range(len(path) - 1, -1, -1):
            if self.document.span(path[:length]) is not None:
                return path[:length]
        return ()

    def _children(self, container: KeyPath) -> list[tuple[int, int]]:
        value = value_at(self.document.value, container)
        names = value.keys() if isinstance(value, dict) else range(len(value))
        found = []
        for name in names:
            span = self.document.span((*container, name))
            key = self.document.key_span((*container, name))
            if span is not None:
                found.append((key.offset_start if key else span.offset_start, span.offset_end))
        return sorted(found)

    def _previous_end(self, path: KeyPath, start: int) -> int | None:
        ends = [end for begin, end in self._children(path[:-1]) if begin < start]
        return max(ends) if ends else None

    def _is_last(self, offset: int) -> bool:
        """Whether nothing but the closing bracket follows."""
        match = self.notation.gap.match(self.text, offset)
        assert match is not None
        return self.text[match.end() : match.end() + 1] in "]}"

    def _splice(self, start: int, end: int, text: str) -> str:
        return self.text[:start] + text + self.text[end:]
