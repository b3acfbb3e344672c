"""The official SDK's client at the endpoint, in both eras, while the server behind it is replaced."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.control.places import environment
from tests.support import PYTHON, run


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
        import asyncio

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
