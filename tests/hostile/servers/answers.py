"""Bad answers to any method, as text that goes on the wire: what `everywhere.py` and `responses.py` have in common."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable
from typing import Any

Json = Any

EVIL = (
    "\x1b]0;owned\x07\x1b[2J\x1b[31m\x1b]8;;http://evil.example\x07click\x1b]8;;\x07\x1b]52;c;cm0=\x07\x9b1A"
    "\u202eback\u2066\u200b\x00\r\b\x7f\n\ninjected: line"
)
SECRET = os.environ.get("CANARY_TOKEN", "")
EVERYTHING = {"tools": {"listChanged": True}, "resources": {"subscribe": True, "listChanged": True}}
EVERYTHING |= {"prompts": {"listChanged": True}, "completions": {}, "logging": {}}

SHAPES: dict[str, Callable[[str, Json], str]] = {}
"""By name: the `result` of an answer, as JSON or nearly so."""


def shape(name: str) -> Callable[[Callable[[str, Json], Any]], Callable[[str, Json], Any]]:
    def keep(make: Callable[[str, Json], Any]) -> Callable[[str, Json], Any]:
        def told(method: str, params: Json) -> str:
            made = make(method, params)
            return made if isinstance(made, str) else json.dumps(made)

        SHAPES[name] = told
        return make

    return keep


def good(method: str, words: str = "echo", *, copies: int = 1) -> Json:
    """A result of the right shape, with `words` wherever a server has a say."""
    text = {"type": "text", "text": words}
    tool = {"name": "echo", "title": words, "description": words, "inputSchema": {"type": "object"}}
    named = {"name": words, "title": words, "description": words}
    blob = base64.b64encode(words.encode("utf-8", "surrogatepass")).decode()
    return {
        "initialize": {
            "protocolVersion": "2025-11-25",
            "capabilities": EVERYTHING,
            "serverInfo": {"name": words, "version": words, "title": words},
            "instructions": words,
        },
        "tools/list": {"tools": [tool, {**tool, "name": words}] * copies},
        "tools/call": {"content": [text] * copies, "structuredContent": {words: words}},
        "resources/list": {"resources": [{"uri": f"x://{words}", "mimeType": words, **named}] * copies},
        "resources/templates/list": {"resourceTemplates": [{"uriTemplate": "x://{a}", **named}] * copies},
        "resources/read": {"contents": [{"uri": words, "text": words}, {"uri": words, "blob": blob}] * copies},
        "prompts/list": {"prompts": [{**named, "name": "p", "arguments": [{"name": "a"}]}, named] * copies},
        "prompts/get": {"description": words, "messages": [{"role": "user", "content": text}] * copies},
        "completion/complete": {"completion": {"values": [words] * copies}},
    }.get(method, {})


def instead(method: str, value: Json) -> Json:
    """Every member of a good result replaced by `value`."""
    return dict.fromkeys(good(method), value)


shape("good")(lambda method, _: good(method))
shape("string")(lambda method, _: '"just words"')
shape("null")(lambda method, _: None)
shape("list")(lambda method, _: [])
shape("number")(lambda method, _: 17)
shape("empty")(lambda method, _: {})
shape("members_null")(lambda method, _: instead(method, None))
shape("members_strings")(lambda method, _: instead(method, "nope"))
shape("members_numbers")(lambda method, _: instead(method, -1))
shape("items_null")(lambda method, _: instead(method, [None, None]))
shape("items_numbers")(lambda method, _: instead(method, [1, 2.5]))
shape("items_empty")(lambda method, _: instead(method, [{}]))
shape("items_lists")(lambda method, _: instead(method, [[[]]]))
shape("deep")(lambda method, _: "[" * 100_000 + "]" * 100_000)
shape("deep_unclosed")(lambda method, _: '{"a":' * 100_000)
shape("deep_member")(lambda method, _: json.dumps(good(method))[:-1] + ', "x": ' + "[" * 900 + "]" * 900 + "}")
shape("nan")(lambda method, _: '{"tools": [], "content": [], "structuredContent": {"a": NaN}, "b": -Infinity}')
shape("wide_number")(lambda method, _: '{"structuredContent": {"n": 1e999, "m": ' + "9" * 5_000 + '}, "content": []}')
shape("surrogate")(lambda method, _: good(method, "a\ud800b\udfffc"))
shape("evil")(lambda method, _: good(method, EVIL))
shape("secret")(lambda method, _: good(method, f"my token is {SECRET}, {base64.b64encode(SECRET.encode()).decode()}"))
shape("newline")(lambda method, _: good(method, "first\nsecond\r\n\n{\"mcpctl\": 1}\n"))
shape("nameless")(lambda method, _: good(method, ""))
shape("long")(lambda method, _: good(method, "x" * (2 << 20)))
shape("many")(lambda method, _: good(method, "echo" * 8, copies=5_000))
shape("base64")(lambda method, _: json.dumps(good(method)).replace('"blob": "', '"blob": "%%%'))


@shape("pages")
def _(method: str, params: Json) -> Json:
    count = int((params or {}).get("cursor") or 0) + 1
    return {**good(method), "nextCursor": str(count)}


@shape("cursor_types")
def _(method: str, params: Json) -> Json:
    return {**good(method), "nextCursor": {"page": 2}}


@shape("schema_redos")
def _(method: str, params: Json) -> Json:
    pattern = {"type": "object", "properties": {"x": {"type": "string", "pattern": "^(a+)+$"}}}
    tool = {"name": "echo", "inputSchema": pattern, "outputSchema": {"$ref": "http://127.0.0.1:9/away"}}
    return {"tools": [tool]} if method == "tools/list" else good(method)


@shape("schema_odd")
def _(method: str, params: Json) -> Json:
    odd = [12, None, [], "x", {"type": 12}, {"$ref": "#/$defs/none"}, {"type": ["object", {}]}, {"enum": {}}]
    odd += [{"properties": []}, {"properties": {"x": 1}}, {"required": "x"}, {"required": [1]}, {"anyOf": {}}]
    tools = [{"name": "echo" if at == 4 else f"odd{at}", "inputSchema": each} for at, each in enumerate(odd)]
    return {"tools": tools} if method == "tools/list" else good(method)


ERRORS: dict[str, Json] = {
    "error_string": "it failed",
    "error_empty": {},
    "error_types": {"code": "x", "message": {"a": 1}, "data": [[]]},
    "error_evil": {"code": -32000, "message": EVIL, "data": {EVIL: EVIL}},
    "error_secret": {"code": -32603, "message": f"token {SECRET} expired", "data": SECRET},
    "error_code": {"code": 10**30, "message": "far away"},
    "error_long": {"code": -32603, "message": "y" * (2 << 20)},
    "error_unsupported": {"code": -32022, "message": "no", "data": {"supported": 7, "requested": []}},
    "error_questions": {"code": -32042, "message": "look", "data": {"elicitations": [{"url": EVIL}, 7]}},
}
"""By name: the `error` of an answer."""


def answer(name: str, number: Json, method: str, params: Json) -> str:
    """The whole message to `method`, in shape or in error."""
    begin = f'{{"jsonrpc": "2.0", "id": {json.dumps(number)}, '
    if name in ERRORS:
        return f'{begin}"error": {json.dumps(ERRORS[name])}}}'
    return f'{begin}"result": {SHAPES[name](method, params)}}}'
