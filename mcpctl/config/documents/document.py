"""A parsed file: its value, and where in the text everything stands.

Offsets count characters of `text` (which has no byte order mark), lines and columns count from 1, ends are exclusive.
Lines are counted when somebody asks for the first of them.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from mcpctl.config.documents.draft import FOLDED, NOWHERE, Draft
from mcpctl.config.documents.flat import unfold
from mcpctl.model.value import dataclass

Path = Sequence[str | int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    offset_start: int
    offset_end: int
    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SyntaxFault:
    """A mistake in the text itself. The message never repeats what stands there: it may be a secret."""

    code: str
    message: str
    span: Span
    hint: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Duplicate:
    """A key that an object has twice; the later value counts in JSON, the earlier one in TOML and YAML is a fault."""

    path: tuple[str | int, ...]
    first: Span
    second: Span


class Document:
    """`value` is always usable: what could not be read is missing or `None`, and `faults` says so."""

    def __init__(self, file: str, syntax: str, draft: Draft) -> None:
        self.file = file
        self.syntax = syntax
        self.text = draft.text
        self.encoding = draft.encoding
        self.bom = draft.bom
        self.value: Any = draft.value
        self._draft = draft
        self._children: dict[int, dict[str | int, int]] = {}

    def span(self, path: Path) -> Span | None:
        """Where the value stands. A TOML table stands where its header does."""
        node = self._find(path)
        if node is None:
            return None
        nodes = self._draft.nodes
        return self.span_between(nodes.starts[node], nodes.ends[node])

    def key_span(self, path: Path) -> Span | None:
        """Where the key stands, with its quotes; items of lists and the root have none."""
        node = self._find(path)
        if node is None or self._draft.nodes.key_starts[node] < 0:
            return None
        return self.span_between(self._draft.nodes.key_starts[node], self._draft.nodes.key_ends[node])

    def nearest(self, path: Path) -> Span:
        """The key, else the value, of the deepest part of the path that exists; the start of the file if none does."""
        for length in range(len(path), -1, -1):
            found = self.key_span(path[:length]) or self.span(path[:length])
            if found is not None:
                return found
        return self.span_between(0, 0)

    def span_between(self, start: int, end: int) -> Span:
        line, column = self._line_and_column(start)
        end_line, end_column = self._line_and_column(end)
        return Span(
            offset_start=start,
            offset_end=end,
            line=line,
            column=column,
            end_line=end_line,
            end_column=end_column,
        )

    @cached_property
    def faults(self) -> tuple[SyntaxFault, ...]:
        """In the order of the text."""
        return tuple(
            SyntaxFault(code=code, message=message, span=self.span_between(start, end), hint=hint)
            for code, message, start, end, hint in sorted(self._draft.faults, key=lambda fault: fault[2:4])
        )

    @cached_property
    def comments(self) -> tuple[Span, ...]:
        return self._spans(self._draft.comments)

    @cached_property
    def trailing_commas(self) -> tuple[Span, ...]:
        return self._spans(self._draft.trailing_commas)

    @cached_property
    def duplicates(self) -> tuple[Duplicate, ...]:
        """Every repetition, beside the first time the key was there."""
        return tuple(self._repetitions())

    def _find(self, path: Path) -> int | None:
        if not self._draft.nodes.keys:
            return None
        node = 0
        for part in path:
            children = self._children.get(node)
            if children is None:
                children = self._children[node] = self._children_of(node)
            node = children.get(part, NOWHERE)
            if node < 0:
                return None
        return node

    def _children_of(self, node: int) -> dict[str | int, int]:
        nodes = self._draft.nodes
        if nodes.firsts[node] == FOLDED:
            unfold(self._draft, node)
        return nodes.children(node)

    def _spans(self, flat: array[int]) -> tuple[Span, ...]:
        return tuple(self.span_between(flat[at], flat[at + 1]) for at in range(0, len(flat), 2))

    def _repetitions(self) -> list[Duplicate]:
        nodes = self._draft.nodes
        wanted: dict[int, dict[str | int, tuple[str | int, ...]]] = {}
        for path, parent in self._draft.repeats:
            wanted.setdefault(parent, {})[path[-1]] = path
        found: list[Duplicate] = []
        for parent, paths in wanted.items():
            places: dict[str | int, list[Span]] = {key: [] for key in paths}
            child = nodes.firsts[parent]
            while child >= 0:
                if nodes.keys[child] in places:
                    key_place = self.span_between(nodes.key_starts[child], nodes.key_ends[child])
                    places[nodes.keys[child]].append(key_place)
                child = nodes.nexts[child]
            for key, spans in places.items():
                found += [
                    Duplicate(path=paths[key], first=spans[-1], second=later)
                    for later in reversed(spans[:-1])
                ]
        return sorted(found, key=lambda duplicate: duplicate.second.offset_start)

    def _line_and_column(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self._line_starts, offset)
        return line, offset - self._line_starts[line - 1] + 1

    @cached_property
    def _line_starts(self) -> array[int]:
        starts = array("i", [0])
        starts.extend(match.end() for match in re.finditer(r"\r\n?|\n", self.text))
        return starts
