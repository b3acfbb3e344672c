"""A host that stays connected to one endpoint while the server behind it is replaced under it."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from mcpctl.gateway.party import Party
from mcpctl.gateway.stdio import serve_stdio
from mcpctl.model.server import ServerSpec
from mcpctl.supervisor.fleet import Fleet
from tests.session.places import ECHO
from tests.supervisor.places import build, fleet, until, write_build
from tests.support import PYTHON, run

HELLO = {
    "protocolVersion": "2025-06-18",
    "capabilities": {"roots": {}},
    "clientInfo": {"name": "host", "version": "7"},
}
META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": {"name": "host", "version": "7"},
    "io.modelcontextprotocol/clientCapabilities": {},
}


class Host:
    """The other end of the pipes."""

    def __init__(self, into: int, out: int) -> None:
        self._into = into
        self._out = out
        self.seen: list[dict[str, Any]] = []
        self._rest = b""
        os.set_blocking(out, False)
        asyncio.get_running_loop().add_reader(out, self._readable)

    def send(self, method: str, params: Any = None, identity: Any = None, **more: Any) -> None:
        message = {
            "jsonrpc": "2.0",
            "method": method,
            **({} if identity is None else {"id": identity}),
            **more,
        }
        if params is not None:
            message["params"] = params
        os.write(self._into, json.dumps(message).encode() + b"\n")

    def reply(self, identity: Any, result: Any) -> None:
        os.write(
            self._into, json.dumps({"jsonrpc": "2.0", "id": identity, "result": result}).encode() + b"\n"
        )

    async def answer(self, identity: Any) -> dict[str, Any]:
        def found() -> list[dict[str, Any]]:
            return [each for each in self.seen if each.get("id") == identity and "method" not in each]

        await until(found)
        (answer,) = found()
        return answer

    async def ask(self, identity: Any, method: str, params: Any = None) -> Any:
        self.send(method, params, identity)
        answer = await self.answer(identity)
        return answer.get("result", answer.get("error"))

    async def hears(self, method: str) -> dict[str, Any]:
        await until(lambda: [each for each in self.seen if each.get("method") == method])
        return next(each for each in self.seen if each.get("method") == method)

    def leave(self) -> None:
        os.close(self._into)

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self._out)
        os.close(self._out)

    def _readable(self) -> None:
        *lines, self._rest = (self._rest + os.read(self._out, 1 << 16)).split(b"\n")
        self.seen += [json.loads(line) for line in lines]


@asynccontextmanager
async def hosting(tmp_path: Path, spec: ServerSpec, **more: Any) -> AsyncIterator[tuple[Host, Fleet]]:
    stdin, into = os.pipe()
    out, stdout = os.pipe()
    async with fleet(tmp_path, spec, **more) as kept:
        party = Party(kept.keeper(spec.name).slot, record=kept.count)
        serving = asyncio.create_task(serve_stdio(party, stdin, stdout))
        os.set_blocking(stdin, False)
        host = Host(into, out)
        try:
            yield host, kept
        finally:
            host.leave()
            async with asyncio.timeout(60):
                await serving
            party.close()
            host.close()
            os.close(stdin)
            os.close(stdout)


def test_a_host_notices_nothing_of_a_reload_but_what_changed(tmp_path: Path) -> None:
    async def check() -> None:
        server = tmp_path / "server.py"
        write_build(server, "v1")
        async with hosting(tmp_path, build(server)) as (host, kept):
            welcome = await host.ask(1, "initialize", HELLO)
            assert (welcome["protocolVersion"], welcome["serverInfo"]["version"]) == ("2025-11-25", "v1")
            host.send("notifications/initialized")
            host.send("tools/call", {"name": "work", "arguments": {"seconds": 0.5}}, "slow")
            await until(lambda: kept.status("build").in_flight)
            write_build(server, "v2", tools=("more",))
            await kept.reload(["build"], "a test")
            await host.hears("notifications/tools/list_changed")
            tools = await host.ask("a", "tools/list")
            assert "more" in [tool["name"] for tool in tools["tools"]]
            quick = await host.ask(2, "tools/call", {"name": "work", "arguments": {}})
            assert quick["content"][0]["text"].startswith("v2")
            slow = await host.answer("slow")
            assert slow["result"]["content"][0]["text"].startswith("v1")
            assert [each for each in host.seen if each.get("id") == 1][1:] == []

    run(check())


def test_many_requests_go_on_through_reloads_and_none_is_lost(tmp_path: Path) -> None:
    async def check() -> None:
        server = tmp_path / "server.py"
        write_build(server, "v0", work=0.01)
        async with hosting(tmp_path, build(server)) as (host, kept):
            await host.ask("hi", "initialize", HELLO)
            for number in range(1, 5):
                for each in range(100):
                    host.send("tools/call", {"name": "work", "arguments": {}}, f"{number}.{each}")
                write_build(server, f"v{number}", work=0.01)
                await kept.reload(["build"], "a test")
            await until(lambda: len([each for each in host.seen if "." in str(each.get("id"))]) == 400, 10)
            answers = [each for each in host.seen if "." in str(each.get("id"))]
            assert [each for each in answers if "result" not in each] == []

    run(check())


def test_a_crash_is_told_to_whom_it_concerns_and_the_next_call_works(tmp_path: Path) -> None:
    async def check() -> None:
        server = tmp_path / "server.py"
        write_build(server, "v1")
        async with hosting(tmp_path, build(server)) as (host, _):
            await host.ask(1, "initialize", HELLO)
            died = await host.ask(2, "tools/call", {"name": "die", "arguments": {"code": 9}})
            assert died["code"] == -32000
            assert "exited with code 9" in died["message"]
            assert (await host.ask(3, "tools/call", {"name": "work", "arguments": {}}))["content"]

    run(check())


def test_a_stateless_host_talks_to_a_stateless_server(tmp_path: Path) -> None:
    async def check() -> None:
        spec = ServerSpec(name="echo", command=PYTHON, args=("-S", str(ECHO), "--modern"))
        async with hosting(tmp_path, spec) as (host, kept):
            found = await host.ask(1, "server/discover", {"_meta": META})
            assert found["supportedVersions"] == ["2026-07-28"]
            for reload in (False, True):
                if reload:
                    await kept.reload(["echo"], "a test")
                params = {"name": "echo", "arguments": {"text": "hi"}, "_meta": META}
                result = await host.ask(f"call {reload}", "tools/call", params)
                assert result == {"resultType": "complete", "content": [{"type": "text", "text": "hi"}]}

    run(check())


def test_a_host_of_the_new_era_can_fall_back_to_the_handshake(tmp_path: Path) -> None:
    async def check() -> None:
        server = tmp_path / "server.py"
        write_build(server, "v1")
        async with hosting(tmp_path, build(server)) as (host, kept):
            assert (await host.ask(1, "server/discover", {"_meta": META}))["code"] == -32601
            assert (await host.ask(2, "initialize", HELLO))["serverInfo"]["version"] == "v1"
            host.send("notifications/initialized")
            assert (await host.ask(3, "tools/call", {"name": "work", "arguments": {}}))["content"]
            assert kept.status("build").starts == 1

    run(check())


ASKING = """
import json, sys
def send(**message):
    print(json.dumps({"jsonrpc": "2.0", **message}), flush=True)
waiting = None
for line in sys.stdin:
    message = json.loads(line)
    method, identity = message.get("method"), message.get("id")
    if method == "server/discover":
        send(id=identity, error={"code": -32601, "message": "no"})
    elif method == "initialize":
        send(id=identity, result={"protocolVersion": "2025-06-18", "capabilities": {"tools": {}},
             "serverInfo": {"name": "asking", "version": json.dumps(message["params"]["clientInfo"])}})
    elif method == "tools/list":
        send(id=identity, result={"tools": [{"name": "ask", "inputSchema": {"type": "object"}}]})
    elif method == "tools/call":
        waiting = identity
        token = message["params"]["_meta"]["progressToken"]
        send(method="notifications/progress", params={"progressToken": token, "progress": 1})
        send(id=0, method="roots/list")
    elif method == "notifications/cancelled":
        send(method="notifications/message", params={"level": "info", "data": message["params"]["requestId"] == waiting})
    elif method is None and identity == 0:
        send(id=waiting, result={"content": [{"type": "text", "text": json.dumps(message["result"])}]})
"""
"""Asks for the roots and reports progress in the middle of a call."""


def test_questions_progress_and_cancellation_pass_both_ways(tmp_path: Path) -> None:
    async def check() -> None:
        (tmp_path / "asking.py").write_text(ASKING)
        spec = ServerSpec(name="asking", command=PYTHON, args=("-S", str(tmp_path / "asking.py")))
        async with hosting(tmp_path, spec) as (host, _):
            welcome = await host.ask(0, "initialize", HELLO)
            assert json.loads(welcome["serverInfo"]["version"])["name"] == "host"
            host.send("tools/call", {"name": "ask", "arguments": {}, "_meta": {"progressToken": 0}}, 1)
            assert (await host.hears("notifications/progress"))["params"] == {
                "progressToken": 0,
                "progress": 1,
            }
            question = await host.hears("roots/list")
            host.reply(question["id"], {"roots": [{"uri": "file:///x"}]})
            said = (await host.answer(1))["result"]["content"][0]["text"]
            assert json.loads(said) == {"roots": [{"uri": "file:///x"}]}
            host.seen.clear()
            host.send("tools/call", {"name": "ask", "arguments": {}, "_meta": {"progressToken": 1}}, 2)
            await host.hears("roots/list")
            host.send("notifications/cancelled", {"requestId": 2})
            assert (await host.hears("notifications/message"))["params"]["data"] is True

    run(check())


def test_errors_and_odd_payloads_pass_untouched(tmp_path: Path) -> None:
    async def check() -> None:
        spec = ServerSpec(name="echo", command=PYTHON, args=("-S", str(ECHO)))
        async with hosting(tmp_path, spec) as (host, _):
            await host.ask(1, "initialize", HELLO)
            assert await host.ask("x", "ping") == {}
            assert await host.ask(2, "no/such/method", {"deep": [[[{"é": 1e308}]]]}) == {
                "code": -32601,
                "message": "Method not found",
            }
            text = "\u2028 \x00 é" * 1000
            echoed = await host.ask(3, "tools/call", {"name": "echo", "arguments": {"text": text}})
            assert echoed["content"][0]["text"] == text

    run(check())
