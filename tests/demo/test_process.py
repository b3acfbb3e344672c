"""The demo server as a process: it starts, serves, and ends without a word."""

from __future__ import annotations

import http.client
import json
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from mcp import Client, StdioServerParameters

from tests.demo.eras import HANDSHAKE, STATELESS, both_eras, text
from tests.support import PYTHON, ROOT, run

COMMAND = (PYTHON, "-m", "mcpctl.demo")
ACCEPTED = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    },
}


@contextmanager
def started(*arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    pipe = subprocess.PIPE
    with subprocess.Popen([*COMMAND, *arguments], cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe) as process:
        try:
            yield process
        finally:
            process.kill()


def ended(process: subprocess.Popen[bytes]) -> tuple[int, bytes]:
    _, complaints = process.communicate(timeout=60)
    return process.returncode, complaints


def address(process: subprocess.Popen[bytes]) -> str:
    assert process.stderr is not None
    line = process.stderr.readline().decode()
    assert line.startswith("listening on http://127.0.0.1:"), line
    return line.split()[-1]


def greet(process: subprocess.Popen[bytes]) -> dict[str, Any]:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(INITIALIZE).encode() + b"\n")
    process.stdin.flush()
    answer: dict[str, Any] = json.loads(process.stdout.readline())
    return answer


@both_eras
def test_it_serves_both_eras_on_stdio(era: str) -> None:
    async def scenario() -> str:
        server = StdioServerParameters(command=PYTHON, args=["-m", "mcpctl.demo"], cwd=ROOT)
        async with Client(server, mode=era) as client:
            return text(await client.call_tool("echo", {"text": "over stdio"}))

    assert run(scenario()) == "over stdio"


@pytest.mark.parametrize("way", ["end of input", signal.SIGTERM, signal.SIGINT])
def test_it_ends_in_silence_on_stdio(way: Any) -> None:
    with started() as process:
        assert greet(process)["result"]["serverInfo"]["name"] == "mcpctl-demo"
        if isinstance(way, signal.Signals):
            process.send_signal(way)
        assert ended(process) == (0, b"")


def test_it_serves_both_eras_and_the_older_sse_over_http() -> None:
    async def scenario(url: str) -> list[str]:
        from mcp.client.sse import sse_client

        said = []
        servers = ((url, HANDSHAKE), (url, STATELESS), (sse_client(url.replace("/mcp", "/sse")), HANDSHAKE))
        for server, era in servers:
            async with Client(server, mode=era) as client:
                result = await client.call_tool("echo", {"text": client.protocol_version})
                said.append(text(result))
        return said

    with started("--http", "127.0.0.1:0") as process:
        url = address(process)
        assert run(scenario(url)) == ["2025-11-25", "2026-07-28", "2025-11-25"]
        assert _status(url, {"Host": "evil.example"}) == 421
        assert _status(url, {"Origin": "https://evil.example"}) == 403
        process.terminate()
        assert ended(process) == (0, b"")


def test_it_ends_in_time_over_http_although_a_call_is_running() -> None:
    with started("--http", "0") as process:
        parts = urlsplit(address(process))
        assert parts.hostname is not None
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)
        connection.request("POST", "/mcp", json.dumps(INITIALIZE), ACCEPTED)
        greeting = connection.getresponse()
        greeting.read()
        session = {"mcp-session-id": greeting.headers["mcp-session-id"]}
        connection.request("POST", "/mcp", json.dumps(_slow_call()), ACCEPTED | session)
        assert b"message" in connection.getresponse().readline()
        process.send_signal(signal.SIGINT)
        assert ended(process) == (0, b"")
        connection.close()


def test_an_address_that_is_taken_is_said_in_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with started("--http", str(port)) as process:
            status, complaints = ended(process)
    assert status == 4
    assert complaints == f"error: cannot listen on 127.0.0.1:{port}: Address already in use\n".encode()


@pytest.mark.parametrize("arguments", [("--http", "nowhere"), ("--http", "1.2.3.4:99999"), ("--tools", "-1")])
def test_words_that_mean_nothing_are_a_usage_error(arguments: tuple[str, ...]) -> None:
    with started(*arguments) as process:
        status, complaints = ended(process)
    assert status == 2
    assert complaints.startswith(b"error: argument --")


def test_the_verb_takes_the_options_of_every_verb() -> None:
    command = [PYTHON, "-m", "mcpctl", "demo"]
    wrong = subprocess.run([*command, "--tools", "-1", "--json"], cwd=ROOT, capture_output=True, check=False)
    assert json.loads(wrong.stdout)["exit_code"] == wrong.returncode == 2
    late = subprocess.run(
        [*command, "--http", "0", "--timeout", "1"], cwd=ROOT, capture_output=True, check=False
    )
    assert (late.returncode, late.stdout) == (6, b"")


def _status(url: str, headers: dict[str, str]) -> int:
    parts = urlsplit(url)
    assert parts.hostname is not None
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)
    try:
        connection.request("POST", "/mcp", b"{}", ACCEPTED | headers)
        return connection.getresponse().status
    finally:
        connection.close()


def _slow_call() -> dict[str, Any]:
    params = {"_meta": {"progressToken": 1}, "name": "slow", "arguments": {"seconds": 100}}
    return {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": params}
