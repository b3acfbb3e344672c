from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from mcpctl.errors import ConfigError, DeadlineError, ProtocolError
from mcpctl.model.server import LimitsSpec, ServerSpec
from mcpctl.transports.dial import open_channel, start_process
from tests.support import PYTHON, ROOT, run
from tests.transports.scenes import ECHO_BACK, ENV, Inbox, channel, failure, seen

ECHO = ["-S", str(ROOT / "tests" / "servers" / "echo.py")]


def test_a_server_is_called_over_its_pipes() -> None:
    async def scene() -> None:
        spec = ServerSpec(name="echo", command=PYTHON, args=tuple(ECHO))
        channel = await open_channel(spec, Inbox(), env=ENV)
        assert channel.alive
        await channel.request("initialize", {"protocolVersion": "2025-11-25"}, timeout=30)
        await channel.notify("notifications/initialized", None)
        params = {"name": "echo", "arguments": {"text": "hi"}}
        assert b'"hi"' in await channel.request("tools/call", params, timeout=30)
        assert channel.facts.messages_in == 2
        await channel.aclose()
        assert not channel.alive

    run(scene())


def test_a_process_that_was_started_early_is_taken_over() -> None:
    spec = ServerSpec(name="echo", command=PYTHON, args=tuple(ECHO))
    process = start_process(spec, ENV)

    async def scene() -> None:
        channel = await open_channel(spec, Inbox(), env={}, process=process)
        assert channel.facts.pid == process.pid
        await channel.request("ping", None, timeout=30)
        await channel.aclose()

    run(scene())


def test_a_server_without_a_command_is_a_fault_of_the_configuration() -> None:
    with pytest.raises(ConfigError, match="`files` names no command"):
        run(open_channel(ServerSpec(name="files"), Inbox(), env={}))


def test_many_calls_at_once_each_get_their_own_answer() -> None:
    async def scene() -> None:
        server = channel(ECHO_BACK)
        calls = [server.request("m", {"n": number, "pad": "x" * 5000}, timeout=30) for number in range(300)]
        answers = await asyncio.gather(*calls)
        assert [json.loads(answer)["echo"]["params"]["n"] for answer in answers] == list(range(300))
        await server.aclose()

    run(scene())


def test_an_argument_larger_than_the_pipe_goes_through_whole() -> None:
    async def scene() -> None:
        server = channel(ECHO_BACK)
        texts = ["a" * 3_000_000, "ß" * 1_000_000, "small"]
        answers = await asyncio.gather(*(server.request("m", {"t": text}, timeout=30) for text in texts))
        assert [json.loads(answer)["echo"]["params"]["t"] for answer in answers] == texts
        assert server.facts.bytes_out > 5_000_000
        await server.aclose()

    run(scene(), timeout=30)


@pytest.mark.parametrize(
    ("code", "noise"),
    [
        ("raw(b'Listening on stdio'); answer(read())", 1),
        ("raw(b'[INFO] up '); answer(read())", 1),
        ("raw(b'\\xef\\xbb\\xbf'); answer(read())", 0),
        ("m = read(); raw(b'  ' + text(m) + b'\\r\\n')", 0),
        ("m = read(); raw(text(m) + b'done\\n')", 1),
        ("m = read(); raw(b'[' + text(m) + b']\\n')", 0),
        ('raw(b\'{"level":"info"}\\n{x}\\n\\n[1]\\n\'); answer(read())', 3),
    ],
    ids=["banner", "log prefix", "byte order mark", "spaces", "trailing text", "batch", "logs of json"],
)
def test_an_answer_is_found_amid_noise(code: str, noise: int) -> None:
    async def scene() -> None:
        server = channel(f"{code}; read()")
        assert await server.request("m", None, timeout=30) == b"{}"
        await seen(server, "noise_lines", noise)
        assert (server.facts.noise_lines, server.facts.malformed) == (noise, 0)
        await server.aclose()

    run(scene())


def test_a_message_over_several_lines_is_refused_at_once() -> None:
    async def scene() -> None:
        server = channel(
            "raw(json.dumps({'jsonrpc': '2.0', 'id': read()['id'], 'result': {}}, indent=1).encode()); read()"
        )
        error = await failure(server.request("m", None, timeout=30))
        assert error.code == "protocol.malformed"
        await server.aclose()

    run(scene())


def test_an_answer_without_a_line_end_counts_when_the_server_leaves() -> None:
    async def scene() -> None:
        server = channel("raw(text(read(), last=True))")
        assert await server.request("m", None, timeout=30) == b'{"last": true}'
        await server.aclose()

    run(scene())


def test_a_line_without_end_fails_the_call_at_once_and_is_not_kept() -> None:
    async def scene() -> None:
        code = (
            'read()\nraw(b\'{"jsonrpc":"2.0","result":\' + b\'x\' * 3000000)\nanswer(read(), fine=1); read()'
        )
        server = channel(
            code.replace("answer(", "raw(b'\\n'); answer("), limits=LimitsSpec(max_message=1 << 20)
        )
        error = await failure(server.request("m", None, timeout=30))
        assert (error.code, server.facts.oversize) == ("protocol.too_large", 1)
        assert await server.request("m", None, timeout=30) == b'{"fine": 1}'
        await server.aclose()

    run(scene())


def test_an_answer_that_is_too_large_spares_its_neighbour_even_with_the_id_last() -> None:
    async def scene() -> None:
        code = (
            "a, b = read(), read()\n"
            'raw(b\'{"result":{"x":"\' + b\'x\' * 200000 + b\'"},"jsonrpc":"2.0","id":%d}\\n\' % a[\'id\'])\n'
            "answer(b); read()"
        )
        server = channel(code, limits=LimitsSpec(max_message=100_000))
        large, small = server.request("a", None, timeout=30), server.request("b", None, timeout=5)
        outcomes = await asyncio.gather(large, small, return_exceptions=True)
        assert isinstance(outcomes[0], ProtocolError)
        assert outcomes[0].code == "protocol.too_large"
        assert outcomes[1] == b"{}"
        await server.aclose()

    run(scene())


def test_a_server_that_stops_reading_costs_only_what_it_was_not_given(tmp_path: Path) -> None:
    flag = tmp_path / "go"

    async def scene() -> None:
        code = (
            "first = read()\n"
            "while not os.path.exists(%r): time.sleep(0.01)\n"
            "answer(first)\n"
            "while True: answer(read())"
        )
        server = channel(code % str(flag), limits=LimitsSpec(write_timeout=0.2))
        first = asyncio.ensure_future(server.request("first", None, timeout=30))
        await asyncio.sleep(0)
        large = server.request("large", {"x": "x" * 500_000}, timeout=30)
        behind = server.request("behind", None, timeout=30)
        for error in await asyncio.gather(large, behind, return_exceptions=True):
            assert isinstance(error, DeadlineError)
            assert (error.code, error.limit) == ("deadline.write", 0.2)
            assert "did not read its stdin for 0.2 s" in error.message
        flag.touch()
        assert await first == b"{}"
        assert await server.request("later", None, timeout=30) == b"{}"
        assert server.facts.unmatched == 1
        await server.aclose()

    run(scene())


def test_a_request_that_was_never_sent_is_taken_back_not_cancelled() -> None:
    async def scene() -> None:
        server = channel(
            "time.sleep(0.3)\nwhile True: message = read(); answer(message, said=message['method'])"
        )
        large = asyncio.ensure_future(server.request("large", {"x": "x" * 300_000}, timeout=30))
        await asyncio.sleep(0)
        error = await failure(server.request("behind", None, timeout=0.05))
        assert error.code == "deadline.call"
        assert await large == b'{"said": "large"}'
        assert await server.request("next", None, timeout=30) == b'{"said": "next"}'
        assert server.facts.unmatched == 0
        await server.aclose()

    run(scene())


@pytest.mark.parametrize("cancellable", [True, False])
def test_an_abandoned_request_is_cancelled_at_the_server(*, cancellable: bool) -> None:
    async def scene() -> None:
        server = channel(
            "read(); heard = read(); answer(read() if heard['method'] != 'next' else heard, heard=heard)"
        )
        error = await failure(
            server.request("slow", None, timeout=0.05, cancellable=cancellable, step="list")
        )
        assert error.code == "deadline.list"
        heard = json.loads(await server.request("next", None, timeout=30))["heard"]
        if cancellable:
            assert heard["method"] == "notifications/cancelled"
            assert heard["params"] == {"requestId": 1, "reason": "no answer within 0.05 s"}
        else:
            assert heard["method"] == "next"
        await server.aclose()

    run(scene())
