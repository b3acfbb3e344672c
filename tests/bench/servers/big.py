"""A server with results of any size, made without holding them: `big.py`, its tools are `UNITS`, with `size=BYTES`."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

UNITS = {
    "ascii": b"x" * 64,
    "lines": b"The quick brown fox jumps over the lazy dog, as ever.\\n",
    "emoji": "A line of plain English with one emoji \N{GRINNING FACE} at its end, as in chat.\\n".encode(),
    "json": b'{\\"id\\": 1234, \\"name\\": \\"somebody\\", \\"tags\\": [\\"a\\", \\"b\\"]},',
    "emoji_json": '{\\"id\\": 1234, \\"name\\": \\"somebody \N{GRINNING FACE}\\", \\"tags\\": []},'.encode(),
}
"""What each text repeats, escaped as JSON wants it."""

SCHEMA = {"type": "object", "properties": {"size": {"type": "integer"}}, "required": ["size"]}


def main() -> None:
    for line in sys.stdin:
        message = json.loads(line)
        if "id" not in message:
            continue
        if message["method"] == "tools/call":
            call = message["params"]
            send_text(message["id"], call["name"], call["arguments"]["size"])
        else:
            send({"id": message["id"], **answer(message["method"])})


def answer(method: str) -> dict[str, Any]:
    info = {"name": "big", "version": "1"}
    known = {
        "initialize": {"protocolVersion": "2025-11-25", "capabilities": {"tools": {}}, "serverInfo": info},
        "tools/list": {"tools": [{"name": name, "inputSchema": SCHEMA} for name in UNITS]},
    }
    if method in known:
        return {"result": known[method]}
    return {"error": {"code": -32601, "message": "no such method"}}


def send_text(identity: Any, kind: str, size: int) -> None:
    start, end = (b"[", b"{}]") if kind.endswith("json") else (b"", b"")
    unit = UNITS[kind]
    block = unit * ((1 << 16) // len(unit))
    head = (
        b'{"jsonrpc":"2.0","id":%s,"result":{"content":[{"type":"text","text":"'
        % json.dumps(identity).encode()
    )
    write(head + start)
    for _ in range(size // len(block)):
        write(block)
    write(unit * (size % len(block) // len(unit)) + end + b'"}]}}\n')


def send(message: dict[str, Any]) -> None:
    write(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")


def write(data: bytes) -> None:
    while data:
        data = data[os.write(1, data) :]


if __name__ == "__main__":
    main()
