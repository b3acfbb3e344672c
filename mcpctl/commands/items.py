"""Arguments as people type them: `key=text`, `key:=JSON`, `key=@FILE`, `key:=@FILE`, `a[b]=c`.

Text becomes the type that the tool's schema declares, and only where that is beyond doubt: whatever does not fit stays
text, for the check against the schema to name.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from mcpctl.errors import UsageError
from mcpctl.model.protocol import JsonObject
from mcpctl.model.value import dataclass

ReadFile = Callable[[str], bytes]

_YES, _NO = ("true", "yes", "on", "1"), ("false", "no", "off", "0")

MAX_REFERENCES = 16
"""How many `$ref` are followed in a row: a schema may point at itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    path: tuple[str, ...]
    """An empty step appends to a list: `tags[]=x`."""
    text: str
    literal: bool
    """Typed with `:=`: JSON, sent as it is."""


def parse(words: Sequence[str], read_file: ReadFile) -> tuple[Item, ...]:
    return tuple(_item(word, read_file) for word in words)


def assemble(items: Sequence[Item], schema: JsonObject) -> JsonObject:
    """The arguments object. A key given twice becomes a list where the schema wants one, else the last one counts."""
    arguments: JsonObject = {}
    for item in items:
        declared = _declared(schema, item.path, schema)
        value = _json(item) if item.literal else coerce(item.text, declared, schema)
        _place(arguments, item, value, as_list=_allows(declared, "array"))
    return arguments


def coerce(text: str, declared: Any, root: JsonObject) -> Any:
    """Text as the declared type, or the text itself."""
    declared = _resolved(declared, root)
    choices = declared.get("enum") or ([declared["const"]] if "const" in declared else [])
    for choice in choices:
        if _spelled(choice) == text:
            return choice
    for kind in _kinds(declared, root):
        value = _as_kind(text, kind, declared, root)
        if value is not _NOT:
            return value
    return text


def _item(word: str, read_file: ReadFile) -> Item:
    at = _separator(word)
    if at < 1:
        raise UsageError(
            f"`{word}` is not an argument",
            code="usage.item",
            hint="write `key=text`, `key:=JSON`, `key=@FILE` or `key:=@FILE`",
        )
    literal = word[at - 1] == ":"
    key, text = word[: at - 1 if literal else at], word[at + 1 :]
    if not key:
        raise UsageError(f"`{word}` has no key", code="usage.item", hint="write `key=text` or `key:=JSON`")
    if text.startswith("@"):
        text = _file_text(text[1:], read_file)
    return Item(path=_path(key.replace("\\=", "=")), text=text, literal=literal)


def _separator(word: str) -> int:
    at = word.find("=")
    while at > 0 and word[at - 1] == "\\":
        at = word.find("=", at + 1)
    return at


def _file_text(name: str, read_file: ReadFile) -> str:
    data = read_file(name)
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise UsageError(
            f"`{name}` is not text: byte {error.start} is not UTF-8",
            code="usage.file",
            hint="encode it first, for example with `base64`",
        ) from error


def _path(key: str) -> tuple[str, ...]:
    """`a[b][]` -> ("a", "b", ""); a key whose brackets do not pair up is a plain name."""
    name, bracket, rest = key.partition("[")
    if not name or not bracket or not rest.endswith("]"):
        return (key,)
    steps = rest[:-1].split("][")
    return (key,) if any("[" in step or "]" in step for step in steps) else (name, *steps)


def _json(item: Item) -> Any:
    import json

    try:
        return json.loads(item.text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        where = f" at column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
        reason = (
            error.msg.lower()
            if isinstance(error, json.JSONDecodeError)
            else str(error) or "nested too deeply"
        )
        raise UsageError(
            f"the value of `{item.path[0]}` is not JSON: {reason}{where}",
            code="usage.json",
            hint=f"`{item.path[0]}=…` sends plain text, `{item.path[0]}:=…` wants JSON",
        ) from error


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _place(arguments: JsonObject, item: Item, value: Any, *, as_list: bool) -> None:
    target: Any = arguments
    for step, following in zip(item.path, item.path[1:], strict=False):
        empty: Any = [] if following == "" else {}
        target = target.setdefault(step, empty) if isinstance(target, dict) else None
        if not isinstance(target, type(empty)):
            raise UsageError(
                f"`{item.path[0]}` is given both as a value and with parts",
                code="usage.item",
                hint=f"give `{item.path[0]}:=JSON` as a whole",
            )
    last = item.path[-1]
    if isinstance(target, list):
        target.append(value)
    elif as_list and not item.literal:
        kept = target.setdefault(last, [])
        kept.extend(value if isinstance(value, list) else [value])
    else:
        target[last] = value


_NOT: Any = object()
"""Marks a text that is no value of a type: None is a value."""


def _as_kind(text: str, kind: str, declared: JsonObject, root: JsonObject) -> Any:
    if kind == "string":
        return text
    if kind == "null":
        return None if text == "null" else _NOT
    if kind == "boolean":
        lowered = text.lower()
        return True if lowered in _YES else False if lowered in _NO else _NOT
    if kind in ("integer", "number"):
        return _number(text, kind)
    return _compound(text, kind, declared, root)


def _number(text: str, kind: str) -> Any:
    digits = text[1:] if text[:1] in "+-" else text
    if not digits[:1].isdigit() or not digits.isascii() or "_" in digits:
        return _NOT
    try:
        return int(text) if digits.isdigit() else _whole(float(text), kind)
    except (ValueError, OverflowError):
        return _NOT


def _whole(value: float, kind: str) -> Any:
    if value in (float("inf"), float("-inf")):
        return _NOT
    return value if kind == "number" else int(value) if value.is_integer() else _NOT


def _compound(text: str, kind: str, declared: JsonObject, root: JsonObject) -> Any:
    import json

    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    if isinstance(value, list if kind == "array" else dict):
        return value
    return coerce(text, declared.get("items"), root) if kind == "array" else _NOT


def _declared(schema: Any, path: tuple[str, ...], root: JsonObject) -> JsonObject:
    """The schema of the value at `path`; an empty one where nothing is declared."""
    for step in path:
        schema = _resolved(schema, root)
        if step == "":
            schema = schema.get("items")
            continue
        properties = schema.get("properties")
        schema = properties.get(step) if isinstance(properties, dict) else None
        if schema is None:
            return {}
    return _resolved(schema, root)


def _resolved(schema: Any, root: JsonObject) -> JsonObject:
    for _ in range(MAX_REFERENCES):
        reference = schema.get("$ref") if isinstance(schema, dict) else None
        if not isinstance(reference, str) or not reference.startswith("#"):
            break
        schema = root
        for step in reference[1:].strip("/").split("/"):
            name = step.replace("~1", "/").replace("~0", "~")
            schema = schema.get(name) if name and isinstance(schema, dict) else schema
    return schema if isinstance(schema, dict) else {}


def _kinds(declared: JsonObject, root: JsonObject) -> list[str]:
    """The declared types, most particular first: text comes last, since everything is text."""
    named = _named_kinds(declared, root, MAX_REFERENCES)
    # Where text is welcome it must not be turned into something else by accident; null is the one exception.
    order = (
        ["null", "boolean", "integer", "number", "array", "object"]
        if "string" not in named
        else ["null", "string"]
    )
    return [kind for kind in order if kind in named]


def _named_kinds(declared: JsonObject, root: JsonObject, depth: int) -> set[str]:
    named = declared.get("type")
    kinds = {kind for kind in (named if isinstance(named, list) else [named]) if isinstance(kind, str)}
    for keyword in ("anyOf", "oneOf") if depth else ():
        options = declared.get(keyword)
        for option in options if isinstance(options, list) else []:
            kinds |= _named_kinds(_resolved(option, root), root, depth - 1)
    return kinds


def _allows(declared: JsonObject, kind: str) -> bool:
    named = declared.get("type")
    return named == kind or (isinstance(named, list) and kind in named and "string" not in named)


def _spelled(value: Any) -> str:
    import json

    return value if isinstance(value, str) else json.dumps(value)
