"""Requests of an OAuth flow on their way: to the address that was judged, bounded, through proxies, in our words."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager

import httpx2
import mcp.client.auth
import pytest

from mcpctl.errors import AuthError, ConnectError, McpctlError
from mcpctl.model.server import ServerSpec
from mcpctl.session.oauth import faults, sender
from mcpctl.session.oauth.guard import Guard, home_of
from mcpctl.session.oauth.sender import Sender, guard_for
from tests.support import run

SPEC = ServerSpec(name="it", transport="http", url="http://127.0.0.1:1/mcp")
HERE = Guard(home=home_of("127.0.0.1", ["127.0.0.1"]))
OK = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"

Names = Callable[[str, int], Awaitable[Sequence[str]]]


def names(**known: Sequence[str]) -> Names:
    async def resolve(host: str, port: int) -> Sequence[str]:
        del port
        return known[host.partition(".")[0]]

    return resolve


@asynccontextmanager
async def answering(answer: bytes, heads: list[bytes]) -> AsyncIterator[int]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(answer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def fetched(
    url: str, *, guard: Guard = HERE, resolve: Names = sender.resolve, env: Mapping[str, str] | None = None
) -> httpx2.Response:
    return await Sender(SPEC, guard, env=env or {}, resolve=resolve).send(httpx2.Request("GET", url))


def test_a_name_is_resolved_once_and_connected_to_where_it_was_judged() -> None:
    asked: list[str] = []

    async def rebinding(host: str, port: int) -> Sequence[str]:
        del port
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"]

    async def scene() -> None:
        heads: list[bytes] = []
        async with answering(OK, heads) as port:
            answer = await fetched(f"http://as.example:{port}/token", resolve=rebinding)
        assert (answer.status_code, answer.content, asked) == (200, b"{}", ["as.example"])
        assert f"host: as.example:{port}".encode() in heads[0].lower()
        assert b"accept-encoding: identity" in heads[0].lower()

    run(scene())


def test_a_name_that_leads_into_a_private_network_is_not_connected_to() -> None:
    async def scene() -> None:
        heads: list[bytes] = []
        async with answering(OK, heads) as port:
            with pytest.raises(AuthError) as refused:
                await fetched(
                    f"https://as.example:{port}/", guard=Guard(), resolve=names(**{"as": ["127.0.0.1"]})
                )
        assert (refused.value.code, heads) == ("auth.unsafe_address", [])

    run(scene())


def test_the_next_address_is_tried_where_nobody_listens() -> None:
    async def scene() -> None:
        async with answering(OK, []) as port:
            both = names(**{"as": ["::1", "127.0.0.1"]})
            assert (await fetched(f"http://as.example:{port}/", resolve=both)).status_code == 200

    run(scene())


def test_a_redirect_is_handed_back_and_not_followed() -> None:
    async def scene() -> None:
        there = b"HTTP/1.1 307 X\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0\r\n\r\n"
        async with answering(there, []) as port:
            answer = await fetched(f"http://127.0.0.1:{port}/")
        assert answer.status_code == 307
        assert answer.next_request is not None

    run(scene())


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (b"HTTP/1.1 200 OK\r\ncontent-length: 9999999\r\n\r\n" + b"x" * (2 << 20), "auth.unusable_answer"),
        (b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\n", "auth.unusable_answer"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "connect.authorization"),
        (b"", "connect.authorization"),
    ],
)
def test_an_answer_that_cannot_be_used_is_an_error_in_words(answer: bytes, code: str) -> None:
    async def scene() -> None:
        async with answering(answer, []) as port:
            with pytest.raises(McpctlError) as failed:
                await fetched(f"http://127.0.0.1:{port}/")
        assert failed.value.code == code

    run(scene())


def test_a_silent_server_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender, "TIMEOUT", 0.05)

    async def scene() -> None:
        left = asyncio.Event()

        async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read()
            writer.close()
            await writer.wait_closed()
            left.set()

        async with await asyncio.start_server(silent, "127.0.0.1", 0) as server:
            with pytest.raises(ConnectError) as failed:
                await fetched(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
            await left.wait()
        assert failed.value.kind == "timeout"

    run(scene())


def test_names_that_nobody_knows_and_ports_where_nobody_listens_are_told() -> None:
    async def unknown(host: str, port: int) -> Sequence[str]:
        raise OSError(-2, "Name or service not known")

    async def scene() -> None:
        with pytest.raises(ConnectError, match="name or service not known"):
            await fetched("https://as.example/", resolve=unknown)
        with pytest.raises(ConnectError, match=r"`127\.0\.0\.1` cannot be reached"):
            await fetched("http://127.0.0.1:1/")

    run(scene())


def test_a_proxy_is_used_and_bad_addresses_are_refused_before_it_is_asked() -> None:
    async def scene() -> None:
        heads: list[bytes] = []
        refusal = b"HTTP/1.1 502 X\r\ncontent-length: 0\r\n\r\n"
        async with answering(refusal, heads) as port:
            env = {"HTTPS_PROXY": f"http://user:pass@127.0.0.1:{port}"}
            with pytest.raises(ConnectError):
                await fetched("https://as.example/token", env=env)
            for url in ("https://10.0.0.1/", "http://as.example/"):
                with pytest.raises(AuthError):
                    await fetched(url, env={**env, "HTTP_PROXY": env["HTTPS_PROXY"]})
        assert len(heads) == 1
        assert heads[0].startswith(b"CONNECT as.example:443")
        assert b"proxy-authorization: basic" in heads[0].lower()

    run(scene())


def test_a_server_without_an_address_of_its_own_has_no_home() -> None:
    async def unknown(host: str, port: int) -> Sequence[str]:
        raise OSError(-2, "no")

    async def scene() -> None:
        spec = ServerSpec(name="it", transport="http", url="https://mcp.example/mcp")
        assert (await guard_for(spec, resolve=unknown)).home == frozenset()
        assert (await guard_for(SPEC)).home == HERE.home

    run(scene())


def errors_of(module: object) -> list[type[Exception]]:
    found = (each for _, each in inspect.getmembers(module, inspect.isclass))
    return [each for each in found if issubclass(each, Exception) and not issubclass(each, Warning)]


@pytest.mark.parametrize("kind", errors_of(mcp.client.auth), ids=lambda kind: kind.__name__)
def test_every_error_of_the_sdk_has_a_translation(kind: type[Exception]) -> None:
    assert issubclass(kind, faults.known())
    translated = faults.translated(kind("Something. Went\nwrong."), None)
    assert isinstance(translated, AuthError)
    assert translated.message[0].islower()
    assert "\n" not in translated.message


def test_every_error_of_a_request_has_a_translation() -> None:
    transport = {each for each in errors_of(httpx2) if issubclass(each, httpx2.HTTPError)}
    # What is left is about using the library wrongly, or its cookies, which nothing here has.
    assert {each.__name__ for each in set(errors_of(httpx2)) - transport} == {
        "CookieConflict",
        "InvalidURL",
        "RequestNotRead",
        "ResponseNotRead",
        "StreamClosed",
        "StreamConsumed",
        "StreamError",
    }
    assert issubclass(httpx2.InvalidURL, faults.known())


def test_a_server_that_is_not_well_is_no_refusal() -> None:
    request = httpx2.Request("POST", "https://as.example/token?x=secret")
    for status in (429, 500, 503):
        answer = httpx2.Response(status, request=request, content=b"{}")
        error = faults.translated(mcp.client.auth.OAuthTokenError("Token exchange failed"), answer)
        assert isinstance(error, ConnectError)
        assert "secret" not in error.message


def test_a_state_that_is_not_ours_is_not_quoted() -> None:
    error = faults.translated(mcp.client.auth.OAuthFlowError("State parameter mismatch: a != b"), None)
    assert (error.code, "a != b" in error.message) == ("auth.state", False)
