"""Several hosts at one HTTP endpoint, in both eras, while the server behind it is replaced under them."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from mcpctl.errors import UsageError
from mcpctl.gateway.visitors import Visitors
from mcpctl.model.server import ServerSpec
from mcpctl.wire.serving import Bounds
from tests.gateway.http_host import META, HttpHost, facing
from tests.gateway.test_stdio import ASKING
from tests.session.places import ECHO
from tests.supervisor.places import build, until, write_build
from tests.support import PYTHON, run

WORK = {"name": "work", "arguments": {}}


def test_two_hosts_notice_nothing_of_reloads_but_what_changed(tmp_path: Path) -> None:
    async def check() -> None:
        server = tmp_path / "server.py"
        write_build(server, "v1")
        async with facing(tmp_path, build(server)) as (url, kept):
            hosts = [HttpHost(url), HttpHost(url)]
            for host in hosts:
                assert (await host.greet())["serverInfo"]["version"] == "v1"
            assert hosts[0].session != hosts[1].session
            stream = await hosts[0].listen()
            assert stream.headers["content-type"] == "text/event-stream"
            slow = asyncio.create_task(
                hosts[1].ask(1, "tools/call", {"name": "work", "arguments": {"seconds": 0.5}})
            )
            await until(lambda: kept.status("build#2").in_flight)
            for version in ("v2", "v3"):
                write_build(server, version, tools=(version,))
                await kept.reload(["build"], "a test")
                assert (await stream.event())["method"] == "notifications/tools/list_changed"
                for host in hosts:  # the same id at the same time
                    result = await host.ask(7, "tools/call", WORK)
                    assert result["content"][0]["text"].startswith(version)
            assert (await slow)["content"][0]["text"].startswith("v1")
            stream.leave()

    run(check())


def test_no_request_is_lost_however_often_the_server_is_replaced(tmp_path: Path) -> None:
    async def check() -> None:
        server = tmp_path / "server.py"
        write_build(server, "v0", work=0.01)
        async with facing(tmp_path, build(server)) as (url, kept):
            hosts = [HttpHost(url) for _ in range(3)]
            for host in hosts:
                await host.greet()
            over = False

            async def calling(host: HttpHost) -> int:
                count = 0
                while not over:
                    count += 1
                    assert "content" in await host.ask(count, "tools/call", WORK)
                return count

            callers = [asyncio.create_task(calling(host)) for host in hosts]
            for number in range(1, 5):
                write_build(
                    server, f"v{number}" if number != 3 else "broken", extra="" if number != 3 else "("
                )
                await kept.reload(["build"], "a test")
            over = True
            assert min(await asyncio.gather(*callers)) > 5

    run(check())


def test_stateless_hosts_share_one_process_and_their_ids_stay_apart(tmp_path: Path) -> None:
    async def check() -> None:
        spec = ServerSpec(name="echo", command=PYTHON, args=("-S", str(ECHO), "--modern"))
        async with facing(tmp_path, spec) as (url, kept):
            hosts = [HttpHost(url, modern=True) for _ in range(3)]
            assert (await hosts[0].ask(1, "server/discover"))["supportedVersions"] == ["2026-07-28"]
            for _ in range(3):
                said = [{"name": "echo", "arguments": {"text": f"host {number}"}} for number in range(3)]
                asked = (host.ask(1, "tools/call", params) for host, params in zip(hosts, said, strict=True))
                texts = [result["content"][0]["text"] for result in await asyncio.gather(*asked)]
                assert texts == ["host 0", "host 1", "host 2"]
                await kept.reload(["echo"], "a test")
            assert [status.name for status in kept.statuses()] == ["echo"]

    run(check())


def test_a_host_that_finds_no_newer_protocol_shakes_hands(tmp_path: Path) -> None:
    async def check() -> None:
        server = tmp_path / "server.py"
        write_build(server, "v1")
        async with facing(tmp_path, build(server)) as (url, kept):
            modern, old = HttpHost(url, modern=True), HttpHost(url)
            refused = await modern.begin(1, "server/discover")
            assert (refused.status, (await refused.json())["error"]["code"]) == (404, -32601)
            unspoken = await modern.begin(2, "tools/list")
            assert (unspoken.status, (await unspoken.json())["error"]["code"]) == (400, -32022)
            assert (await old.greet())["serverInfo"]["version"] == "v1"
            assert "content" in await old.ask(1, "tools/call", WORK)
            assert [status.name for status in kept.statuses()] == ["build"]

    run(check())


def test_questions_and_progress_reach_the_host_whose_call_they_belong_to(tmp_path: Path) -> None:
    async def check() -> None:
        (tmp_path / "asking.py").write_text(ASKING)
        spec = ServerSpec(name="asking", command=PYTHON, args=("-S", str(tmp_path / "asking.py")))
        async with facing(tmp_path, spec) as (url, _):
            hosts = [HttpHost(url), HttpHost(url)]
            for host in hosts:
                await host.greet()
            params = {"name": "ask", "arguments": {}, "_meta": {"progressToken": 0}}
            streams = [await host.begin(1, "tools/call", params) for host in hosts]
            for number, (host, stream) in enumerate(zip(hosts, streams, strict=True)):
                assert (await stream.event())["params"] == {"progressToken": 0, "progress": 1}
                question = await stream.event()
                assert question["method"] == "roots/list"
                roots = {"roots": [{"uri": f"file:///{number}"}]}
                assert (await host.post({"id": question["id"], "result": roots})).status == 202
                said = (await stream.event())["result"]["content"][0]["text"]
                assert json.loads(said) == roots
                assert await stream.event() is None

    run(check())


def test_a_cancelled_request_is_cancelled_at_the_server_and_its_stream_ends(tmp_path: Path) -> None:
    async def check() -> None:
        (tmp_path / "asking.py").write_text(ASKING)
        spec = ServerSpec(name="asking", command=PYTHON, args=("-S", str(tmp_path / "asking.py")))
        async with facing(tmp_path, spec) as (url, _):
            host = HttpHost(url)
            await host.greet()
            stream = await host.listen()
            params = {"name": "ask", "arguments": {}, "_meta": {"progressToken": "x"}}
            call = await host.begin("c", "tools/call", params)
            heard = [(await call.event())["method"] for _ in range(2)]
            assert heard == ["notifications/progress", "roots/list"]
            await host.post({"method": "notifications/cancelled", "params": {"requestId": "c"}})
            withdrawn = await call.event()
            assert withdrawn is None or withdrawn["method"] == "notifications/cancelled"
            said = await stream.event()
            assert (said["method"], said["params"]["data"]) == ("notifications/message", True)
            stream.leave()

    run(check())


MODERN_ASKING = """
import json, sys
def send(**message):
    print(json.dumps({"jsonrpc": "2.0", **message}), flush=True)
token = None
for line in sys.stdin:
    message = json.loads(line)
    method, identity, params = message.get("method"), message.get("id"), message.get("params") or {}
    if method == "server/discover":
        send(id=identity, result={"resultType": "complete", "supportedVersions": ["2026-07-28"], "capabilities": {"tools": {}},
             "serverInfo": {"name": "x", "version": "1"}})
    elif method == "tools/list":
        send(id=identity, result={"resultType": "complete", "tools": []})
    elif method == "tools/call":
        waiting, token = identity, params["_meta"]["progressToken"]
        send(method="notifications/progress", params={"progressToken": token, "progress": 1})
    elif method == "subscriptions/listen":
        send(method="notifications/tools/list_changed",
             params={"_meta": {"io.modelcontextprotocol/subscriptionId": identity}})
    elif method == "notifications/cancelled":
        sys.stderr.write(f"cancelled {params['requestId'] == waiting}\\n")
        sys.stderr.flush()
"""


def test_a_stateless_host_cancels_by_closing_its_stream_and_tokens_stay_apart(tmp_path: Path) -> None:
    async def check() -> None:
        (tmp_path / "modern.py").write_text(MODERN_ASKING)
        spec = ServerSpec(name="modern", command=PYTHON, args=("-S", str(tmp_path / "modern.py")))
        async with facing(tmp_path, spec) as (url, kept):
            for number in range(2):
                host = HttpHost(url, modern=True)
                params = {"name": "x", "arguments": {}, "_meta": {"progressToken": number}}
                call = await host.begin(5, "tools/call", params)
                assert (await call.event())["params"] == {"progressToken": number, "progress": 1}
                call.leave()
                await until(
                    lambda number=number: len(kept.log("modern").since(None)) > number  # type: ignore[misc] # mypy cannot see the default
                )
            assert [kept_line.text for kept_line in kept.log("modern").since(None)] == ["cancelled True"] * 2
            listening = await HttpHost(url, modern=True).begin("s", "subscriptions/listen", {})
            about = (await listening.event())["params"]["_meta"]
            assert about == {"io.modelcontextprotocol/subscriptionId": "s"}
            listening.leave()

    run(check())


def test_a_session_ends_when_it_is_deleted_and_its_process_with_it(tmp_path: Path) -> None:
    async def check() -> None:
        server = tmp_path / "server.py"
        write_build(server, "v1")
        async with facing(tmp_path, build(server)) as (url, kept):
            first, second = HttpHost(url), HttpHost(url)
            await first.greet()
            await second.greet()
            assert await second.end() == 200
            await until(lambda: "build#2" not in kept.keepers)
            gone = await second.begin(1, "tools/list")
            assert gone.status == 404
            assert await first.end() == 200
            await until(lambda: kept.status("build").state == "stopped")
            third = HttpHost(url)
            await third.greet()
            assert "content" in await third.ask(1, "tools/call", WORK)

    run(check())


def test_what_is_no_proper_request_gets_the_status_that_the_protocol_names(tmp_path: Path) -> None:
    async def check() -> None:
        spec = ServerSpec(name="echo", command=PYTHON, args=("-S", str(ECHO)))
        async with facing(tmp_path, spec) as (url, _):
            host = HttpHost(url)
            ping = b'{"jsonrpc": "2.0", "id": 1, "method": "ping"}'
            cases = {
                404: [host.send("POST", ping, path="/"), host.send("POST", ping, mcp_session_id="x")],
                405: [
                    host.send("PUT", ping),
                    host.send("OPTIONS"),
                    host.send("GET", mcp_protocol_version="2026-07-28"),
                ],
                406: [host.send("POST", ping, accept="text/html"), host.send("GET", accept="text/html")],
                415: [host.send("POST", ping, content_type="text/plain")],
                400: [
                    host.send("POST", ping),
                    host.send("POST", b"{"),
                    host.send("POST", b"[]"),
                    host.send("POST", b"\xff"),
                    host.send("POST", b'{"jsonrpc": "2.0", "id": 1, "method": 5}'),
                    host.send("POST", ping, mcp_protocol_version="1999-01-01"),
                    host.send("POST", ping, mcp_protocol_version="2026-07-28"),
                    host.send("GET"),
                    host.send("DELETE"),
                ],
                403: [
                    host.send("POST", ping, host="evil.example"),
                    host.send("POST", ping, host=""),
                    host.send("POST", ping, origin="https://evil.example"),
                    host.send("POST", ping, origin="null"),
                    host.send("GET", host="localhost.evil.example:80"),
                ],
            }
            for status, requests in cases.items():
                for number, request in enumerate(requests):
                    response = await request
                    assert response.status == status, (status, number)
                    response.leave()
            local = await host.send("POST", ping, origin="http://localhost:6274", host="localhost")
            assert local.status == 400  # a place of this machine; only the session is missing
            local.leave()

    run(check())


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("tools/call", {"mcp_method": "tools/list"}),
        ("tools/call", {"mcp_name": "another"}),
        ("tools/call", {"mcp_name": "=?base64?!?="}),
    ],
)
def test_headers_that_differ_from_the_body_are_refused(
    tmp_path: Path, method: str, headers: dict[str, str]
) -> None:
    async def check() -> None:
        spec = ServerSpec(name="echo", command=PYTHON, args=("-S", str(ECHO), "--modern"))
        async with facing(tmp_path, spec) as (url, kept):
            response = await HttpHost(url, modern=True).begin(
                1, method, {"name": "echo", "_meta": META}, **headers
            )
            assert (response.status, (await response.json())["error"]["code"]) == (400, -32020)
            assert kept.status("echo").starts == 0

    run(check())


def test_a_body_over_the_limit_is_refused_however_it_is_announced(tmp_path: Path) -> None:
    async def check() -> None:
        spec = ServerSpec(name="echo", command=PYTHON, args=("-S", str(ECHO)))
        small = Bounds(body=1000, clients=3, patience=5.0)
        async with facing(tmp_path, spec, bounds=small) as (url, _):
            host = HttpHost(url)
            said = await host.send("POST", b"x" * 1001)
            assert said.status == 413
            said.leave()
            reader, writer = await asyncio.open_connection("127.0.0.1", host.port)
            head = f"POST /mcp HTTP/1.1\r\nhost: 127.0.0.1:{host.port}\r\ntransfer-encoding: chunked\r\n\r\n"
            writer.write(head.encode() + b"800\r\n" + b"x" * 0x800 + b"\r\n")
            assert b" 413 " in await reader.readline()
            writer.close()

    run(check())


def test_an_address_that_others_can_reach_needs_to_be_meant() -> None:
    for bound in ("0.0.0.0", "192.168.1.5", "::"):
        with pytest.raises(UsageError):
            Visitors(bound)
        Visitors(bound, ["box.lan"])
    visitors = Visitors("127.0.0.2")
    assert visitors.objection({b"host": b"127.0.0.2:80"}) is None
    assert (
        Visitors("0.0.0.0", ["Box.lan"]).objection({b"host": b"box.lan:1", b"origin": b"http://box.lan"})
        is None
    )


MIRRORING = """
import json, sys
TOOL = {"name": "go", "inputSchema": {"type": "object", "properties": {"where": {"type": "string", "x-mcp-header": "Where"}}}}
RESULTS = {"server/discover": {"supportedVersions": ["2026-07-28"], "capabilities": {"tools": {}}, "serverInfo": {"name": "x", "version": "1"}},
           "tools/list": {"tools": [TOOL]}, "tools/call": {"content": []}}
for line in sys.stdin:
    message = json.loads(line)
    if "id" in message:
        result = {"resultType": "complete", **RESULTS[message["method"]]}
        print(json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": result}), flush=True)
"""


def test_arguments_that_a_tool_wants_as_headers_are_compared(tmp_path: Path) -> None:
    async def check() -> None:
        (tmp_path / "mirroring.py").write_text(MIRRORING)
        spec = ServerSpec(name="m", command=PYTHON, args=("-S", str(tmp_path / "mirroring.py")))
        async with facing(tmp_path, spec) as (url, _):
            host = HttpHost(url, modern=True)
            params = {"name": "go", "arguments": {"where": "é"}}
            assert "content" in await host.ask(1, "tools/call", params, mcp_param_where="=?base64?w6k=?=")
            for wrong in ("", "e", "=?base64?w6k?=", "=?base64?!!!!?="):
                assert (await host.ask(1, "tools/call", params, mcp_param_where=wrong))["code"] == -32020
            empty = {"name": "go", "arguments": {}}
            assert (await host.ask(1, "tools/call", empty, mcp_param_where="x"))["code"] == -32020

    run(check())


def test_the_oldest_idle_session_makes_room_for_a_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mcpctl.gateway.http.MOST_SESSIONS", 2)

    async def check() -> None:
        server = tmp_path / "server.py"
        write_build(server, "v1")
        async with facing(tmp_path, build(server)) as (url, _):
            hosts = [HttpHost(url) for _ in range(3)]
            await hosts[0].greet()
            stream = await hosts[0].listen()  # whoever listens is not idle
            await hosts[1].greet()
            await hosts[2].greet()
            assert (await hosts[0].ask(1, "tools/list"))["tools"]
            assert (await hosts[1].begin(1, "tools/list")).status == 404
            second = await hosts[2].listen()
            full = await HttpHost(url).begin(1, "initialize", {})
            assert (full.status, stream.status, second.status) == (503, 200, 200)

    run(check())


def test_a_session_that_nobody_uses_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mcpctl.gateway.http.SWEEP", 0.02)
    monkeypatch.setattr("mcpctl.gateway.http.SESSION_IDLE", 0.2)

    async def check() -> None:
        server = tmp_path / "server.py"
        write_build(server, "v1")
        async with facing(tmp_path, build(server)) as (url, kept):
            host = HttpHost(url)
            await host.greet()
            assert await host.ask(1, "tools/call", {"name": "work", "arguments": {"seconds": 0.5}})
            await until(lambda: kept.status("build").state == "stopped")
            assert (await host.begin(2, "tools/list")).status == 404

    run(check())
