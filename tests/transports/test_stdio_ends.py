"""How a server ends, and what it said before."""

from __future__ import annotations

import asyncio
import json

import pytest

from mcpctl.errors import ConnectError
from mcpctl.transports.process import Process
from tests.support import run
from tests.transports.scenes import ECHO_BACK, Inbox, channel, descriptors, failure, left_by, seen


def test_a_server_that_closes_its_stdin_is_named_so() -> None:
    async def scene() -> None:
        inbox = Inbox()
        server = channel(
            'read(); os.close(0); raw(b\'{"jsonrpc":"2.0","method":"closed"}\\n\'); time.sleep(60)', inbox
        )
        await server.notify("x", None)
        await seen(server, "messages_in", 1)
        error = await failure(server.request("m", None, timeout=30))
        assert error.code == "connect.stdin_closed"
        assert [str(loss) for loss in inbox.losses] == [error.message]
        await server.aclose()

    run(scene())


def test_a_dead_server_names_its_exit_code_though_its_child_keeps_the_pipes_open() -> None:
    async def scene() -> None:
        server = channel("subprocess.Popen(['sleep', '60']); read(); os._exit(3)")
        error = await failure(server.request("m", None, timeout=30))
        assert isinstance(error, ConnectError)
        assert error.exit_status == 3
        await server.aclose()
        assert server.facts.swept == 1
        assert left_by(server.process) == []

    run(scene())


def test_the_last_words_are_the_last_line_that_says_something() -> None:
    async def scene() -> None:
        server = channel(
            "sys.stderr.write('first\\nbad token\\n\\n  '); sys.stderr.flush(); read(); os._exit(1)"
        )
        error = await failure(server.request("m", None, timeout=30))
        assert isinstance(error, ConnectError)
        assert error.message == "the server `scene` exited with code 1, its last words on stderr: `bad token`"
        assert error.stderr_tail == ("first", "bad token", "", "  ")
        assert error.server == "scene"
        await server.aclose()

    run(scene())


def test_a_server_that_printed_on_stdout_and_left_is_told_what_it_printed() -> None:
    async def scene() -> None:
        server = channel("raw(b'usage: server [PORT]\\n'); read(); os._exit(2)")
        error = await failure(server.request("m", None, timeout=30))
        assert error.message == "the server `scene` exited with code 2, with nothing on stderr"
        assert error.hint is not None
        assert "1 line on its stdout is no message, such as `usage: server [PORT]`" in error.hint
        await server.aclose()

    run(scene())


def test_stderr_is_kept_within_bounds_and_told_line_by_line() -> None:
    async def scene() -> None:
        lines: list[str] = []
        code = "os.write(2, b''.join(b'%d ' % n + b'x' * 3000 + b'\\r\\n' for n in range(300)) + b'\\xff bad\\nrest')"
        server = channel(f"{code}; answer(read())", on_stderr=lines.append)
        await server.request("m", None, timeout=30)
        await seen(server, "stderr_lines", 302)
        tail = server.stderr_tail()
        assert len(tail) == 200
        assert max(len(line) for line in tail) == 2000
        assert tail[-2:] == ["\ufffd bad", "rest"]
        assert len(lines) == 302
        assert lines[0].startswith("0 xxx")
        await server.aclose()

    run(scene())


def test_a_flood_on_stderr_keeps_its_end() -> None:
    async def scene() -> None:
        code = "os.write(2, b'\\n'.join(b'%d' % n for n in range(200000)) + b'\\n'); answer(read()); read()"
        server = channel(code)
        await server.request("m", None, timeout=30)
        await seen(server, "stderr_lines", 200_000)
        assert list(server.stderr_tail()) == [str(number) for number in range(199_800, 200_000)]
        await server.aclose()

    run(scene())


def test_a_tap_sees_every_message_both_ways() -> None:
    async def scene() -> None:
        wire: list[tuple[str, bytes]] = []
        server = channel(ECHO_BACK, tap=lambda way, message: wire.append((way, message)))
        await server.request("m", None, timeout=30)
        assert [(way, json.loads(message)["id"]) for way, message in wire] == [("out", 1), ("in", 1)]
        await server.aclose()

    run(scene())


def test_a_closed_channel_refuses_calls_and_may_be_closed_again() -> None:
    async def scene() -> None:
        inbox = Inbox()
        server = channel(ECHO_BACK.replace("answer", "len"), inbox)
        call = asyncio.ensure_future(server.request("m", None, timeout=30))
        await asyncio.sleep(0)
        await asyncio.gather(server.aclose(), server.aclose())
        await server.aclose()
        for waiting in (call, server.request("m", None, timeout=30)):
            assert (await failure(waiting)).code == "connect.closed"
        assert inbox.losses == []

    run(scene())


def test_an_event_loop_that_ends_during_a_close_leaves_no_server_behind() -> None:
    async def scene() -> Process:
        stubborn = (
            "import signal; signal.signal(15, signal.SIG_IGN); answer(read())\nwhile True: time.sleep(1)"
        )
        server = channel(stubborn)
        await server.request("m", None, timeout=30)
        closing = asyncio.ensure_future(server.aclose())
        await asyncio.sleep(0)
        closing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await closing
        assert server.process.exit_status is None
        return server.process

    process = run(scene())
    assert process.exit_status == -9
    assert left_by(process) == []


def test_nothing_is_kept_of_channels_that_were_closed() -> None:
    async def scene() -> None:
        before: set[str] | None = None
        for _ in range(3):
            servers = [channel(ECHO_BACK) for _ in range(3)]
            await asyncio.gather(*(server.request("m", None, timeout=30) for server in servers))
            await asyncio.gather(*(server.aclose() for server in servers))
            assert before is None or descriptors() == before
            before = descriptors()

    run(scene())


def test_another_event_loop_serves_as_well() -> None:
    uvloop = pytest.importorskip("uvloop")

    async def scene() -> None:
        inbox = Inbox()
        server = channel("answer(read()); read(); os._exit(5)", inbox)
        assert await server.request("m", {"x": "x" * 300_000}, timeout=30) == b"{}"
        error = await failure(server.request("m", None, timeout=30))
        assert isinstance(error, ConnectError)
        assert error.exit_status == 5
        await server.aclose()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(asyncio.wait_for(scene(), 5))
