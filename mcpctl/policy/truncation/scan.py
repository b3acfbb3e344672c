"""Finds its way through JSON text that is known to be valid, without building any of it.

Whole runs of plain members are passed in one step of the regular expression engine, so that counting what is left out
costs about as much as reading it. Every expression is possessive: no character is tried twice on one level.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from mcpctl.model.value import NamedTuple

REMEMBERED = 2048
"""Values longer than this have their end remembered: they would be walked again on each level."""

FAR = 1 << 16
"""Members that are longer are passed one by one: a run that ends in the middle of one was in vain."""

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


def _run(member: str, most: int = 512) -> re.Pattern[str]:
    return re.compile(f"(?:{_SPACE}{member}{_SPACE},){{1,{most}}}+")


def _each(member: str) -> re.Pattern[str]:
    """The empty group is what `findall` collects, so that counting copies nothing."""
    return re.compile(f"{_SPACE}{member}{_SPACE},()")


space = re.compile(_SPACE)
_key = re.compile(_KEY)
_value = re.compile(_VALUE)
_step = re.compile(f"(?:{_ATOMS}|{_nested(DEPTH - 1)})*+")
_plain_items, _text_items, _record_items = _run(_PLAIN), _run(_TEXT), _run(_RECORD)
_plain_pairs = _run(rf'"[^"\\,]*+"{_SPACE}:{_SPACE}{_PLAIN}')
_any_items, _any_pairs = _run(_VALUE, 64), _run(_KEY + _VALUE, 64)
_each_item, _each_pair = _each(_VALUE), _each(_KEY + _VALUE)


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
        end = found.end() if found is not None else self._walk(start)
        if end - start > REMEMBERED:
            self._ends[start] = end
        return end

    def batches(self, start: int, at: int | None = None) -> Iterator[Batch]:
        """All members of the container that starts here, or those from `at` on."""
        text, in_object = self.text, self.text[start] == "{"
        at = start + 1 if at is None else at
        if text[self.skip_space(at)] in "]}":
            return
        while True:
            batch = self._run(at, in_object=in_object)
            if batch is None:
                member = self._member(at, in_object=in_object)
                batch = Batch(at, self.skip_space(member.end) + 1, 1)
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

    def _run(self, at: int, *, in_object: bool) -> Batch | None:
        """Several members in one step; the last one of all never is among them."""
        text = self.text
        if in_object:
            return self._counted(_plain_pairs, at, ",") or self._told_apart(_any_pairs, _each_pair, at)
        if text[self.skip_space(at)] not in "[{":
            # Two quotes for each text, hence the pairs.
            return self._counted(_plain_items, at, ",") or self._counted(_text_items, at, '"')
        return self._counted(_record_items, at, "[{") or self._told_apart(_any_items, _each_item, at)

    def _counted(self, run: re.Pattern[str], at: int, signs: str) -> Batch | None:
        found = run.match(self.text, at)
        if found is None:
            return None
        count = sum(self.text.count(sign, at, found.end()) for sign in signs)
        return Batch(at, found.end(), count // 2 if signs == '"' else count)

    def _told_apart(self, run: re.Pattern[str], each: re.Pattern[str], at: int) -> Batch | None:
        found = run.match(self.text, at, at + FAR)
        return found and Batch(at, found.end(), len(each.findall(self.text, at, found.end())))

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
