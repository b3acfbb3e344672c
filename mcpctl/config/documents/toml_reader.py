"""TOML -> value, places and every fault. `tomli` is the judge of what is valid; this finds where, and what else.

Plain lines are taken whole by one pattern; whatever it does not match goes the tolerant way. A statement that cannot
be read is left at the next line that looks like the start of one.
"""

from __future__ import annotations

import re
from typing import Any

from mcpctl.config.documents.draft import MAX_DEPTH, NOWHERE, Draft
from mcpctl.config.documents.flat import TOML_LIST, flat_value
from mcpctl.config.documents.toml_judge import judge
from mcpctl.config.documents.toml_tables import KeyPart, Place, Table, Tables
from mcpctl.config.documents.toml_words import (
    NEXT_HEADER,
    NEXT_STATEMENT,
    BrokenStatementError,
    Word,
    WordReader,
)
from mcpctl.model.value import NamedTuple

_BLANK_LINES = re.compile(r"(?:[ \t\n]|\r\n)*+")
_SPACE = re.compile(r"[ \t]++")
_LONE_RETURN = re.compile(r"\r(?!\n)")
_LINE_END = re.compile(r"\r?\n|\Z")
_PLAIN_VALUE = (
    r"(?:\"([^\"\\\x00-\x08\x0a-\x1f\x7f]*+)\"(?!\")|'([^'\x00-\x08\x0a-\x1f\x7f]*+)'(?!')"
    r"|([+-]?+(?:0|[1-9][0-9]{0,15}+))(?![^\s,#\]}])|(true|false)(?![^\s,#\]}])|([\[{]))"
)
_PLAIN_ENTRY = re.compile(rf"([A-Za-z0-9_-]++)[ \t]*+=[ \t]*+{_PLAIN_VALUE}[ \t]*+")
_DIGITS, _BOOLEAN, _OPENER = 4, 5, 6
_PLAIN_HEADER = re.compile(r"\[([A-Za-z0-9_-]++(?:\.[A-Za-z0-9_-]++)*+)\][ \t]*+(?:\r?\n|\Z)")
_LINE_ENDS = ("", "\n", "\r", "#")
_ENTRY_ENDS = (",", "}")
_HEADER = re.compile(r"\[\[?")
_CLOSERS = re.compile(r"\]\]?")


class _Slot(NamedTuple):
    """Where a value goes."""

    node: int
    target: Any
    key: str | int
    name: Place
    depth: int


class _Open:
    """A list or an inline table that is being read; `last_end` and `comma` are about the value read last."""

    __slots__ = ("comma", "depth", "last_end", "node", "start", "table", "target")

    def __init__(self, node: int, start: int, table: Table | None, depth: int) -> None:
        self.node = node
        self.depth = depth
        self.start = start
        self.table = table
        self.target: Any = table.value if table else []
        self.last_end = NOWHERE
        self.comma = NOWHERE


def read_toml(draft: Draft, syntax: str) -> None:
    del syntax
    before = len(draft.faults)
    _TomlReader(draft).run()
    judge(draft, before)


class _TomlReader:
    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.text = draft.text
        self.tables = Tables(draft)
        self.words = WordReader(draft)
        self.at = 0

    def run(self) -> None:
        while self._plain_lines():
            try:
                self._statement()
            except BrokenStatementError as broken:
                self.at = broken.resume
        lone = _LONE_RETURN.search(self.text)
        if lone is not None and not self.draft.faults:
            message = "a carriage return stands here without its line feed"
            self.draft.fault("control_character", lone.span(), message, "end lines with a line feed")

    def _plain_lines(self) -> bool:
        """Read what is plain; false at the end of the file."""
        text, current = self.text, self.tables.current
        while (found := _PLAIN_ENTRY.match(text, self._skip_lines())) is not None:
            if not self._plain_entry(found, current, _LINE_ENDS):
                return True
        return self.at < len(text)

    def _plain_entry(self, found: re.Match[str], table: Table, ends: tuple[str, ...]) -> bool:
        """Read one `key = value`, if the key is new and one of `ends` follows."""
        if found[1] in table.value:
            return False
        kind = found.lastindex or 0
        (start, end), at, value = found.span(kind), found.end(), found[kind]
        if kind == _OPENER:
            flat = TOML_LIST.match(self.text, start)
            if flat is None:
                return False
            end, at, value = flat.end(1), flat.end(), flat_value(self.text, start)
        elif kind == _DIGITS:
            value = int(value)
        elif kind == _BOOLEAN:
            value = value == "true"
        else:
            start, end = start - 1, end + 1
        if self.text[at : at + 1] not in ends:
            return False
        place = (start, end)
        self.draft.nodes.add(table.node, found[1], name=found.span(1), place=place, folded=kind == _OPENER)
        table.value[found[1]] = value
        self.at = at
        return True

    def _skip_lines(self) -> int:
        """Step over white space, line ends and comments."""
        found = _BLANK_LINES.match(self.text, self.at)
        while found and self.text.startswith("#", found.end()):
            end = self.text.find("\n", found.end())
            end = len(self.text) if end < 0 else end
            self.draft.comments.extend((found.end(), end))
            found = _BLANK_LINES.match(self.text, end)
        self.at = found.end() if found else self.at
        return self.at

    def _statement(self) -> None:
        header = _HEADER.match(self.text, self.at)
        if header:
            self._header(header)
        else:
            self._value(self._key_and_equals(self.tables.current))
        if not _LINE_END.match(self.text, self._after_space()) and not self.text.startswith("#", self.at):
            place = (self.at, self.at + 1)
            message = "there is something behind the end of this statement"
            self.draft.fault("extra_data", place, message, "start a new line")
            self.at = self._line_end()

    def _header(self, header: re.Match[str]) -> None:
        start, opener = self.at, header[0]
        if plain := _PLAIN_HEADER.match(self.text, start):
            self.at = plain.end(1) + 1
            self.tables.open(_plain_parts(plain[1], start + 1), (start, self.at), repeated=False)
            return
        self.at = header.end()
        parts = self._key()
        closer = "]" * len(opener)
        found = _CLOSERS.match(self.text, self.at)
        self.at = found.end() if found else self.at
        if found is None or found[0] != closer:
            place = (start, start + len(opener))
            self.draft.fault("unclosed", place, f"this `{opener}` is not closed", f"write `{closer}`")
        self.tables.open(parts, (start, self.at), repeated=len(opener) == 2)

    def _key_and_equals(self, base: Table) -> _Slot:
        start = self.at
        parts = self._key()
        last = parts[-1]
        char = self.text[self.at : self.at + 1]
        if char != "=":
            message = "there is no `=` behind this key"
            self.draft.fault(
                "missing_equals", (last.place[1], last.place[1]), message, "write `name = value`"
            )
            if char != ":":
                raise BrokenStatementError(self._line_end())
        self.at += 1
        table = self.tables.slot(base, parts, (start, self.at))
        self._after_space()
        if table is None:
            return _Slot(NOWHERE, {}, *last, 0)
        return _Slot(table.node, table.value, *last, table.depth)

    def _key(self) -> list[KeyPart]:
        parts: list[KeyPart] = []
        while True:
            part = self.words.key(self._after_space())
            if part is None:
                place = (self.at, min(self.at + 1, len(self.text)))
                self.draft.fault("bad_key", place, "there is no key here", "write `name = value`")
                raise BrokenStatementError(self._line_end())
            parts.append(part)
            self.at = part.place[1]
            if not self.text.startswith(".", self._after_space()):
                return parts
            self.at += 1

    def _value(self, slot: _Slot) -> None:
        """Read one value, whatever is inside it, without recursion."""
        stack: list[_Open] = []
        self._one(stack, slot)
        while stack:
            self._more(stack)

    def _one(self, stack: list[_Open], slot: _Slot) -> None:
        """Read a scalar, or open what starts here."""
        start = self.at
        char = self.text[start : start + 1]
        if char in ("[", "{"):
            self._open(stack, slot, char)
            return
        self._put(stack, slot, self.words.value(start, inside=bool(stack)), folded=False)

    def _put(self, stack: list[_Open], slot: _Slot, word: Word, *, folded: bool) -> None:
        place = (word.start, word.end)
        self.draft.nodes.add(slot.node, slot.key, name=slot.name, place=place, folded=folded)
        _keep(slot, word.value)
        self.at = word.end
        if stack:
            stack[-1].last_end, stack[-1].comma = word.end, NOWHERE

    def _open(self, stack: list[_Open], slot: _Slot, char: str) -> None:
        place = (self.at, self.at + 1)
        depth = slot.depth + 1
        if depth > MAX_DEPTH:
            self.draft.give_up("too_deep", place, f"brackets are nested more than {MAX_DEPTH} deep")
        if flat := TOML_LIST.match(self.text, self.at):
            self._put(stack, slot, Word(flat_value(self.text, self.at), *flat.span(1)), folded=True)
            return
        node = self.draft.nodes.add(slot.node, slot.key, name=slot.name, place=place)
        inner = _Open(node, self.at, Table(node, "closed", depth) if char == "{" else None, depth)
        _keep(slot, inner.target)
        stack.append(inner)
        self.at += 1

    def _more(self, stack: list[_Open]) -> None:
        """One comma, item, entry or closing bracket of the innermost container."""
        top, before = stack[-1], self.at
        closer = "}" if top.table else "]"
        self._skip_lines()
        char = self.text[self.at : self.at + 1]
        if not char or (char in "]}" and char != closer) or self._at_statement(top, before):
            self._unclosed(top, before)
        elif char == closer:
            self._close(stack)
        elif char == ",":
            self._comma(top)
        else:
            if top.last_end >= 0 and top.comma < 0:
                place = (top.last_end, top.last_end)
                self.draft.fault(
                    "missing_comma", place, "there is no comma behind this value", "write `,` here"
                )
            self._child(stack, top)

    def _child(self, stack: list[_Open], top: _Open) -> None:
        if top.table is None:
            self._one(stack, _Slot(top.node, top.target, len(top.target), (NOWHERE, NOWHERE), top.depth))
            return
        found = _PLAIN_ENTRY.match(self.text, self.at)
        if found and self._plain_entry(found, top.table, _ENTRY_ENDS):
            top.last_end, top.comma = self.draft.nodes.ends[-1], NOWHERE
        else:
            self._one(stack, self._key_and_equals(top.table))

    def _at_statement(self, top: _Open, before: int) -> bool:
        """Whether a new line inside brackets looks like the next statement, because the bracket is missing."""
        line_start = self.text.rfind("\n", before, self.at) + 1
        if not line_start:
            return False
        inside_table = top.table is not None and (top.comma >= 0 or top.last_end < 0)
        pattern = NEXT_HEADER if inside_table else NEXT_STATEMENT
        return pattern.match(self.text, line_start) is not None

    def _unclosed(self, top: _Open, before: int) -> None:
        opener, closer = "{}" if top.table else "[]"
        place = (top.start, top.start + 1)
        self.draft.fault("unclosed", place, f"this `{opener}` is never closed", f"write `{closer}`")
        self.draft.nodes.ends[top.node] = before
        raise BrokenStatementError(self.at if "\n" in self.text[before : self.at] else self._line_end())

    def _close(self, stack: list[_Open]) -> None:
        top = stack.pop()
        self.at += 1
        self.draft.nodes.ends[top.node] = self.at
        if top.comma >= 0:
            self.draft.trailing_commas.extend((top.comma, top.comma + 1))
        if stack:
            stack[-1].last_end, stack[-1].comma = self.at, NOWHERE

    def _comma(self, top: _Open) -> None:
        if top.last_end >= 0 and top.comma < 0:
            top.comma = self.at
        else:
            self.draft.fault("extra_comma", (self.at, self.at + 1), "there is a comma too many", "remove it")
        self.at += 1

    def _after_space(self) -> int:
        found = _SPACE.match(self.text, self.at)
        self.at = found.end() if found else self.at
        return self.at

    def _line_end(self) -> int:
        end = self.text.find("\n", self.at)
        return len(self.text) if end < 0 else end


def _plain_parts(dotted: str, at: int) -> list[KeyPart]:
    parts = []
    for name in dotted.split("."):
        parts.append(KeyPart(name, (at, at + len(name))))
        at += len(name) + 1
    return parts


def _keep(slot: _Slot, value: Any) -> None:
    if isinstance(slot.target, list):
        slot.target.append(value)
    else:
        slot.target[slot.key] = value
