"""The JSON that `--json` promises: one object, keys sorted, on every outcome, safe to look at in a terminal."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import Any

from mcpctl.errors import McpctlError
from mcpctl.model.events import Event
from mcpctl.model.value import fields_of
from mcpctl.policy.sanitise import json_safe

PIECE = 1 << 20
"""Characters that are encoded at a time."""

DEPTH = 5
"""Down to the text of a content block; below it and in what has more than `FEW` parts everything is encoded at once."""

FEW = 32

VERSION = 1
"""Of the envelope; a change that could break a reader counts it up."""


def envelope(
    command: Sequence[str], *, status: str, exit_code: int, data: Any, errors: Any
) -> dict[str, Any]:
    return {
        "mcpctl": VERSION,
        "command": list(command),
        "status": status,
        "exit_code": exit_code,
        "data": data,
        "errors": errors,
    }


def faults(errors: Iterable[McpctlError]) -> list[dict[str, Any]]:
    """Flat: faults that were found in the same go stand beside the first."""
    return [fault.data() for error in errors for fault in (error, *error.related)]


def describe(event: Event) -> dict[str, Any]:
    return {"type": kind(event), **_told(event)}


def _told(value: Any) -> Any:
    """Values inside of values become objects, so that whoever looks for secrets finds them there too."""
    fields = fields_of(type(value))
    if fields:
        return {name: _told(getattr(value, name)) for name in fields}
    if isinstance(value, (list, tuple)):
        return [_told(item) for item in value]
    if isinstance(value, Mapping):
        return {key: _told(item) for key, item in value.items()}
    return value


def kind(event: Event) -> str:
    """The event's name in JSON: `CallFinished` is `call_finished`."""
    name = type(event).__name__
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")


def encode(value: Any) -> str:
    """One line, without a line end."""
    try:
        text = json.dumps(value, ensure_ascii=False, sort_keys=True, allow_nan=False, default=_plain)
    except (ValueError, TypeError):
        text = json.dumps(_tame(value), ensure_ascii=False, sort_keys=True, default=_plain)
    return json_safe(text)


def in_pieces(value: Any) -> Iterator[str]:
    """The same with its line end, and never all of it at once: a result of megabytes stands in it twice."""
    batch: list[str] = []
    size = 0
    for piece in _pieces(value, DEPTH):
        batch.append(piece)
        size += len(piece)
        if size > PIECE:
            yield "".join(batch)
            batch, size = [], 0
    yield "".join([*batch, "\n"])


def _pieces(value: Any, depth: int) -> Iterator[str]:
    if isinstance(value, str) and len(value) > PIECE:
        yield '"'
        yield from (encode(value[start : start + PIECE])[1:-1] for start in range(0, len(value), PIECE))
        yield '"'
    elif isinstance(value, bytes) and len(value) > PIECE:
        from mcpctl.policy.longtext import pieces

        yield '"'
        yield from (encode(piece)[1:-1] for piece in pieces(value))
        yield '"'
    elif not depth or not isinstance(value, (dict, list, tuple)) or not 0 < len(value) <= FEW:
        yield encode(value)
    elif not isinstance(value, dict):
        for at, item in enumerate(value):
            yield ", " if at else "["
            yield from _pieces(item, depth - 1)
        yield "]"
    elif all(isinstance(key, str) for key in value):
        for at, key in enumerate(sorted(value)):
            yield f"{', ' if at else '{'}{encode(key)}: "
            yield from _pieces(value[key], depth - 1)
        yield "}"
    else:
        yield encode(value)


def _plain(value: Any) -> Any:
    if isinstance(value, PurePath):
        return str(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value).decode("utf-8", "replace")
    if isinstance(value, (set, frozenset)):
        return sorted(value, key=str)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} has no place in JSON")


def _tame(value: Any) -> Any:
    """JSON has no NaN, no infinity, and only texts for keys."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _tame(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_tame(item) for item in value]
    return value
