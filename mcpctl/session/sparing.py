"""Reads large results without making texts of them: one emoji makes Python give all characters four bytes each.

A long text of a content block, or of a resource embedded in one, becomes UTF-8. Refuses what only a lenient parser
takes; such a result is read as any other.
"""

from __future__ import annotations

from codecs import utf_8_decode
from io import BytesIO
from typing import Any

import msgspec

from mcpctl.model.protocol import JsonObject
from mcpctl.policy.truncation.literal import literal_end

PIECE = 1 << 18
"""Bytes that are read at a time."""

LONGEST = 12
"""Characters of an escape, or of two that make one character."""

_decode = msgspec.json.decode


def spared(text: bytes, *, long: int) -> JsonObject:
    """The result, with texts of more than `long` bytes as UTF-8. Raises what the strict parser raises."""
    members = _members(text)
    blocks = _decode(members.pop("content", b"[]"), type=list[msgspec.Raw])
    return {
        "content": [_block(block, long) for block in blocks],
        **{name: _decode(value) for name, value in members.items()},
    }


def _members(text: bytes | msgspec.Raw) -> dict[str, msgspec.Raw]:
    return _decode(text, type=dict[str, msgspec.Raw])


def _block(text: msgspec.Raw, long: int) -> Any:
    if len(memoryview(text)) <= long:
        return _decode(text)
    return {name: _member(name, value, long) for name, value in _members(text).items()}


def _member(name: str, value: msgspec.Raw, long: int) -> Any:
    literal = memoryview(value)
    if len(literal) <= long:
        return _decode(value)
    if name == "text" and literal[0] == ord('"'):
        return _utf8(literal[1:-1])
    return _block(value, long) if name == "resource" else _decode(value)


def _utf8(literal: memoryview) -> bytes:
    """What stands between the quotes, without its escapes."""
    text, at = BytesIO(), 0
    while at < len(literal):
        piece, size = utf_8_decode(literal[at : at + PIECE], "strict", False)
        if at + size < len(literal):
            piece = piece[: literal_end(piece, 0, len(piece) - LONGEST)]
        escaped = piece.encode()
        text.write(_decode(b'"%b"' % escaped, type=str).encode())
        at += len(escaped)
    return text.getvalue()
