"""One call over the pipes of a server: our channel against the SDK's client, on the same server."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

from mcpctl.errors import McpctlError
from mcpctl.transports.channel import RpcError
from mcpctl.transports.process import start
from mcpctl.transports.stdio import StdioChannel
from mcpctl.wire.jsonrpc import Envelope, encode_request
from tests.bench.frame import Cost, Row, Samples, Stopwatch, interleaved_async, ratio, resident

ROUNDS = 7
CALLS = {1: 500, 64: 3200}
"""By the number in flight; few enough that the SDK's turn stays under a second."""

FIRST_CHANNELS = 10
"""Opened before the memory is looked at, so that what is loaded once is not charged to the next ones."""
MORE_CHANNELS = 100

SERVERS = Path(__file__).parent.parent / "servers"
ENV = {"PATH": os.environ.get("PATH", os.defpath)}
CALL = {"name": "echo", "arguments": {"text": "hello"}}


def measure() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="mcpctl-bench-") as folder:
        command = _server(Path(folder))
        memory = asyncio.run(_memory(command))  # first, before the SDK leaves a heap of free pages behind
        return [*asyncio.run(_calls(command)), memory]


def _server(folder: Path) -> list[str]:
    """In C where a compiler is, since a server that costs more than the client hides it."""
    compiler = shutil.which("cc")
    if compiler is None:
        return [sys.executable, "-I", "-S", str(SERVERS / "echo.py")]
    program = folder / "echo"
    subprocess.run([compiler, "-O2", "-o", str(program), str(SERVERS / "echo.c")], check=True)
    return [str(program)]


class _Inbox:
    def notified(self, method: str, params: bytes | None) -> None: ...

    async def asked(self, method: str, params: bytes | None) -> Any:
        raise RpcError(-32601, "Method not found")

    def lost(self, error: McpctlError) -> None: ...


async def _open(command: list[str]) -> StdioChannel:
    channel = StdioChannel(start(command[0], command[1:], env=ENV), _Inbox(), server="echo")
    await channel.request("initialize", {"protocolVersion": "2025-11-25"}, timeout=10)
    return channel


async def _calls(command: list[str]) -> list[Row]:
    from mcp import Client, StdioServerParameters

    channel = await _open(command)
    rows = []
    async with Client(StdioServerParameters(command=command[0], args=command[1:])) as client:
        for in_flight, count in CALLS.items():
            candidates = {
                "sdk": partial(_many, lambda: client.call_tool("echo", {"text": "hello"}), count, in_flight),
                "channel": partial(
                    _many, lambda: channel.request("tools/call", CALL, timeout=30), count, in_flight
                ),
                "callbacks": partial(_submitted, channel, count, in_flight),
            }
            samples = await interleaved_async(candidates, rounds=ROUNDS)
            rows += _rows(samples, in_flight, count)
    await channel.aclose()
    return rows


def _rows(samples: Samples, in_flight: int, count: int) -> list[Row]:
    limits = {("channel", 64): 20.0, ("callbacks", 64): 40.0}
    own = min(cost.cpu for cost in samples["sdk"]) / count * 1e6
    return [
        Row(
            name=f"stdio, {in_flight} in flight: {name}",
            value=ratio(samples, "sdk", name, kind="cpu"),
            unit="x less CPU",
            reference="mcp.Client.call_tool",
            limit=limits.get((name, in_flight)),
            better="more",
            note=f"{min(cost.cpu for cost in samples[name]) / count * 1e6:.1f} us a call, the SDK {own:.0f}",
        )
        for name in ("channel", "callbacks")
    ]


async def _many(call: Callable[[], Awaitable[Any]], count: int, in_flight: int) -> Cost:
    async def worker() -> None:
        for _ in range(count // in_flight):
            await call()

    with Stopwatch() as watch:
        await asyncio.gather(*(worker() for _ in range(in_flight)))
    return watch.cost


async def _submitted(channel: StdioChannel, count: int, in_flight: int) -> Cost:
    """As a load generator calls: from a template, without a future or a task."""
    peer = channel.peer
    template = encode_request(0, "tools/call", CALL).replace(b'"id":0', b'"id":%d')
    done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    left = {"to send": count, "to hear": count}

    def send() -> None:
        left["to send"] -= 1
        identity = peer.next_id()
        peer.submit(template % identity, identity, heard)

    def heard(answer: Envelope | McpctlError) -> None:
        left["to hear"] -= 1
        if isinstance(answer, McpctlError):
            done.set_exception(answer)
        elif left["to send"]:
            send()
        elif not left["to hear"]:
            done.set_result(None)

    with Stopwatch() as watch:
        for _ in range(in_flight):
            send()
        await done
    return watch.cost


async def _memory(command: list[str]) -> Row:
    channels = [await _open(command) for _ in range(FIRST_CHANNELS)]
    before = resident()
    channels += [await _open(command) for _ in range(MORE_CHANNELS)]
    each = (resident() - before) / MORE_CHANNELS / 1000
    await asyncio.gather(*(channel.aclose() for channel in channels))
    return Row(name="stdio: memory of one more channel", value=each, unit="kB", limit=50)
