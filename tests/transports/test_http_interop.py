"""Against the official SDK's server: what we think the protocol is, is what others think it is."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn
from mcp.server.mcpserver import Context, MCPServer

from mcpctl.model.server import ServerSpec
from mcpctl.transports.http import HttpChannel
from mcpctl.transports.sse import SseChannel
from tests.support import run
from tests.transports.remotes import MODERN, PROTOCOL, Recorder, channel, failure

GREETING = {
    "protocolVersion": PROTOCOL,
    "capabilities": {"sampling": {}},
    "clientInfo": {"name": "t", "version": "0"},
}
META = {
    "io.modelcontextprotocol/protocolVersion": MODERN,
    "io.modelcontextprotocol/clientInfo": {"name": "t", "version": "0"},
    "io.modelcontextprotocol/clientCapabilities": {},
}


def make_server() -> MCPServer:
    server = MCPServer("interop")

    @server.tool()
    def echo(text: str) -> str:
        return text

    @server.tool()
    async def steps(ctx: Context, count: int) -> int:
        for number in range(count):
            await ctx.report_progress(number, count)
        return count

    @server.tool()
    async def hang() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            cancelled.set()

    cancelled = asyncio.Event()
    server.cancelled = cancelled  # type: ignore[attr-defined]
    return server


@asynccontextmanager
async def hosted(app: Any) -> AsyncIterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(app, log_level="critical", timeout_graceful_shutdown=1, ws="none")
        server = uvicorn.Server(config)
        task = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started:
            await asyncio.sleep(0.005)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            with contextlib.suppress(asyncio.CancelledError):
                await task


async def greet(http: HttpChannel | SseChannel) -> None:
    answer = json.loads(await http.request("initialize", GREETING, timeout=5, cancellable=False))
    assert answer["protocolVersion"] == PROTOCOL
    http.adopt(PROTOCOL, stateless=False)
    await http.notify("notifications/initialized", None)
    http.listen()


async def tool(http: HttpChannel | SseChannel, name: str, *, timeout: float = 5, **arguments: Any) -> Any:
    params = {"name": name, "arguments": arguments, "_meta": {"progressToken": 1}}
    return json.loads(await http.request("tools/call", params, timeout=timeout))


@pytest.mark.parametrize("stateless", [False, True], ids=["session", "no session"])
@pytest.mark.parametrize("plain", [False, True], ids=["events", "json"])
def test_the_handshake_era_is_spoken(*, stateless: bool, plain: bool) -> None:
    async def main() -> None:
        app = make_server().streamable_http_app(json_response=plain, stateless_http=stateless)
        inbox = Recorder()
        async with hosted(app) as url, channel(f"{url}/mcp", inbox=inbox) as http:
            await greet(http)
            assert (http.facts.session_id is None) == stateless
            listed = json.loads(await http.request("tools/list", {}, timeout=30))
            assert [one["name"] for one in listed["tools"]] == ["echo", "steps", "hang"]
            answers = await asyncio.gather(*(tool(http, "echo", text=str(number)) for number in range(20)))
            assert [answer["content"][0]["text"] for answer in answers] == [
                str(number) for number in range(20)
            ]
            await tool(http, "steps", count=3)
            expected = [] if plain else ["notifications/progress"] * 3
            assert [method for method, _ in inbox.heard] == expected
            error = await failure(http.request("no/such", {}, timeout=30))
            assert error.code == "protocol.rpc_error"

    run(main(), timeout=15)


def test_the_stateless_era_is_spoken() -> None:
    async def main() -> None:
        async with hosted(make_server().streamable_http_app()) as url, channel(f"{url}/mcp") as http:
            headers = {"mcp-protocol-version": MODERN, "mcp-method": "server/discover"}
            found = json.loads(
                await http.request("server/discover", {"_meta": META}, headers=headers, timeout=30)
            )
            assert MODERN in found["supportedVersions"]
            http.adopt(MODERN, stateless=True)
            params = {"name": "echo", "arguments": {"text": "hi"}, "_meta": META}
            headers = {"mcp-protocol-version": MODERN, "mcp-method": "tools/call", "mcp-name": "echo"}
            answer = json.loads(await http.request("tools/call", params, headers=headers, timeout=30))
            assert answer["content"][0]["text"] == "hi"
            wrong = await failure(
                http.request("tools/call", params, headers={**headers, "mcp-name": "x"}, timeout=30)
            )
            assert getattr(wrong, "rpc_code", None) is not None

    run(main(), timeout=15)


@pytest.mark.parametrize("era", ["handshake", "stateless"])
def test_a_call_given_up_stops_at_the_server(era: str) -> None:
    async def main() -> None:
        server = make_server()
        async with hosted(server.streamable_http_app()) as url, channel(f"{url}/mcp") as http:
            headers = None
            params: dict[str, Any] = {"name": "hang", "arguments": {}}
            if era == "handshake":
                await greet(http)
            else:
                http.adopt(MODERN, stateless=True)
                headers = {"mcp-method": "tools/call", "mcp-name": "hang"}
                params["_meta"] = META
            error = await failure(http.request("tools/call", params, headers=headers, timeout=0.3))
            assert error.code == "deadline.call"
            await asyncio.wait_for(server.cancelled.wait(), 5)  # type: ignore[attr-defined]

    run(main(), timeout=15)


def test_a_session_that_was_ended_elsewhere_is_lost() -> None:
    async def main() -> None:
        async with hosted(make_server().streamable_http_app()) as url, channel(f"{url}/mcp") as http:
            await greet(http)
            async with channel(f"{url}/mcp") as other:
                other.endpoint.set_header("mcp-session-id", http.facts.session_id or "")
                other.facts.session_id = http.facts.session_id
            error = await failure(tool(http, "echo", text="x"))
            assert error.code == "connect.session_lost"

    run(main(), timeout=15)


def test_the_older_transport_is_spoken() -> None:
    async def main() -> None:
        inbox = Recorder()
        async with hosted(make_server().sse_app()) as url:
            old = SseChannel(ServerSpec(name="old", transport="sse", url=f"{url}/sse"), inbox, env={})
            await old.open()
            try:
                await greet(old)
                assert (await tool(old, "echo", text="hi"))["content"][0]["text"] == "hi"
                await tool(old, "steps", count=2)
                assert [method for method, _ in inbox.heard] == ["notifications/progress"] * 2
            finally:
                await old.aclose()

    run(main(), timeout=15)
