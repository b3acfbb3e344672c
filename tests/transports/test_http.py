"""Streamable HTTP against a server that does exactly what the test says."""

from __future__ import annotations

import asyncio
import json
import socket
import struct

import pytest

from mcpctl.errors import AuthError, ConfigError, ConnectError, DeadlineError, ProtocolError, UsageError
from mcpctl.model.server import LimitsSpec
from mcpctl.transports import http as transport
from tests.servers.http_scripted import Asked, Scripted, polite, serving, with_calls
from tests.support import run
from tests.transports.remotes import MODERN, PROTOCOL, Recorder, call, channel, failure


def test_a_session_is_opened_kept_and_ended() -> None:
    async def main() -> Scripted:
        async with serving(polite) as server, channel(server.url(), shake_hands=True) as http:
            assert http.facts.session_id == "s1"
            assert json.loads(await call(http)) == {"said": "tools/call"}
        return server

    server = run(main())
    assert server.methods() == ["initialize", "notifications/initialized", "tools/call", "DELETE"]
    assert "mcp-session-id" not in server.asked[0].headers
    assert "mcp-protocol-version" not in server.asked[0].headers
    for asked in server.asked[1:]:
        assert asked.headers["mcp-session-id"] == "s1"
        assert asked.headers["mcp-protocol-version"] == PROTOCOL
    assert server.connections == 1


def test_only_the_answer_to_initialize_opens_a_session() -> None:
    async def handler(asked: Asked) -> None:
        await asked.result({}, "mcp-session-id: smuggled")

    async def main() -> None:
        async with serving(handler) as server, channel(server.url()) as http:
            await http.request("server/discover", {}, timeout=30)
            assert http.facts.session_id is None

    run(main())


@pytest.mark.parametrize("session", ["x" * 5000, "\x80"])
def test_a_session_id_that_cannot_be_sent_back_is_the_server_s_fault(session: str) -> None:
    async def handler(asked: Asked) -> None:
        body = asked.message(result={})
        await asked.raw(f"HTTP/1.1 200 OK\r\nmcp-session-id: {session}\r\n".encode("latin-1"))
        await asked.raw(b"content-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body))

    async def main() -> None:
        async with serving(handler) as server, channel(server.url()) as http:
            error = await failure(http.request("initialize", {}, timeout=30))
            assert isinstance(error, ProtocolError)
            assert "session id" in error.message

    run(main())


def test_an_address_of_the_newer_internet_is_reached() -> None:
    async def main() -> None:
        try:
            async with serving(polite, host="::1") as server, channel(server.url(host="[::1]")) as http:
                await call(http)
                assert server.asked[0].headers["host"] == f"[::1]:{server.port}"
        except OSError as error:
            pytest.skip(f"no IPv6 here: {error}")

    run(main())


def test_every_request_asks_for_json_or_events_and_for_nothing_packed() -> None:
    async def main() -> Asked:
        headers = {"Authorization": "Bearer t", "Accept-Encoding": "gzip"}
        async with serving(polite) as server, channel(server.url("/a?k=v"), headers=headers) as http:
            await call(http)
        return server.asked[0]

    asked = run(main())
    assert asked.target == "/a?k=v"
    assert asked.headers["accept"] == "application/json, text/event-stream"
    assert asked.headers["accept-encoding"] == "identity"
    assert asked.headers["content-type"] == "application/json"
    assert asked.headers["authorization"] == "Bearer t"
    assert asked.headers["user-agent"].startswith("mcpctl/")


def test_headers_of_one_request_take_the_place_of_common_ones() -> None:
    async def main() -> Asked:
        async with serving(polite) as server, channel(server.url(), headers={"X-Team": "red"}) as http:
            http.adopt(MODERN, stateless=True)
            headers = {"mcp-protocol-version": "other", "Mcp-Name": "echo", "x-team": "blue"}
            await call(http, headers=headers)
            await call(http)
        assert server.asked[1].headers["x-team"] == "red"
        assert server.asked[1].headers["mcp-protocol-version"] == MODERN
        return server.asked[0]

    asked = run(main())
    assert asked.headers["mcp-protocol-version"] == "other"
    assert asked.headers["mcp-name"] == "echo"
    assert asked.headers["x-team"] == "blue"


@pytest.mark.parametrize(
    "headers",
    [{"X": "a\r\nY: b"}, {"X": "snow \N{SNOWMAN}"}, {"X Y": "a"}, {"": "a"}, {"Content-Length": "3"}],
)
def test_a_header_that_would_break_the_request_is_refused_before_anything_is_sent(
    headers: dict[str, str],
) -> None:
    async def main() -> None:
        async with serving(polite) as server:
            async with channel(server.url()) as http:
                assert isinstance(await failure(call(http, headers=headers)), UsageError)
                await call(http)
            with pytest.raises(ConfigError) as caught:
                async with channel(server.url(), headers=headers):
                    pass
            assert caught.value.code == "config.header"
            assert len(server.asked) == 1

    run(main())


def test_the_user_of_a_url_becomes_basic_authentication_and_is_never_shown() -> None:
    async def main() -> None:
        async with serving(polite) as server:
            url = server.url().replace("//", "//me:s3cr%40t@")
            async with channel(url) as http:
                await call(http)
                assert "s3cr" not in repr(http.endpoint.address)
        assert server.asked[0].headers["authorization"] == "Basic bWU6czNjckB0"

    run(main())


def test_an_answer_may_come_on_a_stream_behind_messages_and_questions() -> None:
    async def streamed(asked: Asked) -> None:
        await asked.stream()
        await asked.raw(b"9\r\n: hello\n\n\r\n")
        await asked.event({"jsonrpc": "2.0", "method": "notifications/progress", "params": {"progress": 1}})
        await asked.event({"jsonrpc": "2.0", "id": 7, "method": "sampling/createMessage", "params": {}})
        await asked.event({"jsonrpc": "2.0", "id": 8, "method": "refuse/me"})
        await asked.event({"jsonrpc": "2.0", "id": 9, "method": "ping"}, "event: message")
        await asked.event({"jsonrpc": "2.0", "id": 10, "method": "never/heard"}, "event: other")
        await asked.event(asked.message(result={"ok": True}).decode())
        await asked.end()

    async def main() -> None:
        inbox = Recorder()
        async with serving(with_calls(streamed)) as server, channel(server.url(), inbox=inbox) as http:
            assert json.loads(await call(http)) == {"ok": True}
            assert inbox.heard == [("notifications/progress", b'{"progress": 1}')]
            while len(server.named("answer")) < 3:
                await asyncio.sleep(0.001)
        answers = {one.rpc["id"]: one.rpc for one in server.named("answer")}
        assert answers[7]["result"] == {"answer": "sampling/createMessage"}
        assert answers[8]["error"]["code"] == -32601
        assert answers[9]["result"] == {}
        assert inbox.questions == ["sampling/createMessage", "refuse/me"]

    run(main())


def test_a_stream_that_stays_open_after_its_answer_is_closed() -> None:
    async def hanging(asked: Asked) -> None:
        await asked.stream()
        await asked.event(asked.message(result={}).decode())
        await asked.gone()
        closed.set()

    closed = asyncio.Event()

    async def main() -> None:
        async with serving(with_calls(hanging)) as server, channel(server.url()) as http:
            await call(http)
            await asyncio.wait_for(closed.wait(), 2)

    run(main())


def test_answers_find_their_calls_in_whatever_order_they_come() -> None:
    async def main() -> None:
        gate = asyncio.Event()

        async def handler(asked: Asked) -> None:
            number = asked.rpc["params"]["number"]
            if number == 0:
                await gate.wait()
            elif number == 9:
                gate.set()
            await asked.result({"number": number})

        async with serving(handler) as server, channel(server.url()) as http:
            calls = [http.request("x", {"number": number}, timeout=30) for number in range(10)]
            answers = await asyncio.gather(*calls)
            assert [json.loads(answer)["number"] for answer in answers] == list(range(10))

    run(main())


def test_a_call_given_up_in_the_handshake_era_is_cancelled_by_a_message() -> None:
    async def main() -> None:
        closed = asyncio.Event()

        async def silent(asked: Asked) -> None:
            await asked.gone()
            closed.set()

        async with serving(with_calls(silent)) as server, channel(server.url(), shake_hands=True) as http:
            error = await failure(call(http, timeout=0.1, request_id="mine"))
            assert isinstance(error, DeadlineError)
            assert (error.step, error.limit) == ("call", 0.1)
            await asyncio.wait_for(closed.wait(), 2)
            while not server.named("notifications/cancelled"):
                await asyncio.sleep(0.001)
            assert server.named("notifications/cancelled")[0].rpc["params"]["requestId"] == "mine"

    run(main())


@pytest.mark.parametrize(("stateless", "cancellable"), [(True, True), (False, False)])
def test_elsewhere_closing_the_connection_is_all_the_server_hears(
    *, stateless: bool, cancellable: bool
) -> None:
    async def main() -> None:
        closed = asyncio.Event()

        async def silent(asked: Asked) -> None:
            await asked.gone()
            closed.set()

        async with serving(with_calls(silent)) as server, channel(server.url()) as http:
            http.adopt(MODERN, stateless=stateless)
            task = asyncio.create_task(call(http, timeout=None, cancellable=cancellable))
            while not server.asked:
                await asyncio.sleep(0.001)
            task.cancel()
            await asyncio.wait_for(closed.wait(), 2)
            assert await http.request("tools/list", {}, timeout=30)
        assert server.methods() == ["tools/call", "tools/list"]

    run(main())


def test_a_deadline_covers_the_connection_too() -> None:
    async def main() -> None:
        async def nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read()
            writer.close()

        silent = await asyncio.start_server(nothing, "127.0.0.1", 0)
        async with silent:
            port = silent.sockets[0].getsockname()[1]
            # TLS waits for a hello that never comes.
            async with channel(f"https://127.0.0.1:{port}/") as http:
                error = await failure(call(http, timeout=0.1))
                assert isinstance(error, DeadlineError)

    run(main())


def test_a_dead_port_is_named() -> None:
    async def main() -> None:
        async with serving(polite) as server:
            url = server.url()
        async with channel(url) as http:
            error = await failure(call(http))
            assert isinstance(error, ConnectError)
            assert error.code == "connect.refused"
            assert f"127.0.0.1:{server.port}" in error.message
            assert error.server == "it"

    run(main())


def test_a_host_that_nobody_knows_is_named() -> None:
    async def main() -> None:
        async with channel("http://no-such-host.invalid/mcp") as http:
            error = await failure(call(http, timeout=30))
            # Without a network the resolver may take its time; then the deadline speaks.
            assert error.code in ("connect.dns", "deadline.call")

    run(main())


def test_several_addresses_of_a_name_are_tried_until_one_answers() -> None:
    async def main() -> None:
        async with serving(polite) as server, channel(server.url(host="localhost")) as http:
            assert await call(http)

    run(main())


def test_credentials_are_asked_for_once_and_the_call_goes_out_again() -> None:
    async def guarded(asked: Asked) -> None:
        if asked.headers.get("authorization") == "Bearer new":
            await polite(asked)
        else:
            await asked.reply(401, b"", 'www-authenticate: Bearer realm="r"', "www-authenticate: Basic")

    async def main() -> None:
        challenges: list[tuple[int, str | None]] = []

        async def authorize(status: int, challenge: str | None) -> dict[str, str]:
            challenges.append((status, challenge))
            await asyncio.sleep(0)
            return {"Authorization": "Bearer new"}

        async with serving(guarded) as server:
            url = server.url()
            async with channel(url, headers={"authorization": "Bearer old"}, authorize=authorize) as http:
                await asyncio.gather(*(call(http) for _ in range(5)))
                await call(http)
        assert challenges == [(401, 'Bearer realm="r", Basic')]
        assert len(server.asked) == 5 + 5 + 1

    run(main())


def test_credentials_that_are_refused_again_end_the_call() -> None:
    async def guarded(asked: Asked) -> None:
        await asked.reply(403, b'{"error": {"message": "not you"}}')

    async def main() -> None:
        async def authorize(status: int, challenge: str | None) -> dict[str, str]:
            return {"authorization": "Bearer other"}

        async with serving(guarded) as server, channel(server.url(), authorize=authorize) as http:
            error = await failure(call(http))
            assert isinstance(error, AuthError)
            assert error.code == "auth.refused"
            assert error.message.endswith("(HTTP 403): not you")
            assert len(server.asked) == 2

    run(main())


def test_a_challenge_is_kept_where_nobody_can_answer_it() -> None:
    async def guarded(asked: Asked) -> None:
        await asked.reply(401, b"", 'www-authenticate: Bearer resource_metadata="http://x/m"')

    async def main() -> None:
        async with serving(guarded) as server, channel(server.url()) as http:
            error = await failure(call(http))
            assert isinstance(error, AuthError)
            assert error.www_authenticate == 'Bearer resource_metadata="http://x/m"'
            assert error.http_status == 401

    run(main())


@pytest.mark.parametrize(("status", "identity"), [(400, "own"), (404, "own"), (400, None), (500, "own")])
def test_an_rpc_error_in_a_refusal_counts_as_the_answer(status: int, identity: str | None) -> None:
    async def refusing(asked: Asked) -> None:
        error = {"code": -32601, "message": "Method not found", "data": {"x": 1}}
        body = {"jsonrpc": "2.0", "id": asked.rpc["id"] if identity else None, "error": error}
        await asked.reply(status, json.dumps(body).encode())

    async def main() -> None:
        async with serving(with_calls(refusing)) as server, channel(server.url(), shake_hands=True) as http:
            error = await failure(call(http))
            assert isinstance(error, ProtocolError)
            assert (error.rpc_code, error.rpc_data, error.http_status) == (-32601, {"x": 1}, status)
            assert http.alive

    run(main())


@pytest.mark.parametrize(
    ("status", "refusal"),
    [
        (404, {"code": -32001, "message": "Session not found"}),
        (400, {"code": -32000, "message": "Bad Request: No valid session ID provided"}),
    ],
)
def test_a_forgotten_session_ends_the_channel_but_not_the_calls_under_way(
    status: int, refusal: dict[str, object]
) -> None:
    async def main() -> None:
        release = asyncio.Event()

        async def forgetful(asked: Asked) -> None:
            if asked.rpc["params"]["name"] == "slow":
                await release.wait()
                await asked.result({"slow": True})
            else:
                body = {"jsonrpc": "2.0", "id": None, "error": refusal}
                await asked.reply(status, json.dumps(body).encode())

        inbox = Recorder()
        handler = with_calls(forgetful)
        async with serving(handler) as server, channel(server.url(), inbox=inbox, shake_hands=True) as http:
            slow = asyncio.create_task(http.request("tools/call", {"name": "slow"}, timeout=30))
            error = await failure(call(http))
            assert isinstance(error, ConnectError)
            assert error.code == "connect.session_lost"
            assert error.kind == "connection_lost"
            assert not http.alive
            assert (await failure(call(http))).code == "connect.session_lost"
            assert inbox.losses == []
            release.set()
            assert json.loads(await slow) == {"slow": True}
            await inbox.arrived.wait()
            assert [loss.code for loss in inbox.losses] == ["connect.session_lost"]
        assert "DELETE" not in server.methods()

    run(main())


@pytest.mark.parametrize(
    ("body", "kind", "code"),
    [
        (b"Bad Request: No valid session ID provided", "text/plain", "connect.session_lost"),
        (b"Bad Request: no such header", "text/plain", "connect.http_status"),
        (
            b'{"jsonrpc":"2.0","id":null,"error":{"code":-32602,"message":"unknown chat session"}}',
            "application/json",
            "protocol.rpc_error",
        ),
    ],
)
def test_a_bad_request_is_a_forgotten_session_only_in_those_words(body: bytes, kind: str, code: str) -> None:
    async def main() -> None:
        async def refusing(asked: Asked) -> None:
            await asked.reply(400, body, kind=kind)

        async with serving(with_calls(refusing)) as server, channel(server.url(), shake_hands=True) as http:
            assert (await failure(call(http))).code == code

    run(main())


@pytest.mark.parametrize(
    ("value", "low", "high"),
    [("2", 2, 2), ("Thu, 01 Jan 1970 00:00:00 GMT", 0, 0), ("Fri, 01 Jan 2100 00:00:00 GMT", 86400, 86400)],
)
def test_a_busy_server_says_how_long_to_wait(value: str, low: float, high: float) -> None:
    async def busy(asked: Asked) -> None:
        await asked.reply(429, b"", f"retry-after: {value}")

    async def main() -> None:
        async with serving(with_calls(busy)) as server, channel(server.url()) as http:
            error = await failure(call(http))
            assert isinstance(error, ConnectError)
            assert error.kind == "server_busy"
            assert error.retry_after is not None
            assert low <= error.retry_after <= high

    run(main())


def test_a_wait_that_cannot_be_read_is_none() -> None:
    async def busy(asked: Asked) -> None:
        await asked.reply(503, b"", "retry-after: soon")

    async def main() -> None:
        async with serving(with_calls(busy)) as server, channel(server.url()) as http:
            error = await failure(call(http))
            assert isinstance(error, ConnectError)
            assert error.retry_after is None

    run(main())


def test_a_permanent_redirect_is_remembered_and_a_temporary_one_is_not() -> None:
    async def moving(asked: Asked) -> None:
        if asked.target == "/old":
            await asked.reply(308, b"", "location: /new", kind="")
        elif asked.target == "/new":
            await asked.reply(307, b"", "location: ?there", kind="")
        else:
            await polite(asked)

    async def main() -> None:
        async with serving(moving) as server, channel(server.url("/old")) as http:
            await call(http)
            await call(http)
        assert [one.target for one in server.asked] == ["/old", "/new", "/new?there", "/new", "/new?there"]

    run(main())


@pytest.mark.parametrize(
    ("status", "location", "why"),
    [
        (307, "http://localhost:{port}/mcp", "it is another origin"),
        (307, "http://user:pw@127.0.0.1:{port}/mcp", "it brings credentials"),
        (308, "https://127.0.0.1:{port}/mcp", "it changes between"),
        (303, "/mcp", "it would turn the request"),
        (307, "file:///etc/passwd", "it is no HTTP address"),
        (307, "", "it is no HTTP address"),
    ],
)
def test_a_redirect_that_leads_astray_is_named_and_not_followed(status: int, location: str, why: str) -> None:
    async def main() -> None:
        async def leading(asked: Asked) -> None:
            await asked.reply(status, b"", f"location: {location.format(port=server.port)}", kind="")

        async with serving(leading) as server, channel(server.url(), headers={"x-secret": "s"}) as http:
            error = await failure(call(http))
            assert isinstance(error, ConnectError)
            assert error.code == "connect.redirect"
            assert why in error.message
            assert "pw" not in error.message
            assert len(server.asked) == 1

    run(main())


def test_a_body_over_the_cap_is_refused_however_its_length_is_told() -> None:
    async def large(asked: Asked) -> None:
        body = asked.message(result={"x": "y" * 5000})
        if asked.rpc["params"].get("chunked"):
            await asked.head(200, "content-type: application/json", "transfer-encoding: chunked")
            await asked.raw(b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body))
        else:
            await asked.reply(200, body)

    async def main() -> None:
        limits = LimitsSpec(max_message=1000)
        async with serving(with_calls(large)) as server, channel(server.url(), limits=limits) as http:
            for params in ({}, {"chunked": True}):
                error = await failure(http.request("tools/call", params, timeout=30))
                assert error.code == "protocol.too_large"
                assert "1000 bytes" in error.message
            assert http.facts.oversize == 2
            assert await http.request("tools/list", {}, timeout=30)

    run(main())


def test_a_notification_waits_until_the_server_took_it() -> None:
    async def main() -> None:
        async with serving(polite) as server, channel(server.url()) as http:
            await http.notify("notifications/initialized", {"a": 1})
            assert server.asked[0].rpc == {
                "jsonrpc": "2.0",
                "method": "notifications/initialized",
                "params": {"a": 1},
            }

    run(main())


def test_a_server_that_refuses_notifications_is_left_in_its_belief() -> None:
    async def handler(asked: Asked) -> None:
        await asked.reply(400, b"missing id", kind="text/plain")

    async def main() -> None:
        async with serving(handler) as server, channel(server.url()) as http:
            await http.notify("notifications/initialized", None)
            assert server.methods() == ["notifications/initialized"]
            assert http.alive

    run(main())


def test_a_notification_that_nobody_takes_runs_into_the_write_timeout() -> None:
    async def main() -> None:
        async def handler(asked: Asked) -> None:
            await asked.gone()

        limits = LimitsSpec(write_timeout=0.1)
        async with serving(handler) as server, channel(server.url(), limits=limits) as http:
            error = await failure(http.notify("notifications/initialized", None))
            assert isinstance(error, DeadlineError)
            assert error.step == "notify"

    run(main())


def test_a_flood_of_questions_is_answered_within_bounds() -> None:
    async def main() -> None:
        async def flooding(asked: Asked) -> None:
            if asked.rpc.get("method") != "tools/call":
                await asked.gone()
                return
            await asked.stream()
            for number in range(2000):
                await asked.event({"jsonrpc": "2.0", "id": number, "method": "ping"})
            await asked.event(asked.message(result={}).decode())
            await asked.end()

        async with serving(flooding) as server, channel(server.url()) as http:
            await call(http)
            assert len(http._messages) <= 64

    run(main())


def test_a_goodbye_that_hangs_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "FAREWELL", 0.05)

    async def main() -> None:
        async def handler(asked: Asked) -> None:
            if asked.method == "DELETE":
                await asked.gone()
            await polite(asked)

        async with serving(handler) as server, channel(server.url(), shake_hands=True):
            pass
        assert "DELETE" in server.methods()

    run(main(), timeout=30)


def test_closing_ends_what_is_under_way_and_may_be_done_twice() -> None:
    async def main() -> None:
        async def silent(asked: Asked) -> None:
            await asked.gone()

        async with serving(silent) as server, channel(server.url()) as http:
            pending = [asyncio.create_task(failure(call(http, timeout=None))) for _ in range(3)]
            pending.append(asyncio.create_task(failure(http.notify("x", None))))
            while len(server.asked) < 4:
                await asyncio.sleep(0.001)
            await http.aclose()
            await http.aclose()
            assert {error.code for error in await asyncio.gather(*pending)} == {"connect.closed"}
            assert (await failure(call(http))).code == "connect.closed"
            assert not http.alive

    run(main())


def test_everything_on_the_wire_can_be_tapped() -> None:
    async def main() -> None:
        from mcpctl.model.server import ServerSpec
        from mcpctl.transports.http import HttpChannel

        seen: list[tuple[str, bytes]] = []
        async with serving(polite) as server:
            spec = ServerSpec(name="it", transport="http", url=server.url())
            http = HttpChannel(spec, Recorder(), env={}, tap=lambda way, data: seen.append((way, data)))
            await http.open()
            await call(http)
            await http.notify("n", None)
            await http.aclose()
        assert [way for way, _ in seen] == ["out", "in", "out"]
        assert json.loads(seen[1][1])["result"] == {"said": "tools/call"}

    run(main())


@pytest.mark.parametrize("kind", ["application/json", "text/event-stream"])
@pytest.mark.parametrize(
    "answer",
    [
        '{"jsonrpc":"2.0","id":ID,"result":{"x":NaN}}',
        '{"jsonrpc":"2.0","id":ID,"result":[1]}',
        '{"jsonrpc":"2.0","id":ID}',
        '{"jsonrpc":"1.0","id":ID,"result":{}}',
        '{"jsonrpc":"2.0","id":ID,"result":{"x":"\udcff"}}',
        '{"jsonrpc":"2.0","id":ID,"result":' + '{"x":' * 100_000 + "1" + "}" * 100_000 + "}",
        '{"jsonrpc":"2.0","id":ID,"error":"no"}',
    ],
    ids=["nan", "array", "neither", "version", "utf-8", "deep", "error"],
)
def test_an_answer_that_breaks_the_rules_costs_its_one_call(kind: str, answer: str) -> None:
    async def breaking(asked: Asked) -> None:
        body = answer.replace("ID", str(asked.rpc["id"])).encode("utf-8", "surrogateescape")
        if kind == "text/event-stream":
            body = b"data: " + body + b"\n\n"
        await asked.reply(200, body, kind=kind)

    async def main() -> None:
        async with serving(with_calls(breaking)) as server, channel(server.url()) as http:
            error = await failure(call(http))
            assert isinstance(error, ProtocolError)
            assert error.code == "protocol.malformed"
            assert await http.request("tools/list", {}, timeout=30)

    run(main())


@pytest.mark.parametrize("started", [False, True])
def test_a_reset_costs_one_call_and_none_of_its_neighbours(*, started: bool) -> None:
    async def main() -> None:
        release = asyncio.Event()

        async def resetting(asked: Asked) -> None:
            if asked.rpc["params"].get("name") == "slow":
                await release.wait()
                await asked.result({})
                return
            if started:
                await asked.raw(
                    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{"
                )
                await asyncio.sleep(0.02)  # what a reset overtakes is never read
            sock = asked.writer.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            asked.writer.transport.abort()

        async with serving(with_calls(resetting)) as server, channel(server.url()) as http:
            slow = asyncio.create_task(http.request("tools/call", {"name": "slow"}, timeout=30))
            error = await failure(http.request("tools/call", {}, timeout=30))
            assert isinstance(error, ConnectError)
            assert error.code == "connect.reset"
            assert ("in the middle of an answer" if started else "without answering") in error.message
            release.set()
            await slow

    run(main())
