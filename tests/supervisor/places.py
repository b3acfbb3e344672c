"""Servers whose code is rewritten while they are called, and fleets that keep them."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from mcpctl.model.events import Event
from mcpctl.model.server import ServerSpec
from mcpctl.model.settings import Settings
from mcpctl.policy.redaction import Redactor
from mcpctl.supervisor.fleet import Fleet
from tests.support import world

BUILD = """
import json, os, socket, sys, threading, time
VERSION, BOOT, WORK, PORT = {version!r}, {boot!r}, {work!r}, {port!r}
sys.stderr.write(f"build {{VERSION}} boots\\n")
sys.stderr.flush()
time.sleep(BOOT)
{extra}
if PORT:
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind(("127.0.0.1", PORT))
    held.listen()
lock = threading.Lock()
def tool(name, **more):
    return {{"name": name, "description": f"of {{VERSION}}", "inputSchema": {{"type": "object"}}, **more}}
TOOLS = [tool("work", annotations={{"idempotentHint": True}}), tool("once"), *[tool(name) for name in {tools!r}]]
def send(message):
    with lock:
        sys.stdout.write(json.dumps({{"jsonrpc": "2.0", **message}}) + "\\n")
        sys.stdout.flush()
def result(method, params):
    if method == "initialize":
        return {{"protocolVersion": "2025-11-25", "capabilities": {{"tools": {{}}, "logging": {{}}}},
                "serverInfo": {{"name": "build", "version": VERSION}}}}
    if method == "tools/list":
        return {{"tools": TOOLS}}
    if method == "tools/call":
        if params["name"] == "die":
            os._exit(params["arguments"].get("code", 9))
        time.sleep(params.get("arguments", {{}}).get("seconds", WORK))
        return {{"content": [{{"type": "text", "text": f"{{VERSION}} {{os.getpid()}}"}}]}}
    return {{}}
def answer(message):
    method = message["method"]
    if method == "server/discover":
        send({{"id": message["id"], "error": {{"code": -32601, "message": "no"}}}})
    else:
        send({{"id": message["id"], "result": result(method, message.get("params") or {{}})}})
for line in sys.stdin:
    message = json.loads(line)
    if "id" in message and "method" in message:
        threading.Thread(target=answer, args=(message,), daemon=True).start()
"""
"""Answers side by side, as real servers do; `work` may be repeated, `once` may not, `die` ends it."""


def write_build(
    path: Path,
    version: str,
    *,
    boot: float = 0.0,
    work: float = 0.0,
    port: int = 0,
    extra: str = "",
    tools: tuple[str, ...] = (),
) -> None:
    text = BUILD.format(version=version, boot=boot, work=work, port=port, extra=extra, tools=(*tools, "die"))
    beside = path.with_name(f".{path.name}.new")
    beside.write_text(text)
    beside.replace(path)


def build(path: Path, name: str = "build", **keys: Any) -> ServerSpec:
    keys.setdefault("start_timeout", 5.0)
    return ServerSpec(name=name, command=sys.executable, args=("-S", str(path)), **keys)


@asynccontextmanager
async def fleet(
    tmp_path: Path, *specs: ServerSpec, events: list[Event] | None = None, **more: Any
) -> AsyncIterator[Fleet]:
    told = [] if events is None else events
    settings = Settings(servers={spec.name: spec for spec in specs})
    kept = Fleet(settings, world(tmp_path), redactor=Redactor(), emit=told.append, **more)
    try:
        yield kept
    finally:
        await kept.aclose()


async def until(condition: Callable[[], Any], seconds: float = 60.0) -> None:
    """Wait for something that comes by itself, within bounds."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.005)


async def call(kept: Fleet, tool: str = "work", server: str = "build", **arguments: Any) -> str:
    async with kept.sessions.open(server) as session:
        result = await session.call_tool(tool, arguments)
        return str(result.content[0]["text"])
