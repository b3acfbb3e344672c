"""Calls that pass an endpoint are in the books like all others."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from mcpctl.history.reading import History
from mcpctl.history.recorder import Recorder
from mcpctl.model.events import CallFinished
from mcpctl.model.server import ServerSpec
from tests.gateway.http_host import HttpHost, facing
from tests.gateway.test_stdio import HELLO, hosting
from tests.session.places import ECHO
from tests.supervisor.places import build, until, write_build
from tests.support import PYTHON, run

WORK = {"name": "work", "arguments": {}}
SAYING_NO = 'if method == "tools/call": return {"content": [], "isError": params["name"] == "work"}'


def outcomes(heard: Sequence[CallFinished]) -> list[tuple[str | None, str, str | None]]:
    return [(each.server, each.tool, each.error) for each in heard]


def test_calls_over_http_are_counted_for_their_server_and_for_their_process(tmp_path: Path) -> None:
    async def check() -> None:
        server, heard = tmp_path / "server.py", list[CallFinished]()
        write_build(server, "v1", work=0.02)
        async with facing(tmp_path, build(server), record=heard.append) as (url, kept):
            hosts = [HttpHost(url), HttpHost(url)]
            for host in hosts:
                await host.greet()
            for number in range(3):
                await hosts[0].ask(number, "tools/call", WORK)
            await hosts[1].ask(1, "tools/call", WORK)
            await hosts[1].ask(2, "tools/list")
            whole, twin = kept.status("build"), kept.status("build#2")
            assert (whole.calls, whole.errors, twin.calls) == (4, 0, 1)
            assert whole.p50_ms is not None
            assert whole.p50_ms >= 20
            assert outcomes(heard) == [("build", "work", None)] * 4
            assert all(each.bytes_in and each.bytes_out for each in heard)
            await hosts[1].end()
            await until(lambda: "build#2" not in kept.keepers)
            assert kept.status("build").calls == 4

    run(check())


def test_failures_behind_an_endpoint_are_counted_by_their_kind(tmp_path: Path) -> None:
    async def check() -> None:
        server, heard = tmp_path / "server.py", list[CallFinished]()
        write_build(server, "v1")
        text = server.read_text().replace(
            'if method == "tools/call":\n        if', f"{SAYING_NO}\n    if False:\n        if"
        )
        server.write_text(text)
        async with facing(tmp_path, build(server), record=heard.append) as (url, kept):
            host = HttpHost(url)
            await host.greet()
            assert (await host.ask(1, "tools/call", WORK))["isError"] is True
            await host.ask(2, "tools/call", {"name": "once", "arguments": {}})
            write_build(server, "v2")
            await kept.reload(["build"], "a test")
            await host.ask(3, "tools/call", {"name": "die", "arguments": {}})
            slow = asyncio.create_task(
                host.ask(4, "tools/call", {"name": "once", "arguments": {"seconds": 9}})
            )
            await until(lambda: kept.status("build").in_flight)
            await host.post({"method": "notifications/cancelled", "params": {"requestId": 4}})
            slow.cancel()
            await until(lambda: len(heard) == 4)
            errors = [each.error for each in heard]
            assert errors == ["is_error", None, "connect.exited", "cancelled"]
            assert kept.status("build").errors == 3

    run(check())


def test_a_call_that_was_repeated_after_a_crash_says_so(tmp_path: Path) -> None:
    async def check() -> None:
        server, heard = tmp_path / "server.py", list[CallFinished]()
        write_build(server, "v1")
        async with facing(tmp_path, build(server), record=heard.append) as (url, kept):
            host = HttpHost(url)
            await host.greet()
            await host.ask(1, "tools/list")
            slow = asyncio.create_task(
                host.ask(2, "tools/call", {"name": "work", "arguments": {"seconds": 0.3}})
            )
            await until(lambda: kept.status("build").in_flight)
            await host.ask(3, "tools/call", {"name": "die", "arguments": {}})
            assert "content" in await slow
            assert [(each.tool, each.attempts) for each in heard] == [("die", 1), ("work", 2)]

    run(check())


def test_stateless_hosts_are_counted_too(tmp_path: Path) -> None:
    async def check() -> None:
        spec = ServerSpec(name="echo", command=PYTHON, args=("-S", str(ECHO), "--modern"))
        async with facing(tmp_path, spec) as (url, kept):
            said = {"name": "echo", "arguments": {"text": "x"}}
            assert "content" in await HttpHost(url, modern=True).ask(1, "tools/call", said)
            assert kept.status("echo").calls == 1

    run(check())


def test_calls_over_stdio_are_part_of_the_history(tmp_path: Path) -> None:
    async def check() -> None:
        server = tmp_path / "server.py"
        write_build(server, "v1")
        recorder = Recorder(tmp_path / "h.db")
        async with hosting(tmp_path, build(server), record=recorder.record) as (host, kept):
            await host.ask(1, "initialize", HELLO)
            for number in range(2, 5):
                await host.ask(number, "tools/call", WORK)
            assert kept.status("build").calls == 3
        recorder.close()
        calls = History(tmp_path / "h.db").calls(0)
        assert [(each.server, each.tool, each.error) for each in calls] == [("build", "work", None)] * 3

    run(check())
