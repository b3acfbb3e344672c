"""A small MCP server for tests that shows every kind of content and asks every kind of question. Standard library only.

usage: rich.py [--modern] [--dies-once FILE]

`--modern` speaks 2026-07-28: it refuses `initialize`, and answers a call that has a question with that question.
`--dies-once` ends it after its first announcements, unless the file is there already.
"""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

MODERN = "--modern" in sys.argv
Json = Any

PIXEL = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"\0" * 40).decode()


def text(words: str) -> Json:
    return {"type": "text", "text": words}


def tool(name: str, properties: Json | None = None, **more: Json) -> Json:
    schema = {"type": "object", "properties": properties or {}}
    return {"name": name, "description": f"The {name} tool.", "inputSchema": schema, **more}


class QuestionFirst(Exception):  # noqa: N818 - no error: the call goes on when it was answered
    def __init__(self, method: str, params: Json) -> None:
        super().__init__(method)
        self.result = {
            "resultType": "input_required",
            "inputRequests": {"q": {"method": method, "params": params}},
            "requestState": "as it was",
        }


class RefusalError(Exception):
    def __init__(self, error: Json) -> None:
        super().__init__(error["message"])
        self.error = error


FORM = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "title": "Name"},
        "age": {"type": "integer", "minimum": 1, "default": 30},
        "color": {"type": "string", "enum": ["red", "green"], "default": "red"},
        "tags": {"type": "array", "items": {"type": "string", "enum": ["a", "b", "c"]}},
    },
    "required": ["name"],
}

TOOLS = [
    tool("lines", {"count": {"type": "integer"}}),
    tool("structured", outputSchema={"type": "object", "properties": {"items": {"type": "array"}}}),
    tool(
        "liar", outputSchema={"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    ),
    tool("media"),
    tool("several"),
    tool("table"),
    tool("ask"),
    tool("visit"),
    tool("visit_first"),
    tool("sample"),
    tool("roots"),
    tool("progress"),
    tool("log"),
    tool("fail"),
    tool("fault"),
    tool("environment", {"name": {"type": "string"}}),
]


def lines(arguments: Json) -> Json:
    return {
        "content": [text("\n".join(f"line {number}" for number in range(1, arguments.get("count", 300) + 1)))]
    }


def structured(arguments: Json) -> Json:
    value = {"items": [{"name": "one"}, {"name": "two"}], "unicode": "äß", "arguments": arguments}
    return {"content": [text(json.dumps(value))], "structuredContent": value}


def media(_: Json) -> Json:
    return {
        "content": [
            {"type": "image", "data": PIXEL, "mimeType": "image/png"},
            {"type": "audio", "data": PIXEL, "mimeType": "audio/wav"},
            {
                "type": "resource",
                "resource": {"uri": "rich://blob", "mimeType": "application/pdf", "blob": PIXEL},
            },
            {"type": "resource_link", "uri": "rich://link", "name": "a link"},
        ]
    }


def environment(arguments: Json) -> Json:
    import os

    return {"content": [text(os.environ.get(arguments.get("name", ""), "unset"))]}


def ask(_: Json) -> Json:
    answer = question("elicitation/create", {"message": "Who are you?", "requestedSchema": FORM})
    return {"content": [text(json.dumps(answer, sort_keys=True))]}


def visit(_: Json) -> Json:
    params = {"mode": "url", "message": "Sign in", "url": "https://example.com/sign-in", "elicitationId": "1"}
    return {"content": [text(json.dumps(question("elicitation/create", params)))]}


def visit_first(_: Json) -> Json:
    links = [{"mode": "url", "url": "https://example.com/sign-in", "elicitationId": "1"}]
    raise RefusalError({"code": -32042, "message": "sign in first", "data": {"elicitations": links}})


def sample(_: Json) -> Json:
    params = {"messages": [{"role": "user", "content": text("say hi")}], "maxTokens": 10}
    return {"content": [text(json.dumps(question("sampling/createMessage", params)))]}


def roots(_: Json) -> Json:
    return {"content": [text(json.dumps(question("roots/list", {})))]}


def progress(_: Json) -> Json:
    for step in (1, 2, 3):
        notify(
            "notifications/progress",
            {"progressToken": STATE["token"], "progress": step, "total": 3, "message": f"step {step}"},
        )
    return {"content": [text("done")]}


def log(_: Json) -> Json:
    notify("notifications/message", {"level": "warning", "logger": "rich", "data": "look out"})
    return {"content": [text("logged")]}


def fault(_: Json) -> Json:
    raise ValueError("no such thing")


CALLS: dict[str, Callable[[Json], Json]] = {
    "lines": lines,
    "structured": structured,
    "liar": lambda _: {"content": [], "structuredContent": {"n": "not a number"}},
    "media": media,
    "several": lambda _: {"content": [text("first"), text("second\n")]},
    "table": lambda _: {"content": [text("# Title\n\n```py\n" + "x = 1\n" * 50 + "```\n")]},
    "ask": ask,
    "visit": visit,
    "visit_first": visit_first,
    "sample": sample,
    "roots": roots,
    "progress": progress,
    "log": log,
    "fail": lambda _: {"content": [text("it \x1b[31mbroke\x1b[0m")], "isError": True},
    "fault": fault,
    "environment": environment,
}

PROMPTS = [
    {
        "name": "greet",
        "description": "Greet.",
        "arguments": [{"name": "who", "required": True}, {"name": "how"}],
    }
]
RESOURCES = [
    {"uri": "rich://note", "name": "note", "mimeType": "text/plain"},
    {"uri": "rich://blob", "name": "blob"},
]
TEMPLATES = [{"uriTemplate": "rich://user/{name}", "name": "user"}]
STATE: dict[str, Json] = {"token": None, "answers": {}}
NUMBERS = count(1)


def read(params: Json) -> Json:
    uri = params["uri"]
    if uri == "rich://blob":
        return {"contents": [{"uri": uri, "mimeType": "image/png", "blob": PIXEL}]}
    if not uri.startswith(("rich://note", "rich://user/")):
        raise KeyError(uri)
    return {"contents": [{"uri": uri, "mimeType": "text/plain", "text": f"about {uri}\n"}]}


def prompt(params: Json) -> Json:
    who = params.get("arguments", {}).get("who")
    return {"description": "A greeting.", "messages": [{"role": "user", "content": text(f"Hello {who}")}]}


def complete(params: Json) -> Json:
    prefix = params["argument"]["value"]
    values = [value for value in ("Ada", "Alan", "Grace") if value.startswith(prefix)]
    return {"completion": {"values": values, "total": len(values), "hasMore": False}}


CAPABILITIES = {
    "tools": {"listChanged": True},
    "resources": {"subscribe": True},
    "prompts": {},
    "completions": {},
    "logging": {},
}


def answer(method: str, params: Json) -> Json:
    STATE["token"] = params.get("_meta", {}).get("progressToken")
    STATE["answers"] = params.get("inputResponses", {}) if params.get("requestState") == "as it was" else {}
    if method == "server/discover" and MODERN:
        return {
            "supportedVersions": ["2026-07-28"],
            "capabilities": CAPABILITIES,
            "serverInfo": {"name": "rich", "version": "2"},
            "instructions": "Be kind.",
        }
    if method == "initialize" and not MODERN:
        return {
            "protocolVersion": params["protocolVersion"],
            "capabilities": CAPABILITIES,
            "serverInfo": {"name": "rich", "version": "2"},
            "instructions": "Be kind.",
        }
    if method == "tools/call":
        return CALLS[params["name"]](params.get("arguments", {}))
    fixed = {
        "tools/list": {"tools": TOOLS},
        "prompts/list": {"prompts": PROMPTS},
        "resources/list": {"resources": RESOURCES},
        "resources/templates/list": {"resourceTemplates": TEMPLATES},
        "ping": {},
        "logging/setLevel": {},
    }
    if method in fixed:
        return fixed[method]
    if method == "resources/subscribe":
        notify("notifications/tools/list_changed", {})
        notify("notifications/resources/updated", {"uri": params["uri"]})
        if "--dies-once" in sys.argv:
            with suppress(FileExistsError), Path(sys.argv[sys.argv.index("--dies-once") + 1]).open("x"):
                raise SystemExit(3)
        return {}
    return {"resources/read": read, "prompts/get": prompt, "completion/complete": complete}[method](params)


def notify(method: str, params: Json) -> None:
    send({"jsonrpc": "2.0", "method": method, "params": params})


def question(method: str, params: Json) -> Json:
    """Ask the client, and wait for its answer."""
    if MODERN:
        if "q" not in STATE["answers"]:
            raise QuestionFirst(method, params)
        return STATE["answers"]["q"]
    identity = f"q{next(NUMBERS)}"
    send({"jsonrpc": "2.0", "id": identity, "method": method, "params": params})
    for line in sys.stdin:
        message = json.loads(line)
        if message.get("id") == identity:
            return message.get("result", {"error": message.get("error")})
    raise SystemExit


def send(message: Json) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def main() -> None:
    for line in sys.stdin:
        message = json.loads(line)
        if "id" not in message or "method" not in message:
            continue
        try:
            result = answer(message["method"], message.get("params") or {})
            reply = {"result": {"resultType": "complete", **result} if MODERN else result}
        except QuestionFirst as question_first:
            reply = {"result": question_first.result}
        except KeyError as error:
            reply = {"error": {"code": -32601, "message": f"unknown: {error}"}}
        except RefusalError as refusal:
            reply = {"error": refusal.error}
        except ValueError as error:
            reply = {"error": {"code": -32000, "message": str(error), "data": {"why": "because"}}}
        send({"jsonrpc": "2.0", "id": message["id"], **reply})


if __name__ == "__main__":
    main()
