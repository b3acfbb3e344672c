"""Finds its way through JSON text that is known to be valid, without building any of it.

Whole runs of plain members are passed in one step of the regular expression engine, so that counting what is left out
costs about as much as reading it. Every expression is possessive: no character is tried twice on one level.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

REMEMBERED = 2048
"""Containers longer than this have their end remembered: on each level above they would be walked again."""

DEPTH = 6
"""Levels that one expression passes. What is deeper is walked in Python."""

_SPACE = r"[ \t\r\n]*+"
_STRING = r'"(?:[^"\\]++|\\.)*+"'
_SCALAR = r'[^\s,:"\[\]{}]++'
_ATOMS = rf'[^"\[\]{{}}]++|{_STRING}'


def _nested(levels: int) -> str:
    """A container with at most so many levels."""
    inner = _ATOMS if levels == 1 else f"{_ATOMS}|{_nested(levels - 1)}"
    return rf"[\[{{](?:{inner})*+[\]}}]"


_VALUE = f"(?:{_STRING}|{_SCALAR}|{_nested(DEPTH)})"
_KEY = f"{_STRING}{_SPACE}:{_SPACE}"

# Runs hold only members that can be counted by a sign that occurs once, or twice, in each.
_PLAIN = rf'(?:{_SCALAR}|"[^"\\,]*+")'
_TEXT = r'"[^"\\]*+"'
_RECORD = r'[\[{](?:[^"\[\]{}]++|"[^"\\\[\]{}]*+")*+[\]}]'


def _run(member: str) -> re.Pattern[str]:
    return re.compile(f"(?:{_SPACE}{member}{_SPACE},){{1,512}}+")


space = re.compile(_SPACE)
_key = re.compile(_KEY)
_value = re.compile(_VALUE)
_step = re.compile(f"(?:{_ATOMS}|{_nested(DEPTH - 1)})*+")
_item = re.compile(rf"{_SPACE}{_VALUE}{_SPACE}[,\]]")
_pair = re.compile(rf"{_SPACE}{_KEY}{_VALUE}{_SPACE}[,}}]")
_plain_items, _text_items, _record_items = _run(_PLAIN), _run(_TEXT), _run(_RECORD)
_plain_pairs = _run(rf'"[^"\\,]*+"{_SPACE}:{_SPACE}{_PLAIN}')


class Member(NamedTuple):
    """An item of an array, or a pair of an object."""

    start: int
    """Behind the comma or bracket before it: the white space that follows is its layout."""
    value: int
    end: int


class Batch(NamedTuple):
    """Some members in a row, up to and with the comma or bracket behind the last one."""

    start: int
    end: int
    members: int


class Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self._ends: dict[int, int] = {}

    def end_of(self, start: int) -> int:
        """The offset behind the value that starts here."""
        known = self._ends.get(start)
        if known is not None:
            return known
        found = _value.match(self.text, start)
        return found.end() if found is not None else self._walk(start)

    def batches(self, start: int, at: int | None = None) -> Iterator[Batch]:
        """All members of the container that starts here, or those from `at` on."""
        text, in_object = self.text, self.text[start] == "{"
        one = _pair if in_object else _item
        at = start + 1 if at is None else at
        if text[self.skip_space(at)] in "]}":
            return
        while True:
            batch = self._run(at, in_object=in_object)
            if batch is None:
                found = one.match(text, at)
                end = found.end() if found is not None else self._end_of_member(at, in_object=in_object)
                batch = Batch(at, end, 1)
            yield batch
            at = batch.end
            if text[at - 1] != ",":
                return

    def skip_space(self, at: int) -> int:
        found = space.match(self.text, at)
        assert found is not None, "the expression matches the empty text too"
        return found.end()

    def members(self, batch: Batch, *, in_object: bool) -> Iterator[Member]:
        at = batch.start
        for _ in range(batch.members):
            member = self._member(at, in_object=in_object)
            yield member
            at = self.skip_space(member.end) + 1

    def _member(self, at: int, *, in_object: bool) -> Member:
        value = self.skip_space(at)
        if in_object:
            found = _key.match(self.text, value)
            assert found is not None, "the text is valid"
            value = found.end()
        return Member(at, value, self.end_of(value))

    def _end_of_member(self, at: int, *, in_object: bool) -> int:
        return self.skip_space(self._member(at, in_object=in_object).end) + 1

    def _run(self, at: int, *, in_object: bool) -> Batch | None:
        """Several members in one step, where they are simple enough to be counted by their signs."""
        text = self.text
        if in_object:
            found = _plain_pairs.match(text, at)
            return found and Batch(at, found.end(), text.count(",", at, found.end()))
        if text[self.skip_space(at)] in "[{":
            found = _record_items.match(text, at)
            if found is None:
                return None
            end = found.end()
            return Batch(at, end, text.count("{", at, end) + text.count("[", at, end))
        found = _plain_items.match(text, at)
        if found is not None:
            return Batch(at, found.end(), text.count(",", at, found.end()))
        found = _text_items.match(text, at)
        return found and Batch(at, found.end(), text.count('"', at, found.end()) // 2)

    def _walk(self, start: int) -> int:
        """The end of a container that is too deep for one expression."""
        text, opened, at = self.text, [start], start + 1
        while opened:
            found = _step.match(text, at)
            assert found is not None, "the expression matches the empty text too"
            at = found.end()
            if text[at] in "[{":
                opened.append(at)
            else:
                begun = opened.pop()
                if at - begun > REMEMBERED:
                    self._ends[begun] = at + 1
            at += 1
        return at
