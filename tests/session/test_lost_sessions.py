"""A remote server that was restarted knows no session of before: what is asked of it then reaches it all the same."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from mcpctl.model.server import ServerSpec
from tests.servers.http_scripted import INITIALIZED, Asked, serving
from tests.session.places import managing
from tests.support import run

CAPABLE = {**INITIALIZED, "capabilities": {"tools": {}, "resources": {}}}


class Restarting:
    """Each `restart` forgets all sessions."""

    def __init__(self) -> None:
        self.life = 1

    def restart(self) -> None:
        self.life += 1

    async def answer(self, asked: Asked) -> None:
        method = asked.rpc.get("method") if asked.method == "POST" else None
        if method == "initialize":
            await asked.result(CAPABLE, f"mcp-session-id: s{self.life}")
        elif method == "server/discover":
            await asked.reply(400, asked.message(error={"code": -32601, "message": "no"}))
        elif asked.headers.get("mcp-session-id") != f"s{self.life}":
            lost = {"jsonrpc": "2.0", "id": None, "error": {"code": -32001, "message": "Session not found"}}
            await asked.reply(404, json.dumps(lost).encode())
        elif "id" not in asked.rpc:
            await asked.reply(202 if asked.method == "POST" else 405)
        elif method == "tools/list":
            await asked.result({"tools": [{"name": f"tool{self.life}", "inputSchema": {"type": "object"}}]})
        elif method == "tools/call":
            await asyncio.sleep(0.05)  # else no two of them are under way at once
            await asked.result({"content": [{"type": "text", "text": str(self.life)}]})
        else:
            await asked.result({"contents": [{"uri": "x:y", "text": str(self.life)}]})


def test_whatever_is_asked_after_a_restart_is_asked_in_a_new_session(tmp_path: Path) -> None:
    async def check() -> None:
        remote = Restarting()
        async with serving(remote.answer) as server:
            spec = ServerSpec(name="web", transport="http", url=server.url())
            async with managing(tmp_path, spec) as manager, manager.open("web") as session:
                await session.connect()
                remote.restart()
                assert [each.name for each in await session.tools()] == ["tool2"]
                remote.restart()
                assert (await session.read_resource("x:y"))["contents"][0]["text"] == "3"
                remote.restart()
                assert json.loads(await session.request("resources/read", {"uri": "x:y"}))
                assert manager.slot("web").starts == 4

    run(check())


def test_many_calls_that_meet_a_restart_share_one_new_session(tmp_path: Path) -> None:
    async def check() -> None:
        remote = Restarting()
        async with serving(remote.answer) as server:
            spec = ServerSpec(name="web", transport="http", url=server.url())
            async with managing(tmp_path, spec) as manager, manager.open("web") as session:
                await session.connect()
                remote.restart()
                calls = [session.call_tool("tool2", validate=False) for _ in range(20)]
                results = await asyncio.gather(*calls)
                assert {result.content[0]["text"] for result in results} == {"2"}
                assert manager.slot("web").starts == 2

    run(check())
