"""A small MCP server for tests: standard library only, so that it is up in a moment.

usage: echo.py [--modern] [--boot SECONDS]

Tools: `echo` returns its text, `add` the sum of `a` and `b` as structured content, `fail` an error result.
`--modern` answers `server/discover` of 2026-07-28, and refuses `initialize`.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

MODERN = "--modern" in sys.argv

TOOLS = [
    {
        "name": "echo",
        "description": "Return the text.",
        "inputSchema": {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]},
        "annotations": {"readOnlyHint": True},
    },
    {
        "name": "add",
        "description": "Add two numbers.",
        "inputSchema": {
            "type": "object",
            "properties": {"a": {"type": "number"}, "b": {"type": "number"}},
            "required": ["a", "b"],
        },
        "outputSchema": {"type": "object", "properties": {"sum": {"type": "number"}}, "required": ["sum"]},
    },
    {"name": "fail", "description": "Always fail.", "inputSchema": {"type": "object"}},
]

CAPABILITIES = {"tools": {}}
INFO = {"name": "echo", "version": "1.0"}


class RefusedError(Exception):
    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


def result_of(method: str, params: dict[str, Any]) -> dict[str, Any]:
    if method == "server/discover" and MODERN:
        return {
            "resultType": "complete",
            "supportedVersions": ["2026-07-28"],
            "capabilities": CAPABILITIES,
            "serverInfo": INFO,
        }
    if method == "initialize" and not MODERN:
        version = params.get("protocolVersion", "2025-11-25")
        return {"protocolVersion": version, "capabilities": CAPABILITIES, "serverInfo": INFO}
    if method == "ping":
        return {}
    if method == "tools/list":
        return stamped({"tools": TOOLS})
    if method == "tools/call":
        return stamped(called(params.get("name"), params.get("arguments") or {}))
    raise RefusedError(-32601, "Method not found")


def stamped(result: dict[str, Any]) -> dict[str, Any]:
    return {"resultType": "complete", **result} if MODERN else result


def called(name: str | None, arguments: dict[str, Any]) -> dict[str, Any]:
    if name == "echo":
        return text(str(arguments.get("text", "")))
    if name == "add":
        total = arguments["a"] + arguments["b"]
        return {**text(str(total)), "structuredContent": {"sum": total}}
    if name == "fail":
        return {**text("it failed, as asked"), "isError": True}
    raise RefusedError(-32602, f"Unknown tool: {name}")


def text(said: str) -> dict[str, Any]:
    return {"content": [{"type": "text", "text": said}]}


def answer(message: dict[str, Any]) -> dict[str, Any]:
    head = {"jsonrpc": "2.0", "id": message["id"]}
    try:
        return {**head, "result": result_of(message["method"], message.get("params") or {})}
    except RefusedError as error:
        return {**head, "error": {"code": error.code, "message": str(error)}}


def main() -> None:
    if "--boot" in sys.argv:
        time.sleep(float(sys.argv[sys.argv.index("--boot") + 1]))
    for line in sys.stdin.buffer:
        message = json.loads(line)
        if "id" in message and "method" in message:
            sys.stdout.buffer.write(json.dumps(answer(message)).encode() + b"\n")
            sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
