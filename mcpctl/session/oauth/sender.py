"""Sends the requests of an OAuth flow, each to the very address that was judged, bounded in time and size.

Names are resolved once, here: what the guard saw is what is connected to, whatever a name means a moment later.
Redirects are left to the flow, so that every one of them comes past the guard again.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mcpctl import __version__
from mcpctl.errors import AuthError, ConnectError
from mcpctl.model.server import ServerSpec
from mcpctl.session.oauth.guard import Guard, addresses_of, home_of
from mcpctl.wire.address import parse_address
from mcpctl.wire.proxy import proxy_for
from mcpctl.wire.tls import tls_context, tls_files

if TYPE_CHECKING:
    import httpx2

TIMEOUT = 30.0
"""Seconds for one request, from the name to the last byte."""

CONNECT_TIMEOUT = 10.0

MAX_BODY = 1 << 20
"""Bytes of an answer: metadata and tokens are a few thousand."""

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


async def resolve(host: str, port: int) -> Sequence[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(each[4][0]) for each in found]


async def guard_for(spec: ServerSpec, *, resolve: Resolve = resolve) -> Guard:
    """What a server's own place allows."""
    address = parse_address(spec.url or "")
    try:
        found = await resolve(address.host, address.port)
    except OSError:  # behind a proxy, names may mean nothing here
        found = ()
    return Guard(
        home=home_of(address.host, found), trusted=spec.oauth.allow_hosts if spec.oauth is not None else ()
    )


class Sender:
    def __init__(
        self, spec: ServerSpec, guard: Guard, *, env: Mapping[str, str], resolve: Resolve = resolve
    ) -> None:
        self.guard = guard
        self._env = env
        self._resolve = resolve
        # The client certificate is for the MCP server alone.
        self._files = tls_files(env, ca_file=spec.ca_file)

    async def send(self, request: httpx2.Request) -> httpx2.Response:
        """The whole answer. Raises `AuthError` for an address that is refused, `ConnectError` for one that fails."""
        import httpx2

        url = str(request.url)
        self.guard.admit_url(url)
        request.headers.setdefault("user-agent", f"mcpctl/{__version__}")
        request.headers["accept-encoding"] = "identity"
        where = request.url.host
        try:
            async with asyncio.timeout(TIMEOUT):
                return await self._send(request, url)
        except TimeoutError as error:
            raise _unreachable(where, f"no answer within {TIMEOUT:g} s", kind="timeout") from error
        except httpx2.HTTPError as error:
            raise _unreachable(where, _words(error)) from error
        except OSError as error:  # of name resolution
            raise _unreachable(where, (error.strerror or str(error)).lower()) from error

    async def _send(self, request: httpx2.Request, url: str) -> httpx2.Response:
        import httpx2

        proxy = proxy_for(parse_address(url), self._env)
        if proxy is not None:
            self.guard.admit_unresolved(url)
            through = httpx2.Proxy(f"{proxy.scheme}://{proxy.authority}", auth=_credentials(proxy.userinfo))
            return await self._fetch(request, proxy=through)
        port = request.url.port or (443 if request.url.scheme == "https" else 80)
        addresses = list(dict.fromkeys(await self._resolve(request.url.host, port)))
        self.guard.admit(url, addresses_of(addresses))
        for tried, address in enumerate(addresses, 1):
            try:
                return await self._fetch(request, address=address)
            except (httpx2.ConnectError, httpx2.ConnectTimeout):
                if tried == len(addresses):
                    raise
        raise _unreachable(request.url.host, "the name has no address")

    async def _fetch(
        self, request: httpx2.Request, *, address: str | None = None, proxy: httpx2.Proxy | None = None
    ) -> httpx2.Response:
        import httpx2

        transport = _bounded(
            httpx2.AsyncHTTPTransport(verify=tls_context(self._files), trust_env=False, proxy=proxy), address
        )
        timeout = httpx2.Timeout(TIMEOUT, connect=CONNECT_TIMEOUT)
        async with httpx2.AsyncClient(transport=transport, timeout=timeout, trust_env=False) as client:
            return await client.send(request, follow_redirects=False)


def _bounded(inner: httpx2.AsyncHTTPTransport, address: str | None) -> httpx2.AsyncBaseTransport:
    """`inner`, to one address if one is given, reading no more than is sane."""
    import httpx2

    class Capped(httpx2.AsyncByteStream):
        def __init__(self, stream: Any, host: str) -> None:
            self._stream = stream
            self._host = host

        async def __aiter__(self) -> AsyncIterator[bytes]:
            size = 0
            async for chunk in self._stream:
                size += len(chunk)
                if size > MAX_BODY:
                    raise _unusable(self._host, f"it is longer than {MAX_BODY} bytes")
                yield chunk

        async def aclose(self) -> None:
            await self._stream.aclose()

    class Bounded(httpx2.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
            host = request.url.host
            sent = request if address is None else _pinned(request, address)
            response = await inner.handle_async_request(sent)
            if response.headers.get("content-encoding", "identity").lower() != "identity":
                await response.aclose()
                raise _unusable(host, "it is compressed, which nobody asked for")
            return httpx2.Response(
                response.status_code,
                headers=response.headers,
                stream=Capped(response.stream, host),
                extensions=response.extensions,
            )

        async def aclose(self) -> None:
            await inner.aclose()

    return Bounded()


def _pinned(request: httpx2.Request, address: str) -> httpx2.Request:
    """The same request to one address; its `Host` and its TLS name stay those of the URL."""
    import httpx2

    return httpx2.Request(
        request.method,
        request.url.copy_with(host=address),
        headers=request.headers,
        stream=request.stream,
        extensions={**request.extensions, "sni_hostname": request.url.host},
    )


def _credentials(userinfo: str | None) -> tuple[str, str] | None:
    from urllib.parse import unquote

    if userinfo is None:
        return None
    name, _, password = userinfo.partition(":")
    return unquote(name), unquote(password)


def _words(error: Exception) -> str:
    """What the library says, or what it is called."""
    text = " ".join(str(error).split())
    return f"{text[:1].lower()}{text[1:200]}" if text else type(error).__name__


def _unreachable(host: str, why: str, *, kind: str = "connection_lost") -> ConnectError:
    return ConnectError(
        f"the authorization server `{host}` cannot be reached: {why}", code="connect.authorization", kind=kind
    )


def _unusable(host: str, why: str) -> AuthError:
    return AuthError(f"the answer of `{host}` is refused: {why}", code="auth.unusable_answer")
