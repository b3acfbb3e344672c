"""What a message was that could not be decoded: whose answer, a batch, several at once, or no JSON-RPC at all.

Loaded when the first such message comes. It never raises, and looks into a huge message only at its ends.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

import msgspec

from mcpctl.wire.jsonrpc import RequestId, decode

MAX_BATCH = 1000
"""Messages taken from one array or one line; a batch is a handful, more is an attack."""

_PARSED = 1 << 20
"""Bytes that are parsed to find a fault; beyond it the objects would cost more than the answer is worth."""

_END = 512
"""Bytes looked at on either end of what is not parsed; servers put the id first or last."""

_LEADING = re.compile(
    rb'\s*\{(?:\s*"(?:jsonrpc|method)"\s*:\s*"[^"\\]{0,200}"\s*,)*\s*"id"\s*:\s*(?:(-?\d{1,19})(?![\d.eE])|"([^"\\]{0,200})")'
)
_TRAILING = re.compile(
    rb'"id"\s*:\s*(?:(-?\d{1,19})|"([^"\\]{0,200})")\s*(?:,\s*"jsonrpc"\s*:\s*"[^"\\]{0,20}"\s*)?\}\s*$'
)
_METHOD = re.compile(
    rb'\s*\{(?:\s*"(?:jsonrpc|id)"\s*:\s*(?:"[^"\\]{0,200}"|-?\d{1,19})\s*,)*\s*"method"\s*:'
)

_ESCAPE = re.compile(
    rb"""\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)""",
    re.DOTALL,
)
"""A pair of surrogates, one alone, or any other escape."""

_decode_batch = msgspec.json.Decoder(list[msgspec.Raw]).decode


@dataclass(slots=True, kw_only=True)
class Finding:
    """`parts` are messages to be taken one by one; else `why` says what is wrong with this one."""

    why: str = ""
    id: RequestId | None = None
    parts: tuple[bytes, ...] = ()
    dropped: int = 0
    """Parts beyond the bound."""
    answer: bool = True
    """Not a request or notification, as far as one can see."""
    foreign: bool = False
    """No JSON-RPC at all, such as a log line."""


def examine(message: bytes) -> Finding:
    return _with_whole_characters(message) or _as_it_is(message)


def _with_whole_characters(message: bytes) -> Finding | None:
    """Servers in JavaScript cut texts in the middle of an emoji, and say so by an escape that means no character."""
    if b"\\ud" not in message and b"\\uD" not in message:
        return None
    whole = _ESCAPE.sub(lambda found: rb"\ufffd" if found[1] else found[0], message)
    try:
        usable = _usable_id(decode(whole).id) is not None
    except (ValueError, RecursionError):
        return None
    return Finding(parts=(whole,)) if usable and whole != message else None


def _as_it_is(message: bytes) -> Finding:
    if message.lstrip()[:1] == b"[":
        return _batch(message)
    if len(message) > _PARSED:
        return ends(message[:_END], message[-_END:], why=_fault(message))
    text = message.decode("utf-8", "replace")
    try:
        start = len(text) - len(text.lstrip())
        value, end = _DECODER.raw_decode(text, start)
    except (ValueError, RecursionError):
        return ends(message[:_END], message[-_END:], why=_fault(message))
    rest = text[end:].strip()
    if rest and not isinstance(value, dict):
        return ends(message[:_END], message[-_END:], why=_fault(message))
    if rest:
        return _several(text[start:end], rest)
    return _of_value(message, value)


def ends(head: bytes, tail: bytes, *, why: str) -> Finding:
    """Judge a message by its first and last bytes, for what is too large or too broken to parse."""
    found = _LEADING.match(head) or _TRAILING.search(tail)
    return Finding(
        why=why,
        id=_id_in(found) if found else None,
        answer=_METHOD.match(head) is None,
        foreign=found is None and b'"jsonrpc"' not in head and b'"jsonrpc"' not in tail,
    )


def _id_in(found: re.Match[bytes]) -> RequestId:
    number, text = found.groups()
    return int(number) if number is not None else text.decode("utf-8", "replace")


def _batch(message: bytes) -> Finding:
    try:
        items = _decode_batch(message)
    except (ValueError, RecursionError):
        return ends(message[:_END], message[-_END:], why=_fault(message))
    parts = tuple(bytes(item) for item in items[:MAX_BATCH])
    if any(part[:1] == b"{" for part in parts):
        return Finding(parts=parts, dropped=len(items) - len(parts))
    return Finding(why="an array that holds no message", foreign=True)


def _several(first: str, rest: str) -> Finding:
    """Several messages, or a message and a log text, that share a line."""
    parts = [first]
    while rest and len(parts) < MAX_BATCH:
        try:
            _, end = _DECODER.raw_decode(rest)
        except (ValueError, RecursionError):
            parts.append(rest)
            break
        parts.append(rest[:end])
        rest = rest[end:].strip()
    else:
        return Finding(parts=_encoded(parts), dropped=1 if rest else 0)
    return Finding(parts=_encoded(parts))


def _encoded(parts: list[str]) -> tuple[bytes, ...]:
    return tuple(part.encode("utf-8", "replace") for part in parts)


def _of_value(message: bytes, value: Any) -> Finding:
    if not isinstance(value, dict) or not value.keys() & {"jsonrpc", "id", "result", "error", "method"}:
        return Finding(why="it is no JSON-RPC message", foreign=True)
    known = _usable_id(value.get("id"))
    answer = "method" not in value
    foreign = "jsonrpc" not in value and known is None
    return Finding(why=_wrong_member(message, value), id=known, answer=answer, foreign=foreign)


def _usable_id(value: Any) -> RequestId | None:
    """None for what cannot be an id of ours, however it is read."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return value if isinstance(value, str) and value.isprintable() and "\ufffd" not in value else None


def _wrong_member(message: bytes, value: dict[str, Any]) -> str:
    if value.get("jsonrpc") != "2.0":
        return "`jsonrpc` is not `2.0`" if "jsonrpc" in value else "`jsonrpc` is missing"
    number = value.get("id")
    if number is not None and (isinstance(number, bool) or not isinstance(number, (int, str))):
        return "its `id` is neither a whole number nor a string"
    if "method" in value and not isinstance(value["method"], str):
        return "its `method` is not a string"
    return _fault(message)


def _fault(message: bytes) -> str:
    """Why the strict decoder refuses it."""
    try:
        message[: 4 * _PARSED].decode()
    except UnicodeDecodeError as error:
        if error.reason != "unexpected end of data" or error.end == len(message):
            return f"it is not valid UTF-8 at byte {error.start}"
    try:
        msgspec.json.decode(message, type=msgspec.Raw)
    except RecursionError:
        return "it is nested too deeply"
    except ValueError as error:
        for word in (b"NaN", b"Infinity"):
            if word in message:
                return f"it holds `{word.decode()}`, which JSON does not have"
        return f"it is not valid JSON: {str(error).removeprefix('JSON is malformed: ')}"
    return "it is not a valid JSON-RPC message"


def _whole(digits: str) -> int | float:
    """Numbers of thousands of digits are refused by `int`, and are no reason to lose the message."""
    return int(digits) if len(digits) < 20 else float("inf")


_DECODER = json.JSONDecoder(parse_int=_whole)
