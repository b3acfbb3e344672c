"""Reads answers of servers: leniently where the meaning is plain, with a named cause where it is not."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import msgspec

from mcpctl.errors import ProtocolError
from mcpctl.model.protocol import JsonObject, Tool

LONG = 16 << 20
"""Bytes from which on a text stays UTF-8, as only a server with much to say sends it; below it, time is dearer."""

DIGITS = 4000
"""Of a whole number; Python takes quadratic time to read one, and none with a few hundred more."""

_decode = msgspec.json.decode


def decode(text: bytes) -> Any:
    """JSON as a value. What only Python's parser accepts (NaN, lone surrogates) is accepted too, NaN as null."""
    try:
        return _decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass
    import json

    try:
        return json.loads(text.decode("utf-8", "replace"), parse_constant=lambda _: None, parse_int=_whole)
    except (ValueError, RecursionError) as error:
        raise malformed(f"a value that is not JSON: {error}") from error


def _whole(digits: str) -> float:
    return int(digits) if len(digits) <= DIGITS else float(digits)


def as_object(text: bytes, method: str) -> JsonObject:
    value = decode(text)
    if not isinstance(value, dict):
        raise malformed(f"{_kind(value)} as the result of `{method}`, where an object belongs")
    return value


def as_tool_result(text: bytes) -> JsonObject:
    """A text of more than `LONG` bytes in it stays UTF-8."""
    if len(text) > LONG:
        from mcpctl.session.sparing import spared

        with suppress(msgspec.MsgspecError, UnicodeError, RecursionError):
            return spared(text, long=LONG)
    return as_object(text, "tools/call")


def check_tool_result(result: JsonObject) -> None:
    """Refuse what nobody could show: the content must be a list of typed blocks, the verdict a boolean."""
    content = result.get("content", [])
    if not isinstance(content, list):
        raise malformed(f"{_kind(content)} as `content` of the result, where a list belongs")
    for index, block in enumerate(content):
        if not isinstance(block, dict) or not isinstance(block.get("type"), str):
            raise malformed(f"{_kind(block)} without a type as `content[{index}]` of the result")
        if block["type"] == "text" and not isinstance(block.get("text"), str | bytes):
            raise malformed(f"a text block without text as `content[{index}]` of the result")
    if not isinstance(result.get("isError", False), bool):
        raise malformed(f"{_kind(result['isError'])} as `isError` of the result, where a boolean belongs")


def tool_from(raw: JsonObject) -> Tool:
    """Optional parts of the wrong type are left out: one bad description must not hide a tool."""
    schema, output = raw.get("inputSchema"), raw.get("outputSchema")
    annotations = raw.get("annotations")
    return Tool(
        name=raw["name"],
        title=_text(raw.get("title")),
        description=_text(raw.get("description")),
        input_schema=schema if isinstance(schema, dict) else {},
        output_schema=output if isinstance(output, dict) else None,
        annotations=annotations if isinstance(annotations, dict) else {},
        raw=raw,
    )


def malformed(what: str) -> ProtocolError:
    return ProtocolError(f"the server sent {what}", code="protocol.malformed")


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "a string", bool: "a boolean", type(None): "null"}
    return names.get(type(value), "a number")
