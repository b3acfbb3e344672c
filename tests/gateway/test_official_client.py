"""The official SDK's client at the endpoint, in both eras, while the server behind it is replaced."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from tests.control.places import environment
from tests.support import PYTHON, ROOT, run


@pytest.mark.parametrize("modern", [False, True], ids=["handshake", "stateless"])
def test_the_official_client_calls_through_reloads(tmp_path: Path, modern: bool) -> None:
    from mcp import Client, ClientSession, StdioServerParameters
    from mcp.client.stdio import stdio_client

    home = tmp_path / "home"
    home.mkdir()
    env = environment(home)
    (tmp_path / "mcpctl.json").write_text(
        json.dumps(
            {
                "servers": {
                    "demo": {
                        "command": PYTHON,
                        "args": ["-m", "mcpctl.demo"],
                        "env": {"PYTHONPATH": env["PYTHONPATH"]},
                    }
                }
            }
        )
    )
    endpoint = StdioServerParameters(
        command=PYTHON, args=["-m", "mcpctl", "run", "demo", "--stdio", "--quiet"], env=env, cwd=tmp_path
    )

    async def reloaded() -> None:
        words = [PYTHON, "-m", "mcpctl", "reload", "demo", "--json"]
        child = await asyncio.create_subprocess_exec(
            *words, env=env, cwd=tmp_path, stdout=asyncio.subprocess.PIPE
        )
        out, _ = await child.communicate()
        assert json.loads(out)["status"] == "ok"

    async def check() -> None:
        if modern:
            async with Client(stdio_client(endpoint)) as client:
                assert client.protocol_version == "2026-07-28"
                for _ in range(2):
                    assert len((await client.list_tools()).tools) > 10
                    result = await client.call_tool("echo", {"text": "hi"})
                    assert result.content[0].text == "hi"
                    await reloaded()
            return
        async with stdio_client(endpoint) as (read, write), ClientSession(read, write) as session:
            await session.initialize()
            for _ in range(2):
                assert len((await session.list_tools()).tools) > 10
                result = await session.call_tool("echo", {"text": "hi"})
                assert result.content[0].text == "hi"
                await reloaded()

    run(check(), 30)


@pytest.mark.parametrize("modern", [False, True], ids=["handshake", "stateless"])
def test_official_clients_stay_connected_over_http(tmp_path: Path, modern: bool) -> None:
    from mcp import Client, types
    from mcp.client.context import ClientRequestContext

    from mcpctl.model.server import ServerSpec
    from tests.gateway.http_host import facing

    spec = ServerSpec(name="demo", command=PYTHON, args=("-m", "mcpctl.demo"), env={"PYTHONPATH": str(ROOT)})

    def answering(name: str):
        async def elicit(
            context: ClientRequestContext, params: types.ElicitRequestParams
        ) -> types.ElicitResult:
            del context, params
            return types.ElicitResult(action="accept", content={"name": name})

        return elicit

    async def check() -> None:
        mode = "auto" if modern else "legacy"
        async with (
            facing(tmp_path, spec) as (url, kept),
            Client(url, mode=mode, elicitation_callback=answering("Ada")) as ada,
            Client(url, mode=mode, elicitation_callback=answering("Bob")) as bob,
        ):
            assert (ada.protocol_version == "2026-07-28") is modern
            for _ in range(3):
                for client in (ada, bob):
                    result = await client.call_tool("echo", {"text": "hi"})
                    assert result.content[0].text == "hi"
                told = await asyncio.gather(ada.call_tool("ask"), bob.call_tool("ask"))
                names = [each.structured_content["profile"]["name"] for each in told]
                assert names == ["Ada", "Bob"]
                await kept.reload(["demo"], "a test")
            assert len(kept.keepers) == (1 if modern else 2)

    run(check(), 45)
