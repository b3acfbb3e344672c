"""Whether the answer of a canary is what its declaration expects. Pure, and safe on answers that nobody vetted.

Patterns run on the linear engine that checks schemas: what a server sends cannot make them run away.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from mcpctl.model.health_spec import ExpectSpec
from mcpctl.model.protocol import ToolResult
from mcpctl.policy.longtext import as_text
from mcpctl.session.schemas import UnusableSchema, compile_schema

MAX_TEXT = 1 << 20
"""Characters of an answer that are looked at; an expectation beyond them is not about health."""

SHOWN = 80
"""Characters of an answer that stand in a message."""

MISSING = object()


def broken(expect: ExpectSpec, result: ToolResult) -> str | None:
    """What is not as expected, in words; nothing where all is well. `is_error` is looked at elsewhere."""
    text = text_of(result)
    if expect.contains is not None and expect.contains not in text:
        return f"the answer {_shown(text)} does not contain `{expect.contains}`"
    if expect.regex is not None and (fault := _unmatched(expect.regex, text)):
        return fault
    if expect.pointer is not None and (fault := _misplaced(expect, value_of(result, text))):
        return fault
    if expect.json_schema is not None:
        return _unfit(expect.json_schema, value_of(result, text))
    return None


def text_of(result: ToolResult) -> str:
    parts = [as_text(block["text"]) for block in result.content if block["type"] == "text"]
    return "\n".join(parts)[:MAX_TEXT]


def value_of(result: ToolResult, text: str) -> Any:
    """The structured answer, else the text where that is JSON."""
    if result.has_structured:
        return result.structured
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def resolve(value: Any, pointer: str) -> Any:
    """RFC 6901; `MISSING` where it leads nowhere."""
    for part in pointer.split("/")[1:]:
        step = part.replace("~1", "/").replace("~0", "~")
        if isinstance(value, Mapping) and step in value:
            value = value[step]
        elif isinstance(value, list) and step.isascii() and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            return MISSING
    return value


def _unmatched(pattern: str, text: str) -> str | None:
    try:
        fits = compile_schema({"type": "string", "pattern": pattern}).is_valid(text)
    except UnusableSchema:
        return f"the pattern `{pattern}` cannot be used"
    except ValueError:  # a backtracking pattern came to its limit
        return f"the pattern `{pattern}` takes too long on this answer"
    return None if fits else f"the answer {_shown(text)} does not match `{pattern}`"


def _misplaced(expect: ExpectSpec, value: Any) -> str | None:
    assert expect.pointer is not None
    there = resolve(value, expect.pointer)
    if there is MISSING:
        return f"there is nothing at `{expect.pointer}` of the answer"
    # A boolean is no number, whatever Python thinks.
    same = there == expect.equals and isinstance(there, bool) == isinstance(expect.equals, bool)
    if expect.has_equals and not same:
        return f"`{expect.pointer}` is {_shown(there)} and not {_shown(expect.equals)}"
    return None


def _unfit(schema: Mapping[str, Any], value: Any) -> str | None:
    try:
        error = next(compile_schema(dict(schema)).iter_errors(value), None)
    except (UnusableSchema, ValueError) as fault:
        return f"the expected schema cannot be used: {fault}"
    if error is None:
        return None
    place = "".join(f"/{step}" for step in error.instance_path)
    return f"the answer does not fit the schema{f' at `{place}`' if place else ''}: {error.message[:200]}"


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return f"`{text}`" if len(text) <= SHOWN else f"`{text[:SHOWN]}…`"
