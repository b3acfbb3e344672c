"""Proxies: which one the environment asks for, and what goes through it."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from mcpctl.errors import ConfigError, ConnectError
from mcpctl.wire.address import parse_address
from mcpctl.wire.proxy import proxy_for
from tests.servers.http_scripted import polite, serving
from tests.support import run
from tests.transports.remotes import call, channel, failure
from tests.wire.certificates import make_certificates


@dataclass(slots=True)
class Proxy:
    port: int = 0
    upstream: int = 0
    heads: list[str] = field(default_factory=list)


@asynccontextmanager
async def proxying(
    upstream: int, *, answer: bytes | None = None, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Proxy]:
    """A proxy to whom every name is `upstream`; or one that gives the same answer to all."""
    proxy = Proxy(upstream=upstream)

    async def copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await source.read(1 << 16):
                target.write(data)
        target.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        proxy.heads.append(head.decode())
        if answer is not None:
            writer.write(answer)
            writer.close()
            return
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", proxy.upstream)
        if head.startswith(b"CONNECT"):
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        else:
            first, _, rest = head.partition(b"\r\n")
            method, url, version = first.split(b" ")
            far_writer.write(b" ".join([method, b"/" + url.split(b"/", 3)[3], version]) + b"\r\n" + rest)
        await asyncio.gather(copy(reader, far_writer), copy(far_reader, writer))

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    proxy.port = server.sockets[0].getsockname()[1]
    async with server:
        yield proxy


def test_plain_http_names_the_whole_url_to_its_proxy() -> None:
    async def main() -> None:
        async with serving(polite) as server, proxying(server.port) as proxy:
            env = {"HTTP_PROXY": f"http://me:p%40ss@127.0.0.1:{proxy.port}"}
            async with channel("http://upstream.test/mcp?k=v", env=env) as http:
                await call(http)
                await call(http)
            assert server.asked[0].target == "/mcp?k=v"
            assert server.asked[0].headers["host"] == "upstream.test"
            assert proxy.heads[0].startswith("POST http://upstream.test/mcp?k=v HTTP/1.1\r\n")
            assert "proxy-authorization: Basic bWU6cEBzcw==" in proxy.heads[0]
            assert len(proxy.heads) == 1

    run(main())


def test_https_goes_through_a_tunnel_that_sees_nothing(tmp_path: Path) -> None:
    certificates = make_certificates(tmp_path)

    async def main() -> None:
        async with (
            serving(polite, tls=certificates.server_context()) as server,
            proxying(server.port) as proxy,
        ):
            env = {"https_proxy": f"me:pw@127.0.0.1:{proxy.port}"}
            url, ca_file = "https://upstream.test/mcp", str(certificates.authority)
            async with channel(url, env=env, ca_file=ca_file, headers={"x": "y"}) as http:
                await call(http)
                await call(http)
            assert server.asked[1].headers["x"] == "y"
            assert "proxy-authorization" not in server.asked[0].headers
            assert len(proxy.heads) == 1
            assert proxy.heads[0].startswith("CONNECT upstream.test:443 HTTP/1.1\r\n")
            assert "proxy-authorization: Basic bWU6cHc=" in proxy.heads[0]

    run(main())


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_may_be_reached_over_tls_itself(scheme: str, tmp_path: Path) -> None:
    certificates = make_certificates(tmp_path)

    async def main() -> None:
        context = certificates.server_context()
        inner = context if scheme == "https" else None
        async with serving(polite, tls=inner) as server, proxying(server.port, tls=context) as proxy:
            env = {"ALL_PROXY": f"https://localhost:{proxy.port}"}
            url, ca_file = f"{scheme}://upstream.test/mcp", str(certificates.authority)
            async with channel(url, env=env, ca_file=ca_file) as http:
                await call(http)
            assert len(proxy.heads) == 1

    run(main())


@pytest.mark.parametrize(
    ("answer", "code", "words"),
    [
        (b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "connect.proxy", "answered 407 to a tunnel"),
        (b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n", "connect.proxy", "answered 403 to a tunnel"),
        (b"SSH-2.0\r\n\r\n", "protocol.malformed", "did not answer in HTTP"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 20000, "connect.proxy", "answered 200"),
        (b"", "connect.proxy", "closed the connection without opening a tunnel"),
    ],
    ids=["credentials", "forbidden", "ssh", "endless", "nothing"],
)
def test_a_proxy_that_refuses_is_the_one_to_blame(answer: bytes, code: str, words: str) -> None:
    async def main() -> None:
        async with proxying(0, answer=answer) as proxy:
            env = {"HTTPS_PROXY": f"http://me:pw@127.0.0.1:{proxy.port}"}
            async with channel("https://upstream.test/mcp", env=env) as http:
                error = await failure(call(http))
                assert error.code == code
                assert f"the proxy `127.0.0.1:{proxy.port}`" in error.message
                assert words in error.message
                assert "pw" not in error.message

    run(main())


def test_a_proxy_that_is_not_there_is_named() -> None:
    async def main() -> None:
        async with proxying(0) as proxy:
            port = proxy.port
        async with channel("http://upstream.test/mcp", env={"ALL_PROXY": f"127.0.0.1:{port}"}) as http:
            error = await failure(call(http))
            assert isinstance(error, ConnectError)
            assert error.code == "connect.refused"
            assert error.message.startswith("the proxy is no way to `upstream.test:80`: ")
            assert f"127.0.0.1:{port}" in error.message

    run(main())


@pytest.mark.parametrize(
    ("url", "env", "proxy"),
    [
        ("http://a/", {}, None),
        ("http://a/", {"HTTP_PROXY": "http://p:1"}, "p:1"),
        ("http://a/", {"HTTP_PROXY": "http://p:1", "http_proxy": "http://q:2"}, "q:2"),
        ("https://a/", {"HTTP_PROXY": "http://p:1"}, None),
        ("https://a/", {"ALL_PROXY": "p:1"}, "p:1"),
        ("https://a/", {"HTTPS_PROXY": " ", "ALL_PROXY": "p:1"}, "p:1"),
        ("https://a/", {"HTTPS_PROXY": "https://p"}, "p:443"),
    ],
)
def test_the_environment_chooses_the_proxy(url: str, env: dict[str, str], proxy: str | None) -> None:
    found = proxy_for(parse_address(url), env)
    assert (found and found.authority) == proxy


@pytest.mark.parametrize(
    ("host", "exceptions", "direct"),
    [
        ("a.example.com", "example.com", True),
        ("a.example.com", ".example.com", True),
        ("a.example.com", "*.example.com", True),
        ("example.com", ".example.com", True),
        ("badexample.com", "example.com", False),
        ("a.example.com", "other.com, example.com ,x", True),
        ("a.example.com", "*", True),
        ("a.example.com", "example.com:8080", True),
        ("a.example.com", "example.com:81", False),
        ("10.1.2.3", "10.0.0.0/8", True),
        ("11.1.2.3", "10.0.0.0/8", False),
        ("a.example.com", "10.0.0.0/8", False),
        ("127.0.0.1", "127.0.0.1", True),
        ("[::1]", "::1", True),
        ("[::1]", "[::1]:8080", True),
        ("[fe80::1]", "fe80::/10", True),
        ("a", "", False),
        ("a", ",,", False),
        ("a", ".", False),
    ],
)
def test_exceptions_are_reached_directly(host: str, exceptions: str, direct: bool) -> None:
    env = {"HTTP_PROXY": "http://p:1", "NO_PROXY": exceptions}
    assert (proxy_for(parse_address(f"http://{host}:8080/"), env) is None) == direct


@pytest.mark.parametrize("value", ["socks5://p:1", "http://", "http://p:99999"])
def test_a_proxy_that_cannot_be_used_names_its_variable_and_keeps_its_password(value: str) -> None:
    with pytest.raises(ConfigError, match="`ALL_PROXY`") as caught:
        proxy_for(parse_address("http://a/"), {"ALL_PROXY": value.replace("//p", "//me:pw@p")})
    assert "pw" not in caught.value.message
    assert caught.value.__cause__ is None or "pw" not in str(caught.value.__cause__)
