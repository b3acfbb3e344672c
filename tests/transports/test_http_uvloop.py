"""The same wire on the event loop of load tests, whose transports are no relatives of asyncio's."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest

from tests.servers.http_scripted import Asked, polite, serving, with_calls
from tests.transports.remotes import call, channel, failure
from tests.wire.certificates import make_certificates
from tests.wire.test_http_proxy import proxying

uvloop = pytest.importorskip("uvloop", reason="uvloop is not made for this system")


def run(coroutine: Coroutine[Any, Any, None]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(60):
            await coroutine

    uvloop.run(bounded())


def test_calls_streams_and_failures_are_the_same() -> None:
    async def streamed(asked: Asked) -> None:
        await asked.stream()
        await asked.event(asked.message(result={}).decode())
        await asked.end()

    async def main() -> None:
        async with serving(with_calls(streamed)) as server, channel(server.url(), shake_hands=True) as http:
            await asyncio.gather(*(call(http) for _ in range(20)))
        async with channel(server.url()) as http:
            assert (await failure(call(http))).code == "connect.refused"

    run(main())


def test_tls_through_a_tunnel_works_too(tmp_path: Path) -> None:
    certificates = make_certificates(tmp_path)

    async def main() -> None:
        context = certificates.server_context()
        async with serving(polite, tls=context) as server, proxying(server.port) as proxy:
            env = {"HTTPS_PROXY": f"http://127.0.0.1:{proxy.port}"}
            url, ca_file = "https://upstream.test/mcp", str(certificates.authority)
            async with channel(url, env=env, ca_file=ca_file) as http:
                await call(http)
            async with channel(url, env=env) as http:
                assert (await failure(call(http))).code == "connect.tls"

    run(main())
