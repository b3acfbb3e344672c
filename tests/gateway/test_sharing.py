"""Several hosts at a server that cannot run twice: one process, one handshake, and nobody's messages mixed up."""

from __future__ import annotations

import asyncio
import json
import socket
from pathlib import Path
from typing import Any

import pytest

from mcpctl.errors import ConfigError
from mcpctl.gateway.lanes import lanes_of
from mcpctl.gateway.party import Party
from mcpctl.gateway.relay import Relay
from mcpctl.model.server import ServerSpec
from mcpctl.model.settings import Settings
from mcpctl.supervisor.keeper import HOLD_LIMIT
from tests.gateway.http_host import HELLO, META, HttpHost, Response, facing
from tests.session.places import ECHO
from tests.supervisor.places import build, fleet, until, write_build
from tests.support import PYTHON, run

WORK = {"name": "work", "arguments": {}}
SAY = {"name": "say", "arguments": {"say": []}}

TALKING = """
import json, sys
def send(**message):
    print(json.dumps({"jsonrpc": "2.0", **message}), flush=True)
waiting, asked = {}, 0
for line in sys.stdin:
    message = json.loads(line)
    method, identity, params = message.get("method"), message.get("id"), message.get("params") or {}
    if method == "server/discover":
        send(id=identity, error={"code": -32601, "message": "no"})
    elif method == "initialize":
        send(id=identity, result={"protocolVersion": "2025-11-25", "serverInfo": {"name": "talking", "version": "1"},
             "capabilities": {"tools": {}, "logging": {}, "resources": {"subscribe": True}}})
    elif method == "tools/list":
        send(id=identity, result={"tools": [{"name": "ask", "inputSchema": {"type": "object"}}]})
    elif method == "tools/call" and params["name"] == "ask":
        asked += 1
        waiting[asked] = identity
        send(method="notifications/progress", params={"progressToken": params["_meta"]["progressToken"], "progress": asked})
        send(id=asked, method=params["arguments"].get("method", "roots/list"))
    elif method == "tools/call":
        for each in params["arguments"]["say"]:
            send(**each)
        send(id=identity, result={"content": []})
    elif method is None:
        said = message.get("result", message.get("error"))
        send(id=waiting.pop(identity), result={"content": [{"type": "text", "text": json.dumps(said)}]})
    elif identity is not None:
        sys.stderr.write(f"{method} {params.get('uri', params.get('level'))}\\n")
        sys.stderr.flush()
        send(id=identity, result={})
"""
"""Asks in the middle of a call, and says what it is told to say."""

SPEAKING_BOTH = (
    'error={"code": -32601, "message": "no"}',
    """result={"resultType": "complete", "supportedVersions": ["2026-07-28"], "capabilities": {"tools": {}},
             "serverInfo": {"name": "talking", "version": "1"}}""",
)


def talking(tmp_path: Path) -> ServerSpec:
    (tmp_path / "talking.py").write_text(TALKING)
    command = (PYTHON, ("-S", str(tmp_path / "talking.py")))
    return ServerSpec(name="talking", command=command[0], args=command[1], reload="restart")


async def greeted(url: str, number: int) -> list[HttpHost]:
    hosts = [HttpHost(url) for _ in range(number)]
    await asyncio.gather(*(host.greet() for host in hosts))
    return hosts


def test_many_hosts_share_the_only_process_through_reloads(tmp_path: Path) -> None:
    async def check() -> None:
        server = tmp_path / "server.py"
        with socket.create_server(("127.0.0.1", 0)) as found:
            port = found.getsockname()[1]
        write_build(server, "v1", port=port)
        async with facing(tmp_path, build(server, reload="restart")) as (url, kept):
            hosts = await greeted(url, 5)
            assert len({host.session for host in hosts}) == 5
            streams = [await host.listen() for host in hosts]
            for version in ("v2", "v3"):
                write_build(server, version, port=port, tools=(version,))
                reloading = asyncio.create_task(kept.reload(["build"], "a test"))
                answers = await asyncio.gather(*(host.ask(7, "tools/call", WORK) for host in hosts))
                assert all("content" in answer for answer in answers)
                await reloading
                for host, stream in zip(hosts, streams, strict=True):
                    assert (await stream.event())["method"] == "notifications/tools/list_changed"
                    said = await host.ask(7, "tools/call", WORK)
                    assert said["content"][0]["text"].startswith(version)
            assert [status.name for status in kept.statuses()] == ["build"]
            for host in hosts[1:]:
                assert await host.end() == 200
            assert "content" in await hosts[0].ask(8, "tools/call", WORK)
            assert await hosts[0].end() == 200
            await until(lambda: kept.status("build").state == "stopped")
            (again,) = await greeted(url, 1)
            assert "content" in await again.ask(1, "tools/call", WORK)
            for stream in streams:
                stream.leave()

    run(check())


async def progress_on(stream: Response) -> Any:
    """Questions may come before it: for whom a server asks while several hosts wait, nobody can tell."""
    while (message := await stream.event())["method"] != "notifications/progress":
        pass
    return message["params"]


def test_ids_tokens_and_questions_of_hosts_that_share_stay_apart(tmp_path: Path) -> None:
    async def check() -> None:
        async with facing(tmp_path, talking(tmp_path)) as (url, _):
            hosts = await greeted(url, 2)
            for turn in (hosts, list(reversed(hosts))):
                for host in turn:  # the same id, the same token
                    params = {"name": "ask", "arguments": {}, "_meta": {"progressToken": 0}}
                    stream = await host.begin(1, "tools/call", params)
                    progress = (await stream.event())["params"]
                    assert progress["progressToken"] == 0
                    question = await stream.event()
                    roots = {"roots": [{"uri": f"file:///{host.session}"}]}
                    assert (await host.post({"id": question["id"], "result": roots})).status == 202
                    assert json.loads((await stream.event())["result"]["content"][0]["text"]) == roots
            params = {"name": "ask", "arguments": {}, "_meta": {"progressToken": 0}}
            streams = [await host.begin(1, "tools/call", params) for host in hosts]  # both at once
            heard = [await progress_on(stream) for stream in streams]
            assert heard == [{"progressToken": 0, "progress": 5}, {"progressToken": 0, "progress": 6}]
            for stream in streams:
                stream.leave()

    run(check())


def test_a_host_is_not_asked_what_it_did_not_offer(tmp_path: Path) -> None:
    async def check() -> None:
        async with facing(tmp_path, talking(tmp_path)) as (url, _):
            hosts = await greeted(url, 2)  # both offer their roots, and nothing else
            call = {"name": "ask", "arguments": {"method": "sampling/createMessage"}}
            answer = await hosts[1].ask(1, "tools/call", {**call, "_meta": {"progressToken": 0}})
            assert json.loads(answer["content"][0]["text"])["code"] == -32601

    run(check())


def said(method: str, **params: Any) -> dict[str, Any]:
    return {"method": method, "params": params}


def test_each_host_hears_the_logs_and_resources_that_it_asked_for(tmp_path: Path) -> None:
    async def check() -> None:
        async with facing(tmp_path, talking(tmp_path)) as (url, kept):
            quiet, keen = await greeted(url, 2)
            streams = [await host.listen() for host in (quiet, keen)]
            await keen.ask(1, "logging/setLevel", {"level": "info"})
            await quiet.ask(1, "logging/setLevel", {"level": "error"})
            for host in (quiet, keen):
                await host.ask(2, "resources/subscribe", {"uri": "x:/both"})
            await keen.ask(3, "resources/subscribe", {"uri": "x:/keen"})
            say = [
                said("notifications/message", level="info", data=1),
                said("notifications/message", level="critical", data=2),
                said("notifications/resources/updated", uri="x:/keen"),
                said("notifications/resources/updated", uri="x:/both/part"),
                said("notifications/tools/list_changed"),
            ]
            teller = HttpHost(url)
            await teller.greet()  # whoever calls hears of it on the call's own stream
            assert await teller.ask(4, "tools/call", {"name": "say", "arguments": {"say": say}})
            heard = [await streams[1].event() for _ in say]
            assert [each["method"] for each in heard] == [each["method"] for each in say]
            assert [(await streams[0].event())["method"] for _ in range(3)] == [
                "notifications/message",
                "notifications/resources/updated",
                "notifications/tools/list_changed",
            ]
            await quiet.ask(5, "resources/unsubscribe", {"uri": "x:/both"})
            await keen.end()
            for stream in streams:
                stream.leave()
            expected = [
                *("logging/setLevel info", "logging/setLevel info"),
                *(
                    "resources/subscribe x:/both",
                    "resources/subscribe x:/both",
                    "resources/subscribe x:/keen",
                ),
                *("resources/unsubscribe x:/both", "resources/unsubscribe x:/keen"),
            ]
            await until(lambda: len(kept.log("talking").since(None)) == len(expected))
            assert [line.text for line in kept.log("talking").since(None)] == expected

    run(check())


def test_a_new_build_is_told_what_all_its_hosts_agreed_on(tmp_path: Path) -> None:
    async def check() -> None:
        async with facing(tmp_path, talking(tmp_path)) as (url, kept):
            hosts = await greeted(url, 2)
            for number, host in enumerate(hosts):
                await host.ask(1, "resources/subscribe", {"uri": f"x:/{number}"})
                await host.ask(2, "logging/setLevel", {"level": ("error", "info")[number]})
            before = len(kept.log("talking").since(None))
            await kept.reload(["talking"], "a test")
            told = sorted(line.text for line in kept.log("talking").since(None)[before:])
            assert told == [
                "logging/setLevel info",
                "resources/subscribe x:/0",
                "resources/subscribe x:/1",
            ]

    run(check())


def test_a_stateless_host_is_told_to_shake_hands_with_a_server_that_others_share(tmp_path: Path) -> None:
    async def check() -> None:
        async with facing(tmp_path, talking(tmp_path)) as (url, _):
            await greeted(url, 1)
            refused = await HttpHost(url, modern=True).begin(1, "tools/list")
            error = (await refused.json())["error"]
            assert (refused.status, error["code"]) == (400, -32022)
            assert "2025-11-25" in error["data"]["supported"]

    run(check())


def test_a_server_that_turns_out_to_own_a_port_is_shared_from_then_on(tmp_path: Path) -> None:
    async def check() -> None:
        server = tmp_path / "server.py"
        with socket.create_server(("127.0.0.1", 0)) as found:
            port = found.getsockname()[1]
        write_build(server, "v1", port=port)
        async with facing(tmp_path, build(server)) as (url, kept):  # nobody said `reload = "restart"`
            (first,) = await greeted(url, 1)
            refused = await (await HttpHost(url).begin(0, "initialize", HELLO)).json()
            assert "exited" in refused["error"]["message"]
            await until(lambda: "build#2" not in kept.keepers)
            (second,) = await greeted(url, 1)
            for host in (first, second):
                assert "content" in await host.ask(1, "tools/call", WORK)
            assert [status.name for status in kept.statuses()] == ["build"]

    run(check())


@pytest.mark.parametrize("joiners", [1, 3])
def test_a_host_that_the_server_refuses_spoils_it_for_nobody(tmp_path: Path, joiners: int) -> None:
    async def check() -> None:
        picky = TALKING.replace(
            'elif method == "initialize":',
            'elif method == "initialize" and params["clientInfo"]["name"] == "odd":\n'
            '        send(id=identity, error={"code": -32602, "message": "go away"})\n'
            '    elif method == "initialize":',
        )
        spec = talking(tmp_path)
        (tmp_path / "talking.py").write_text(picky)
        async with facing(tmp_path, spec) as (url, _):
            odd = {**HELLO, "clientInfo": {"name": "odd", "version": "1"}}
            refusing = asyncio.create_task(HttpHost(url).begin(0, "initialize", odd))
            hosts = await greeted(url, joiners)
            for host in hosts:
                assert (await host.ask(1, "tools/list"))["tools"]
            await (await refusing).json()

    run(check())


class Joined:
    """A host that takes part without any face between."""

    def __init__(self, party: Party) -> None:
        self.heard: list[dict[str, Any]] = []
        self.relay = Relay(party, lambda message: self.heard.append(json.loads(message)))

    async def ask(self, identity: int, method: str, params: Any) -> Any:
        message = {"jsonrpc": "2.0", "id": identity, "method": method, "params": params}
        self.relay.receive(json.dumps(message).encode())
        await until(lambda: any(each.get("id") == identity for each in self.heard))
        (answer,) = [each for each in self.heard if each.get("id") == identity]
        return answer.get("result", answer.get("error"))


@pytest.mark.parametrize("when", ["while it starts", "when it runs", "once more"])
def test_a_server_that_began_without_a_host_begins_anew_with_what_the_host_says(
    tmp_path: Path, when: str
) -> None:
    async def check() -> None:
        write_build(tmp_path / "server.py", "v1", boot=0.2)
        async with fleet(tmp_path, build(tmp_path / "server.py")) as kept:
            starting = asyncio.create_task(kept.start(["build"]))
            await until(lambda: kept.status("build").starts == 1)
            host = Joined(Party(kept.keeper("build").slot, record=kept.count, shared=True))
            if when != "while it starts":
                await starting
            async with asyncio.timeout(HOLD_LIMIT / 2):
                for number in range(2 if when == "once more" else 1):
                    assert (await host.ask(number, "initialize", HELLO))["serverInfo"]["version"] == "v1"
                assert "content" in await host.ask(9, "tools/call", WORK)
            await starting

    run(check())


def test_a_server_that_was_taken_out_and_is_back_is_greeted_by_the_next_host(tmp_path: Path) -> None:
    async def check() -> None:
        write_build(tmp_path / "server.py", "v1")
        spec = build(tmp_path / "server.py", reload="restart")
        async with fleet(tmp_path, spec) as kept:
            lanes = lanes_of(kept, "build")
            parties = [await lanes.take() for _ in range(2)]
            first, second = [Joined(party) for party in parties]
            assert (await first.ask(1, "initialize", HELLO))["serverInfo"]
            await kept.reconfigure(Settings(servers={}))
            with pytest.raises(ConfigError):
                await lanes.take()
            first.relay.close()
            await kept.reconfigure(Settings(servers={"build": spec}))
            third = Joined(await lanes.take())
            assert (await third.ask(1, "initialize", HELLO))["serverInfo"]
            second.relay.close()
            await lanes.give_back(parties[0])
            assert "content" in await third.ask(2, "tools/call", WORK)

    run(check())


def test_hosts_that_are_left_when_everything_ends_give_nothing_back(tmp_path: Path) -> None:
    async def check() -> None:
        write_build(tmp_path / "server.py", "v1")
        async with fleet(tmp_path, build(tmp_path / "server.py")) as kept:
            lanes = lanes_of(kept, "build")
            party = await lanes.take()
            await kept.aclose()
            await lanes.give_back(party)
            assert party.over
            assert not kept.keepers

    run(check())


@pytest.mark.parametrize("overruled", [2, 99])
def test_a_host_never_gets_a_welcome_that_no_server_gave(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, overruled: int
) -> None:
    async def check() -> None:
        write_build(tmp_path / "server.py", "v1")
        async with fleet(tmp_path, build(tmp_path / "server.py")) as kept:
            await kept.start(["build"])
            keeper = kept.keeper("build")
            rest, asked = keeper.rest, 0

            async def rest_unless_overruled() -> None:
                nonlocal asked
                asked += 1
                if asked > overruled:
                    await rest()

            monkeypatch.setattr(keeper, "rest", rest_unless_overruled)
            said = await Joined(Party(keeper.slot, record=kept.count)).ask(1, "initialize", HELLO)
            assert said.get("code") == -32000 if overruled == 99 else said["serverInfo"]

    run(check())


def test_stateless_hosts_share_one_process_that_nobody_shakes_hands_with(tmp_path: Path) -> None:
    async def check() -> None:
        spec = ServerSpec(name="echo", command=PYTHON, args=("-S", str(ECHO), "--modern"))
        async with fleet(tmp_path, spec) as kept:
            party = Party(kept.keeper("echo").slot, record=kept.count, shared=True)
            hosts = [Joined(party) for _ in range(3)]
            for host in hosts[:2]:
                found = await host.ask(1, "server/discover", {"_meta": META})
                assert found["supportedVersions"] == ["2026-07-28"]
            refused = await hosts[2].ask(1, "initialize", HELLO)
            assert (refused["code"], refused["data"]["supported"]) == (-32022, ["2026-07-28"])
            for number, host in enumerate(hosts[:2]):
                said = {"name": "echo", "arguments": {"text": f"host {number}"}, "_meta": META}
                assert (await host.ask(2, "tools/call", said))["content"][0]["text"] == f"host {number}"
            assert kept.status("echo").starts == 1

    run(check())


def test_whoever_asks_for_the_newer_version_where_hands_were_shaken_is_told_no(tmp_path: Path) -> None:
    async def check() -> None:
        async with fleet(tmp_path, talking(tmp_path)) as kept:
            party = Party(kept.keeper("talking").slot, record=kept.count, shared=True)
            first, second = Joined(party), Joined(party)
            await first.ask(1, "initialize", HELLO)
            assert (await second.ask(1, "server/discover", {"_meta": META}))["code"] == -32601
            assert (await second.ask(2, "initialize", HELLO))["serverInfo"]["name"] == "talking"
            assert kept.status("talking").starts == 1
            first.relay.close()
            assert (await second.ask(3, "tools/list", {}))["tools"]

    run(check())


def test_a_process_that_stateless_hosts_have_left_is_free_for_those_who_shake_hands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def check() -> None:
        spec = talking(tmp_path)
        (tmp_path / "talking.py").write_text(TALKING.replace(*SPEAKING_BOTH))
        async with facing(tmp_path, spec) as (url, kept):
            modern = HttpHost(url, modern=True)
            assert "content" in await modern.ask(1, "tools/call", SAY)
            refused = await HttpHost(url).begin(0, "initialize", HELLO)
            assert refused.status == 503
            assert "another version" in (await refused.json())["error"]["message"]
            monkeypatch.setattr("mcpctl.gateway.stateless.SILENCE", 0.0)
            (old,) = await greeted(url, 1)
            assert "content" in await old.ask(1, "tools/call", SAY)
            assert (await modern.begin(2, "tools/call", SAY)).status == 400
            await old.end()
            await until(lambda: kept.status("talking").state == "stopped")
            assert "content" in await modern.ask(3, "tools/call", SAY)

    run(check())
