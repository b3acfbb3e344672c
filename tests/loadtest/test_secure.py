"""Load over TLS, and through a proxy: the same wire as every other verb's, under another parser."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
import uvloop

from mcpctl.errors import ConnectError
from mcpctl.loadtest.engine import measure
from mcpctl.loadtest.plan import Plan, Target
from mcpctl.loadtest.results import Run
from tests.loadtest.servers import INITIALIZE, closed
from tests.servers.http_scripted import polite, serving
from tests.wire.certificates import make_certificates
from tests.wire.test_http_proxy import proxying


def target(**about: object) -> Target:
    given: dict[str, object] = {"url": "https://upstream.test/mcp", "initialize": INITIALIZE} | about
    return Target(
        name="secure",
        transport="http",
        era="handshake",
        protocol_version="2025-11-25",
        start_timeout=5,
        **given,  # type: ignore[arg-type]
    )


def test_requests_go_through_a_tunnel_and_certificates_are_verified(tmp_path: Path) -> None:
    certificates = make_certificates(tmp_path)

    def plan(port: int, **about: object) -> Plan:
        env = {"HTTPS_PROXY": f"http://127.0.0.1:{port}"}
        return closed(target(env=env, **about), places=3, requests=60)

    async def main() -> Run:
        async with (
            asyncio.timeout(10),
            serving(polite, tls=certificates.server_context()) as server,
            proxying(server.port) as proxy,
        ):
            with pytest.raises(ConnectError) as caught:
                await measure(plan(proxy.port))
            assert caught.value.code == "connect.tls"
            return await measure(plan(proxy.port, ca_file=str(certificates.authority)))

    run = uvloop.run(main())
    assert (run.ok, run.whole().errors) == (60, {})
