"""Arguments of a load: those of `call`, with templates in them, as one JSON text.

A template takes the place of a value of the type that the tool's schema declares: what it makes for the first call
decides whether it stands in quotes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from mcpctl.commands.items import Item, assemble
from mcpctl.loadtest.templates import Draws, compile_parts, expand, has_template, parse
from mcpctl.model.protocol import JsonObject
from mcpctl.model.value import replace

Lines = Mapping[str, tuple[str, ...]]

_MARK = "\ue000{}\ue000"
"""Stands for a template while everything around it is put together; of the private use area, so nobody types it."""


def from_items(items: Sequence[Item], schema: JsonObject, lines: Lines) -> str:
    marks: dict[str, str] = {}
    plain = [_marked(item, schema, lines, marks) if has_template(item.text) else item for item in items]
    return _filled(json.dumps(assemble(plain, schema), ensure_ascii=False), marks)


def from_table(arguments: Mapping[str, Any], schema: JsonObject, lines: Lines) -> str:
    """Arguments of a file: a template that is a whole value of the first level may become a number."""
    marks: dict[str, str] = {}
    plain = dict(arguments)
    for name, value in arguments.items():
        if isinstance(value, str) and has_template(value):
            item = Item(path=(name,), text=value, literal=False)
            plain[name] = json.loads(_marked(item, schema, lines, marks).text)
    return _filled(json.dumps(plain, ensure_ascii=False), marks)


def first_of(text: str, lines: Lines) -> str:
    """What a template makes for the first call."""
    return expand(compile_parts(parse(text), Draws(seed=0, lines=lines))).decode()


def _marked(item: Item, schema: JsonObject, lines: Lines, marks: dict[str, str]) -> Item:
    """The item with a mark in place of its templates; what the mark stands for is noted."""
    mark = _MARK.format(len(marks))
    quoted = json.dumps(mark, ensure_ascii=False)
    if item.literal:
        marks[quoted] = item.text
        return replace(item, text=quoted)
    template = json.dumps(item.text, ensure_ascii=False)
    made = _leaf(assemble([replace(item, text=json.loads(first_of(template, lines)))], schema), item.path)
    as_list = isinstance(made, list) and len(made) == 1
    marks[quoted] = template if isinstance(made[0] if as_list else made, str) else item.text
    # Where a list is wanted, each item adds to it; everywhere else the mark is the whole value.
    return replace(item, text=mark) if as_list else replace(item, text=quoted, literal=True)


def _leaf(value: Any, path: Sequence[str]) -> Any:
    for step in path:
        value = value[0] if step == "" else value[step]
    return value


def _filled(text: str, marks: Mapping[str, str]) -> str:
    for mark, template in marks.items():
        text = text.replace(mark, template)
    return text
