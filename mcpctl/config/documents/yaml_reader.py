"""YAML 1.2 -> value and places, from the events of `ruamel.yaml`; the first syntax error ends the reading.

Values follow the core schema: no dates, no `yes`, no merge keys. What no configuration needs is refused: tags of
one's own, and aliases that would grow without bound.
"""

from __future__ import annotations

import re
from math import isinf
from typing import Any

from mcpctl.config.documents.draft import MAX_DEPTH, NOWHERE, Draft
from mcpctl.config.documents.encoding import mend_surrogates

MAX_CHARACTERS = 1 << 20
"""The parser is written in Python and reads 500 kB a second; the largest configuration seen has 20 kB."""

_UNNAMED = (NOWHERE, NOWHERE)
_NULL = re.compile(r"~|null|Null|NULL|")
_TRUE = re.compile(r"true|True|TRUE")
_FALSE = re.compile(r"false|False|FALSE")
_INTEGER = re.compile(r"[-+]?[0-9]{1,300}|0o[0-7]{1,100}|0x[0-9a-fA-F]{1,100}")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_COMMENT = re.compile(r"(?:^|(?<=[ \t]))#[^\n]*", re.MULTILINE)


class _Open:
    __slots__ = ("key", "node", "start", "target")

    def __init__(self, node: int, start: int, target: Any) -> None:
        self.node = node
        self.start = start
        self.target = target
        self.key: tuple[str, tuple[int, int]] | None = None


def read_yaml(draft: Draft, syntax: str) -> None:
    del syntax
    if len(draft.text) > MAX_CHARACTERS:
        draft.give_up("too_large", (0, 0), f"a YAML file of more than {MAX_CHARACTERS >> 20} MiB is not read")
    _YamlReader(draft).run()


class _YamlReader:
    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.stack: list[_Open] = []
        self.anchors: dict[str, Any] = {}
        self.documents = 0
        self.scalars: list[tuple[int, int]] = []

    def run(self) -> None:
        from ruamel.yaml import YAML
        from ruamel.yaml.error import MarkedYAMLError, YAMLError

        reader: Any = YAML(typ="safe", pure=True)
        try:
            for event in reader.parse(self.draft.text):
                self._event(type(event).__name__, event)
        except MarkedYAMLError as error:
            self._syntax_fault(error)
        except (YAMLError, ValueError, RecursionError):
            self.draft.fault("yaml", (0, 0), "this file is not YAML")
        self._comments()
        if not self.documents and not self.draft.faults:
            self.draft.fault("empty", (0, 0), "the file is empty", "write `{}` for no settings at all")

    def _comments(self) -> None:
        """Whatever looks like one and stands in no text."""
        inside = iter([*self.scalars, (len(self.draft.text) + 1,) * 2])
        start, end = next(inside)
        for found in _COMMENT.finditer(self.draft.text):
            while end <= found.start():
                start, end = next(inside)
            if found.start() < start:
                self.draft.comments.extend(found.span())

    def _syntax_fault(self, error: Any) -> None:
        mark = error.problem_mark or error.context_mark
        at = min(mark.index, len(self.draft.text)) if mark else 0
        parts = [part for part in (error.context, error.problem) if part]
        self.draft.fault(
            "yaml", (at, min(at + 1, len(self.draft.text))), ", ".join(parts) or "this is not YAML"
        )

    def _event(self, kind: str, event: Any) -> None:
        start, end = event.start_mark.index, event.end_mark.index
        if kind == "DocumentStartEvent":
            self.documents += 1
            if self.documents > 1:
                message = "there is a second document behind the end of the first"
                self.draft.give_up("extra_data", (start, end), message, "remove it")
        elif kind == "ScalarEvent":
            self._scalar(event, start, end)
        elif kind in ("MappingStartEvent", "SequenceStartEvent"):
            self._open(event, start, {} if kind == "MappingStartEvent" else [])
        elif kind in ("MappingEndEvent", "SequenceEndEvent"):
            self.draft.nodes.ends[self.stack.pop().node] = end
        elif kind == "AliasEvent":
            self._alias(event, (start, end))

    def _scalar(self, event: Any, start: int, end: int) -> None:
        top = self.stack[-1] if self.stack else None
        written, broken = mend_surrogates(event.value)
        if broken:
            message = "this text has half a surrogate pair, which is no character"
            self.draft.fault("lone_surrogate", (start, end), message, "write the character itself")
        self.scalars.append((start, end))
        if top is not None and isinstance(top.target, dict) and top.key is None:
            self._key(top, written, (start, end))
            return
        text = event.style or (event.tag or "").endswith(":str")
        value = written if text else _plain(written)
        if isinstance(value, float) and isinf(value):
            self.draft.fault("number_range", (start, end), "this number is too large to be one")
            value = None
        if event.tag and event.tag.startswith("!"):
            self.draft.fault("tag", (start, end), "a tag of one's own means nothing here", "remove it")
        self._put(value, (start, end))
        if event.anchor:
            self.anchors[event.anchor] = value

    def _key(self, top: _Open, key: str, place: tuple[int, int]) -> None:
        if key in top.target:
            self.draft.fault("duplicate_key", place, f"`{key}` is already defined", "remove one of them")
        top.key = (key, place)

    def _open(self, event: Any, start: int, target: Any) -> None:
        place = (start, start + 1)
        if len(self.stack) >= MAX_DEPTH:
            self.draft.give_up("too_deep", place, f"values are nested more than {MAX_DEPTH} deep")
        top = self.stack[-1] if self.stack else None
        if top is not None and isinstance(top.target, dict) and top.key is None:
            self.draft.give_up("bad_key", place, "a key must be text")
        node = self._put(target, place)
        self.stack.append(_Open(node, start, target))
        if event.anchor:
            message = "an anchor on a list or a mapping is not supported"
            self.draft.fault("anchor", place, message, "write the values out")
            self.anchors[event.anchor] = None

    def _alias(self, event: Any, place: tuple[int, int]) -> None:
        top = self.stack[-1] if self.stack else None
        if event.anchor not in self.anchors:
            self.draft.fault("anchor", place, "there is no anchor of this name before", "write the value out")
        value = self.anchors.get(event.anchor)
        if top is not None and isinstance(top.target, dict) and top.key is None:
            self._key(top, str(value), place)
        else:
            self._put(value, place)

    def _put(self, value: Any, place: tuple[int, int]) -> int:
        if not self.stack:
            self.draft.value = value
            return self.draft.nodes.add(NOWHERE, "", name=_UNNAMED, place=place)
        top = self.stack[-1]
        if isinstance(top.target, list):
            top.target.append(value)
            return self.draft.nodes.add(top.node, len(top.target) - 1, name=_UNNAMED, place=place)
        assert top.key is not None
        (key, name), top.key = top.key, None
        top.target.setdefault(key, value)
        return self.draft.nodes.add(top.node, key, name=name, place=place)


def _plain(raw: str) -> Any:
    """A word without quotes, by the core schema."""
    if _NULL.fullmatch(raw):
        return None
    if _TRUE.fullmatch(raw) or _FALSE.fullmatch(raw):
        return bool(_TRUE.fullmatch(raw))
    if _INTEGER.fullmatch(raw):
        base = {"0o": 8, "0x": 16}.get(raw[:2], 10)
        return int(raw[2:] if base != 10 else raw, base)
    if _FLOAT.fullmatch(raw):
        return float(raw)
    return raw
