"""A server that writes down what it sees of its client, for tests of how calls end. Standard library only.

usage: witness.py LOG [--modern] [--linger SECONDS] [--deaf] [--tools NAME,NAME]

Tools: `wait` is never answered, `crash` ends the server, `fault` is answered with an error, any other at once. With
`--linger` it takes its time to leave after the end of its input; `--deaf` leaves neither then nor on SIGTERM.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

LOG = Path(sys.argv[1])
MODERN = "--modern" in sys.argv
DEAF = "--deaf" in sys.argv
LINGER = float(sys.argv[sys.argv.index("--linger") + 1]) if "--linger" in sys.argv else 0.0
TOOLS = (
    sys.argv[sys.argv.index("--tools") + 1] if "--tools" in sys.argv else "wait,say,crash,fault,delete_user"
)
SCHEMA = {"type": "object", "properties": {"n": {"type": "number"}, "s": {"type": "string"}}}
HEAD = {"resultType": "complete"} if MODERN else {}
INFO = {"name": "witness", "version": "1"}


def seen(**what: Any) -> None:
    with LOG.open("a") as log:
        log.write(json.dumps(what) + "\n")


def on_term(*_: object) -> None:
    seen(event="SIGTERM")
    if not DEAF:
        os._exit(0)


def result(method: str) -> dict[str, Any] | None:
    if method == "server/discover" and MODERN:
        return {"supportedVersions": ["2026-07-28"], "capabilities": {"tools": {}}, "serverInfo": INFO}
    if method == "initialize" and not MODERN:
        return {"protocolVersion": "2025-11-25", "capabilities": {"tools": {}}, "serverInfo": INFO}
    if method == "tools/list":
        return {"tools": [{"name": name, "inputSchema": SCHEMA} for name in TOOLS.split(",")]}
    return None


def main() -> None:
    signal.signal(signal.SIGTERM, on_term)
    seen(event="started", pid=os.getpid())
    for line in sys.stdin:
        message = json.loads(line)
        seen(
            event="message", method=message.get("method"), id=message.get("id"), params=message.get("params")
        )
        if "id" not in message:
            continue
        name = (message.get("params") or {}).get("name")
        if message["method"] == "tools/call" and name == "wait":
            continue
        if message["method"] == "tools/call" and name == "crash":
            os._exit(9)
        answer = result(message["method"])
        if message["method"] == "tools/call" and name != "fault":
            answer = {"content": [{"type": "text", "text": "said"}]}
        body = (
            {"error": {"code": -32601, "message": "no"}} if answer is None else {"result": {**answer, **HEAD}}
        )
        sys.stdout.write(json.dumps({"jsonrpc": "2.0", "id": message["id"], **body}) + "\n")
        sys.stdout.flush()
    seen(event="eof")
    time.sleep(LINGER)
    while DEAF:
        time.sleep(60)
    seen(event="left")


if __name__ == "__main__":
    main()
