"""JSON, JSONC and JSON5 -> value, places and every fault, in one pass and without recursion.

Plain entries are taken whole by one pattern each; whatever it does not match goes the tolerant way, one step at a time.
"""

from __future__ import annotations

from typing import Any

from mcpctl.config.documents.draft import MAX_DEPTH, NOWHERE, Draft
from mcpctl.config.documents.flat import JSON_CONTAINER, ODD, flat_value
from mcpctl.config.documents.json_words import (
    ENTRY,
    ITEM,
    ODD_SPACES,
    OPENER,
    SPACES,
    TEXT,
    Word,
    WordReader,
    plain_value,
)

_UNNAMED = (NOWHERE, NOWHERE)
_CLOSERS = {"{": "}", "[": "]"}
_OPENERS = {"}": "{", "]": "["}


class _Frame:
    """A container that is open; `last_end` and `comma` are about the value that was read last."""

    __slots__ = ("comma", "key", "last_end", "node", "opener", "target")

    def __init__(self, node: int, key: str | int, opener: str) -> None:
        self.node = node
        self.key = key
        self.opener = opener
        self.target: Any = {} if opener == "{" else []
        self.last_end = NOWHERE
        self.comma = NOWHERE


def read_json(draft: Draft, syntax: str) -> None:
    _JsonReader(draft, syntax).run()


class _JsonReader:
    def __init__(self, draft: Draft, syntax: str) -> None:
        self.draft = draft
        self.text = draft.text
        self.strict = syntax == "json"
        self.json5 = syntax == "json5"
        self.words = WordReader(draft, json5=self.json5)
        self.at = 0
        self.stack: list[_Frame] = []
        self.open_count = {"{": 0, "[": 0}

    def run(self) -> None:
        if self._blank() >= len(self.text):
            what = "everything in this file is commented out" if self.draft.comments else "the file is empty"
            self.draft.fault("empty", (0, 0), what, "write `{}` for no settings at all")
            return
        self._value(None, "", _UNNAMED)
        while self.stack:
            frame = self.stack[-1]
            if frame.last_end < 0 or frame.comma >= 0:
                self._plain_run(frame)
            if self.stack[-1] is frame:
                self._step(frame)
        self._tail()

    def _plain_run(self, frame: _Frame) -> None:
        """Entries or items as long as they are plain, up to the first that opens a container with others inside."""
        text, target, named, add = self.text, frame.target, frame.opener == "{", self.draft.nodes.add
        match, name = (ENTRY if named else ITEM).match, _UNNAMED
        while (found := match(text, self.at)) is not None:
            key, kind = found[1] if named else len(target), found.lastindex or 0
            value = plain_value(kind, found[kind])
            if value is ODD or (named and "\\" in found[1]):
                return
            start, end = found.span(kind)
            if named:
                name = (found.start(1) - 1, found.end(1) + 1)
                if key in target:
                    self._repeat(frame, key)
            if kind == OPENER:
                if not self._flat(frame, key, name, start):
                    self._open(frame, key, name, start)
                    return
            else:
                if kind == TEXT:
                    start, end = start - 1, end + 1
                add(frame.node, key, name=name, place=(start, end))
                self._keep(frame, key, value)
                self.at, frame.last_end = found.end(), end
            if text[self.at : self.at + 1] != ",":
                frame.comma = NOWHERE
                return
            frame.comma = self.at
            self.at += 1

    def _step(self, frame: _Frame) -> None:
        """One bracket, comma, entry or item, with every tolerance."""
        at = self._blank()
        char = self.text[at : at + 1]
        if not char:
            self._unclosed(0)
        elif char in "}]":
            self._close(char)
        elif char == ",":
            self._comma(frame)
        elif char == ":":
            self.at += 1
            self.draft.fault("unexpected", (at, at + 1), "there is a colon where none belongs")
        else:
            if frame.last_end >= 0 and frame.comma < 0:
                self._missing_comma(frame)
            if frame.opener == "{":
                self._entry(frame)
            else:
                self._value(frame, len(frame.target), _UNNAMED)

    def _entry(self, frame: _Frame) -> None:
        if self.text[self.at] in "{[":
            place = (self.at, self.at + 1)
            self.draft.fault("missing_key", place, "this value has no key", 'write `"name": ` before it')
            self._value(frame, f"?{len(frame.target)}", (self.at, self.at))
            return
        word = self.words.read(self.at, as_key=True)
        self.at, key, name = word.end, word.value, (word.start, word.end)
        if key in frame.target:
            self._repeat(frame, key)
        if self._colon(word.end):
            self._value(frame, key, name)
        else:
            self._put(frame, key, name, Word(None, word.end, word.end))

    def _repeat(self, frame: _Frame, key: str | int) -> None:
        path = (*(open_frame.key for open_frame in self.stack[1:]), key)
        self.draft.repeats.append((path, frame.node))

    def _colon(self, key_end: int) -> bool:
        """Step over the colon; false where neither it nor a value is there."""
        if self.text[self._blank() : self.at + 1] == ":":
            self.at += 1
            return True
        self.draft.fault(
            "missing_colon", (key_end, key_end), "there is no colon behind this key", "write `:` here"
        )
        return self.text[self.at : self.at + 1] not in ("", ",", "}", "]")

    def _value(self, frame: _Frame | None, key: str | int, name: tuple[int, int]) -> None:
        behind = self.at
        at = self._blank()
        char = self.text[at : at + 1]
        if char in ("{", "["):
            if not self._flat(frame, key, name, at):
                self._open(frame, key, name, at)
        elif char in ("", ",", "}", "]", ":"):
            self.draft.fault("missing_value", (behind, behind), "there is no value here")
            self.at += char == ":" or frame is None
            self._put(frame, key, name, Word(None, behind, behind))
        else:
            word = self.words.read(at, as_key=False)
            self.at = word.end
            self._put(frame, key, name, word)

    def _flat(self, frame: _Frame | None, key: str | int, name: tuple[int, int], at: int) -> bool:
        """Read a container of nothing but plain values in one go, if this is one."""
        found = JSON_CONTAINER.match(self.text, at)
        value = flat_value(self.text, at) if found else ODD
        if found is None or value is ODD:
            return False
        self._put(frame, key, name, Word(value, *found.span(1)), folded=True)
        self.at = found.end()
        return True

    def _put(
        self,
        frame: _Frame | None,
        key: str | int,
        name: tuple[int, int],
        word: Word,
        *,
        folded: bool = False,
    ) -> None:
        self._keep(frame, key, word.value)
        parent = frame.node if frame else NOWHERE
        self.draft.nodes.add(parent, key, name=name, place=(word.start, word.end), folded=folded)
        if frame:
            frame.last_end, frame.comma = word.end, NOWHERE

    def _keep(self, frame: _Frame | None, key: str | int, value: Any) -> None:
        if frame is None:
            self.draft.value = value
        elif frame.opener == "{":
            frame.target[key] = value
        else:
            frame.target.append(value)

    def _open(self, frame: _Frame | None, key: str | int, name: tuple[int, int], at: int) -> None:
        if len(self.stack) >= MAX_DEPTH:
            self.draft.give_up("too_deep", (at, at + 1), f"brackets are nested more than {MAX_DEPTH} deep")
        opener = self.text[at]
        parent = frame.node if frame else NOWHERE
        inner = _Frame(self.draft.nodes.add(parent, key, name=name, place=(at, at + 1)), key, opener)
        self._keep(frame, key, inner.target)
        self.stack.append(inner)
        self.open_count[opener] += 1
        self.at = at + 1

    def _close(self, char: str) -> None:
        """A bracket that does not fit closes what it was meant for, if that is open, else what is open now."""
        frame = self.stack[-1]
        if frame.opener != _OPENERS[char]:
            if self.open_count[_OPENERS[char]]:
                fitting = max(i for i, one in enumerate(self.stack) if one.opener == _OPENERS[char])
                self._unclosed(fitting + 1)
                frame = self.stack[-1]
            else:
                expected = _CLOSERS[frame.opener]
                message = f"`{char}` closes a `{frame.opener}`"
                self.draft.fault("mismatch", (self.at, self.at + 1), message, f"write `{expected}`")
        self.at += 1
        self._pop(self.at)

    def _unclosed(self, depth: int) -> None:
        while len(self.stack) > depth:
            frame = self.stack[-1]
            start = self.draft.nodes.starts[frame.node]
            self._pop(self.at)
            hint = f"write `{_CLOSERS[frame.opener]}`"
            self.draft.fault("unclosed", (start, start + 1), f"this `{frame.opener}` is never closed", hint)

    def _pop(self, end: int) -> None:
        frame = self.stack.pop()
        self.open_count[frame.opener] -= 1
        self.draft.nodes.ends[frame.node] = end
        if frame.comma >= 0:
            self._trailing(frame.comma)
        if self.stack:
            self.stack[-1].last_end, self.stack[-1].comma = end, NOWHERE

    def _trailing(self, at: int) -> None:
        self.draft.trailing_commas.extend((at, at + 1))
        if self.strict:
            message = "JSON allows no comma behind the last value"
            self.draft.fault("trailing_comma", (at, at + 1), message, "remove it")

    def _comma(self, frame: _Frame) -> None:
        if frame.last_end >= 0 and frame.comma < 0:
            frame.comma = self.at
        else:
            self.draft.fault("extra_comma", (self.at, self.at + 1), "there is a comma too many", "remove it")
        self.at += 1

    def _missing_comma(self, frame: _Frame) -> None:
        place = (frame.last_end, frame.last_end)
        self.draft.fault("missing_comma", place, "there is no comma behind this value", "write `,` here")

    def _tail(self) -> None:
        at = self._blank()
        if at < len(self.text):
            kind = "a second document" if self.text[at] in "{[" else "something"
            message = f"there is {kind} behind the end of the first"
            hint = "put one pair of braces around everything" if self.text[at] == ":" else "remove it"
            self.draft.fault("extra_data", (at, at + 1), message, hint)

    def _blank(self) -> int:
        """Step over white space and comments; afterwards `at` is on something else, or at the end."""
        text = self.text
        while True:
            if found := SPACES.match(text, self.at):
                self.at = found.end()
            char = text[self.at : self.at + 1]
            if char in ("/", "#"):
                if not self._comment(char):
                    return self.at
            elif char and (found := ODD_SPACES.match(text, self.at)):
                if not self.json5:
                    hint = "replace it with a plain space"
                    self.draft.fault("odd_space", found.span(), "this white space is none in JSON", hint)
                self.at = found.end()
            else:
                return self.at

    def _comment(self, char: str) -> bool:
        start = self.at
        if self.text.startswith("/*", start):
            end = self.text.find("*/", start + 2) + 2
            if end < 2:
                end = len(self.text)
                self.draft.fault(
                    "unclosed_comment", (start, start + 2), "this comment is never closed", "write `*/`"
                )
        elif char == "#" or self.text.startswith("//", start):
            end = self.text.find("\n", start)
            end = len(self.text) if end < 0 else end
        else:
            return False
        self.at = end
        self.draft.comments.extend((start, end))
        if char == "#":
            self.draft.fault("comment", (start, start + 1), "a comment starts with `//`, not with `#`")
        elif self.strict:
            self.draft.fault("comment", (start, end), "JSON has no comments", "remove it")
        return True
