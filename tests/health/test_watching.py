"""Looking again and again: at its own pace, past servers that rest, with memory that stays."""

from __future__ import annotations

import asyncio
import tracemalloc
from collections.abc import Callable

import pytest

from mcpctl.errors import UsageError
from mcpctl.health import Monitor
from mcpctl.health.pages import Page, pages
from mcpctl.health.serving import MAX_CLIENTS, PageServer
from mcpctl.health.watch import Watch
from mcpctl.model.events import Event
from mcpctl.model.health import Probed, ServerHealth, Verdict
from mcpctl.policy.redaction import Redactor
from mcpctl.wire.listening import parse_listen
from tests.policy.clock import Clock
from tests.support import run


class Looks:
    def __init__(self, name: str, enough: int, done: Callable[[], None]) -> None:
        self._name = name
        self._enough = enough
        self._done = done
        self.count = 0

    async def look(self) -> ServerHealth:
        self.count += 1
        if self.count == self._enough:
            self._done()
        status: Verdict = "unhealthy" if self.count % 9 in (1, 2, 3) else "healthy"
        return ServerHealth(name=self._name, status=status, level="list", latency_ms=float(self.count % 50))


async def watched(count: int, events: list[Event], *, held: Callable[[str], bool] = lambda _: False) -> Looks:
    over = asyncio.Event()
    monitor = Monitor(Clock(), Clock())
    monitor.expect("x")
    looks = Looks("x", count, over.set)
    resting = Looks("rests", 10**9, over.set)
    task = asyncio.create_task(
        Watch(
            {"x": looks, "rests": resting},
            monitor,
            intervals={"x": 0.0, "rests": 0.0},
            emit=events.append,
            now=Clock(),
            random=lambda: 0.5,
            held=held,
        ).run()
    )
    await over.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert resting.count == 0 or not held("rests")
    return looks


def test_each_look_is_told_and_servers_that_rest_are_left_alone() -> None:
    events: list[Event] = []
    run(watched(20, events, held=lambda name: name == "rests"))
    probed = [event for event in events if isinstance(event, Probed)]
    assert {event.server for event in probed} == {"x"}
    assert len(events) > len(probed)


def test_memory_stays_however_long_it_goes_on() -> None:
    """As many looks as an hour has at one a second, twice."""

    class Forgetful(list[Event]):
        def append(self, event: Event) -> None:
            del event

    run(watched(3600, Forgetful()))
    tracemalloc.start()
    try:
        run(watched(3600, Forgetful()), timeout=30)
        before, _ = tracemalloc.get_traced_memory()
        run(watched(3600, Forgetful()), timeout=30)
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < 100_000


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("9090", ("127.0.0.1", 9090)),
        (":9090", ("127.0.0.1", 9090)),
        ("0.0.0.0:80", ("0.0.0.0", 80)),
        ("[::1]:80", ("::1", 80)),
    ],
)
def test_without_a_host_only_this_machine_can_ask(text: str, place: tuple[str, int]) -> None:
    assert parse_listen(text) == place


@pytest.mark.parametrize("text", ["", "x", "1.2.3.4", "h:99999", "h:-1"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_listen(text)


async def asked(port: int, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    answer = await reader.read()
    writer.close()
    return answer


def port_of(address: str) -> int:
    return int(address.rpartition(":")[2])


def test_pages_answer_and_everything_else_is_turned_away() -> None:
    def broken() -> Page:
        raise ValueError("secret")

    async def check() -> None:
        monitor = Monitor(Clock(), Clock())
        monitor.expect("x")
        server = PageServer({**pages(monitor, Redactor(["hunter22"])), "/broken": broken})
        port = port_of(await server.start("127.0.0.1", 0))
        try:
            assert (await asked(port, b"GET /healthz HTTP/1.1\r\n\r\n")).endswith(b"ok\n")
            assert b" 503 " in await asked(port, b"GET /readyz HTTP/1.1\r\n\r\n")
            reason = ServerHealth(name="x", status="healthy", level="list", latency_ms=1.0)
            monitor.probed(reason)
            assert b" 200 " in await asked(port, b"GET /readyz?verbose=1 HTTP/1.1\r\n\r\n")
            head = await asked(port, b"HEAD /health HTTP/1.1\r\n\r\n")
            assert head.endswith(b"\r\n\r\n")
            assert b" 405 " in await asked(port, b"POST /health HTTP/1.1\r\n\r\n")
            assert b" 400 " in await asked(port, b"\x16\x03\x01 rubbish\r\n\r\n")
            assert b" 404 " in await asked(port, b"GET /../etc/passwd HTTP/1.1\r\n\r\n")
            failed = await asked(port, b"GET /broken HTTP/1.1\r\n\r\n")
            assert b" 500 " in failed
            assert b"secret" not in failed
            assert b" 431 " in await asked(port, b"GET /" + b"x" * 40_000 + b" HTTP/1.1\r\n\r\n")
        finally:
            await server.aclose()

    run(check())


def test_clients_that_say_nothing_cannot_keep_others_out_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mcpctl.health.serving.REQUEST_TIME", 0.2)

    async def check() -> None:
        server = PageServer(pages(Monitor(Clock(), Clock()), Redactor()))
        port = port_of(await server.start("127.0.0.1", 0))
        try:
            idle = [await asyncio.open_connection("127.0.0.1", port) for _ in range(MAX_CLIENTS)]
            async with asyncio.timeout(60):
                while not (await _answer(port)).endswith(b"ok\n"):
                    await asyncio.sleep(0.05)
            for _, writer in idle:
                writer.close()
        finally:
            await server.aclose()

    run(check())


async def _answer(port: int) -> bytes:
    try:
        return await asked(port, b"GET /healthz HTTP/1.1\r\n\r\n")
    except OSError:
        return b""
