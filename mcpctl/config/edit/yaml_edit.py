"""Splices for YAML: places come from the parsed document, new texts from ruamel, the rest of the file is not touched."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any

from mcpctl.config.edit.flow_edit import edit_flow, is_flow
from mcpctl.config.edit.refusal import needs_rewriting
from mcpctl.config.edit.style import Style
from mcpctl.model.keypath import KeyPath, value_at

if TYPE_CHECKING:
    from mcpctl.config.documents.document import Document
    from mcpctl.model.lint import Change


def edit_yaml(document: Document, change: Change) -> str:
    """The text of a document that parses, with one change made."""
    whole = change.kind == "set" and isinstance(change.value, dict | list)
    if is_flow(document, change.at if whole else change.at[:-1]):
        return edit_flow(document, change)
    editor = _Editor(document)
    if change.kind == "remove":
        return editor.remove(change.at)
    if change.kind == "rename":
        return editor.rename(change.at, str(change.value))
    return editor.set(change.at, change.value, insert=change.kind == "insert")


class _Editor:
    def __init__(self, document: Document) -> None:
        self.document = document
        self.text = document.text
        self.style = Style(document.text)

    def set(self, path: KeyPath, value: Any, *, insert: bool) -> str:
        span = self.document.span(path)
        if span is None or insert:
            return self._add(path, value, before=span.offset_start if span else None)
        if not isinstance(value, dict | list):
            return self._splice(span.offset_start, span.offset_end, _scalar(value))
        key = self.document.key_span(path)
        if key is None:
            raise needs_rewriting(self.document.file)
        base = self._column(key.offset_start)
        start, end = self._block(path)
        written = self._entry(base, str(path[-1]), value)
        behind_a_dash = bool(self.text[self.style.line_start(start) : start].strip())
        return self._splice(start, end, written[len(base) :] if behind_a_dash else written)

    def rename(self, path: KeyPath, name: str) -> str:
        key = self.document.key_span(path)
        if key is None:
            return self.text
        return self._splice(key.offset_start, key.offset_end, _scalar(name))

    def remove(self, path: KeyPath) -> str:
        parent = value_at(self.document.value, path[:-1])
        if len(parent) == 1:
            span = self.document.span(path[:-1])
            key = self.document.key_span(path[:-1])
            if span is None or key is None:
                raise needs_rewriting(self.document.file)
            start, end = self._block(path)
            colon = self.text.index(":", key.offset_end) + 1
            empty = " {}" if isinstance(parent, dict) else " []"
            return self.text[:colon] + empty + self.text[colon:start] + self.text[end:]
        start, end = self._block(path)
        first_in_item = self.text[self.style.line_start(start) : start].strip() == "-"
        if first_in_item:
            raise needs_rewriting(self.document.file)
        return self._splice(start, end, "")

    def _add(self, path: KeyPath, value: Any, *, before: int | None) -> str:
        """A new key at the end of a block mapping, or a new item of a block list."""
        known = path[:-1]
        while known and self.document.span(known) is None:
            value = {path[len(known)]: value}
            known = known[:-1]
        container = value_at(self.document.value, known)
        if container is not None and not isinstance(container, dict | list):
            raise needs_rewriting(self.document.file)
        if not container:
            return self._fill_empty(known, path[len(known)], value)
        newline = self.style.newline
        if isinstance(container, list):
            anchor = self.document.span((*known, 0))
            assert anchor is not None
            base = self.style.indent_at(anchor.offset_start)
            text = self._item(base, value)
            if before is not None:
                line = self.style.line_start(before)
                return self._splice(line, line, text)
            end = self._block((*known, len(container) - 1))[1]
        else:
            first = self.document.key_span((*known, next(iter(container))))
            assert first is not None
            text = self._entry(self._column(first.offset_start), str(path[len(known)]), value)
            end = max(self._block((*known, key))[1] for key in container)
        lead = "" if end == 0 or self.text[end - 1] == "\n" else newline
        return self._splice(end, end, lead + text)

    def _fill_empty(self, path: KeyPath, part: str | int, value: Any) -> str:
        span, key = self.document.span(path), self.document.key_span(path)
        if key is None or span is None:
            return (
                self.text
                + ("" if self.text.endswith("\n") or not self.text else "\n")
                + self._entry("", str(part), value)
            )
        base = self._column(key.offset_start) + self.style.unit
        text = self._item(base, value) if isinstance(part, int) else self._entry(base, str(part), value)
        colon = self.text.index(":", key.offset_end) + 1
        rest = span.offset_end if span.offset_end > span.offset_start else colon
        return self.text[:colon] + self.style.newline + text.rstrip("\r\n") + self.text[rest:]

    def _block(self, path: KeyPath) -> tuple[int, int]:
        """Whole lines from the key or the dash to the end of the value, comments below it not included."""
        span, key = self.document.span(path), self.document.key_span(path)
        assert span is not None
        start = key.offset_start if key else span.offset_start
        line = self.style.line_start(start)
        lead = self.text[line:start]
        begin = line if not lead.strip() or (key is None and lead.strip() == "-") else start
        end = self._end_of(path, span.offset_end)
        newline = self.text.find("\n", end)
        return begin, len(self.text) if newline < 0 else newline + 1

    def _end_of(self, path: KeyPath, end: int) -> int:
        """Where the last scalar below a path ends: containers of YAML have no closing mark."""
        value = value_at(self.document.value, path)
        if isinstance(value, dict | list) and value and not self._is_flow(path):
            keys = value.keys() if isinstance(value, dict) else range(len(value))
            below = [(*path, key) for key in keys]
            return max(self._end_of(each, self._span_end(each)) for each in below)
        span, key = self.document.span(path), self.document.key_span(path)
        if span is not None and key is not None and span.offset_start == span.offset_end:
            return (
                self.text.index(":", key.offset_end) + 1
            )  # nothing stands there, wherever the parser puts it
        if span is not None:
            end = span.offset_end
        stripped = self.text[:end].rstrip()
        return max(len(stripped), span.offset_start if span else 0)

    def _span_end(self, path: KeyPath) -> int:
        span = self.document.span(path) or self.document.key_span(path)
        return span.offset_end if span else 0

    def _entry(self, base: str, key: str, value: Any) -> str:
        return self._indented(base, _dump({key: value}, self.style.unit))

    def _item(self, base: str, value: Any) -> str:
        return self._indented(base, _dump([value], self.style.unit))

    def _indented(self, base: str, block: str) -> str:
        lines = block.rstrip("\n").split("\n")
        return "".join(base + line + self.style.newline for line in lines)

    def _column(self, offset: int) -> str:
        line = self.style.line_start(offset)
        return re.sub(r"[^\s]", " ", self.text[line:offset])

    def _is_flow(self, path: KeyPath) -> bool:
        span = self.document.span(path)
        return (
            span is not None
            and self.text[span.offset_start : span.offset_start + 1] in ("{", "[")
            and bool(value_at(self.document.value, path))
        )

    def _splice(self, start: int, end: int, text: str) -> str:
        return self.text[:start] + text + self.text[end:]


def _dump(value: Any, unit: str) -> str:
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.width = 4096
    step = max(2, len(unit))
    yaml.indent(mapping=step, sequence=step + 2, offset=2)
    stream = io.StringIO()
    yaml.dump(value, stream)
    text = stream.getvalue()
    if isinstance(value, list):
        lines = text.split("\n")
        return "\n".join(line.removeprefix("  ") for line in lines)
    return text


def _scalar(value: Any) -> str:
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.width = 4096
    stream = io.StringIO()
    yaml.dump(value, stream)
    return stream.getvalue().removesuffix("...\n").strip("\n")
