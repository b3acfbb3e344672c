"""Containers of nothing but plain values: read in one go, their insides found when somebody asks for a place.

That is most of a large file, and an order of magnitude faster than one value at a time.
"""

from __future__ import annotations

import json
import re
from typing import Any

from mcpctl.config.documents.draft import NOWHERE, Draft

_BLANK = r"[ \t\r\n]*+"
_TEXT = r'"[^"\\\x00-\x1f\x7f]*+"'
_WHOLE = r"(?![^ \t\r\n,\]}])"
"""A word ends where it seems to end."""
_NUMBER = r"-?+(?:0|[1-9][0-9]{0,15}+)(?:\.[0-9]{1,15}+)?+"


def _list_pattern(words: str) -> str:
    item = rf"(?:{_TEXT}|{_NUMBER}{_WHOLE}|(?:{words}){_WHOLE}){_BLANK}"
    return rf"\[{_BLANK}(?:{item}(?:,{_BLANK}{item})*+)?+\]"


def _object_pattern() -> str:
    value = rf"(?:{_TEXT}|{_NUMBER}{_WHOLE}|(?:true|false|null){_WHOLE}){_BLANK}"
    entry = rf"{_TEXT}{_BLANK}:{_BLANK}{value}"
    return rf"\{{{_BLANK}(?:{entry}(?:,{_BLANK}{entry})*+)?+\}}"


JSON_CONTAINER = re.compile(rf"({_list_pattern('true|false|null')}|{_object_pattern()}){_BLANK}")
TOML_LIST = re.compile(rf"({_list_pattern('true|false')})[ \t]*+")
"""Such a list means the same in TOML and in JSON."""

_CHILD = re.compile(rf"(?:({_TEXT}){_BLANK}:{_BLANK})?+({_TEXT}|[^\s,]++)")

ODD: Any = object()
"""In place of a value that looks plain but is not."""


def flat_value(text: str, at: int) -> Any:
    """The value of what a pattern above matches, or `ODD` where a key comes twice."""
    try:
        return _DECODER.raw_decode(text, at)[0]
    except ValueError:
        return ODD


def unfold(draft: Draft, node: int) -> None:
    """Find the insides of a container that was read in one go."""
    nodes = draft.nodes
    nodes.firsts[node] = NOWHERE
    children = _CHILD.finditer(draft.text, nodes.starts[node] + 1, nodes.ends[node] - 1)
    for index, found in enumerate(children):
        key = found[1][1:-1] if found[1] else index
        nodes.add(node, key, name=found.span(1), place=found.span(2))


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError
    return value


_DECODER = json.JSONDecoder(object_pairs_hook=_distinct)
