"""Servers of a few lines, written where they are tested, and an inbox that keeps what it gets."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest

from mcpctl.errors import McpctlError
from mcpctl.transports.channel import RpcError
from mcpctl.transports.process import Process, start
from mcpctl.transports.stdio import StdioChannel
from mcpctl.transports.sweep import TAG
from tests.support import PYTHON

ECHO_BACK = "while True:\n    message = read()\n    answer(message, echo=message)"

ENV = {"PATH": os.environ["PATH"]}

PRELUDE = """
import json, os, subprocess, sys, time

def read():
    line = sys.stdin.buffer.readline()
    if not line:
        raise SystemExit(0)
    return json.loads(line)

def raw(data):
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()

def text(message, **result):
    return json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": result}).encode()

def answer(message, **result):
    raw(text(message, **result) + b"\\n")
"""


class Inbox:
    def __init__(self) -> None:
        self.notes: list[tuple[str, bytes | None]] = []
        self.losses: list[McpctlError] = []

    def notified(self, method: str, params: bytes | None) -> None:
        self.notes.append((method, params))

    async def asked(self, method: str, params: bytes | None) -> Any:
        raise RpcError(-32601, "Method not found")

    def lost(self, error: McpctlError) -> None:
        self.losses.append(error)


def python(code: str, **options: Any) -> Process:
    """Start a server; `read()`, `raw(bytes)`, `text(message, **result)` and `answer(message, **result)` are there."""
    return start(PYTHON, ["-S", "-c", PRELUDE + code], **{"env": ENV, **options})


def channel(code: str, inbox: Inbox | None = None, **options: Any) -> StdioChannel:
    return StdioChannel(python(code), inbox or Inbox(), server="scene", **options)


def left_by(process: Process) -> list[int]:
    """Processes that carry the mark of this one."""
    mark = f"{TAG}={process.tag}".encode()
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            if mark in path.read_bytes().split(b"\0"):
                found.append(int(path.parent.name))
        except OSError:
            continue
    return found


def descriptors() -> set[str]:
    return {path.name for path in Path("/proc/self/fd").iterdir()}


async def failure(call: Any) -> McpctlError:
    with pytest.raises(McpctlError) as caught:
        await call
    return caught.value


async def seen(channel: StdioChannel, fact: str, least: int) -> None:
    """Wait until a counter has got that far; the test's own limit bounds it."""
    while getattr(channel.facts, fact) < least:
        await asyncio.sleep(0.001)
