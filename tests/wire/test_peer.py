"""The peer alone, over a sender that keeps what it is given."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mcpctl.errors import BugError, ConnectError, DeadlineError, McpctlError, ProtocolError
from mcpctl.wire.jsonrpc import Envelope, RpcError
from mcpctl.wire.peer import Peer
from tests.support import run


class Wire:
    def __init__(self, *, noise: bool = True, clue: str | None = None) -> None:
        self.sent: list[bytes] = []
        self.abandoned: list[tuple[int | str, str, bool]] = []
        self.notified: list[tuple[str, bytes | None]] = []
        self.noise: list[bytes] = []
        self.facts = SimpleNamespace(messages_in=0, malformed=0, unmatched=0)
        self.answers: Callable[[str], Awaitable[Any]] = self.decline
        self.congested = False
        self.peer = Peer(
            lambda message, _id=None, _headers=None: self.sent.append(message),
            tally=self.facts,
            notified=lambda method, params: self.notified.append((method, params)),
            asked=lambda method, _params: self.answers(method),
            abandon=lambda identity, reason, *, tell: self.abandoned.append((identity, reason, tell)),
            noise=self.noise.append if noise else None,
            congested=lambda: self.congested,
            clue=lambda: clue,
            server="files",
        )

    async def decline(self, method: str) -> Any:
        raise RpcError(-32601, "Method not found")

    def call(self, method: str = "tools/call", **options: Any) -> asyncio.Task[bytes]:
        options.setdefault("timeout", 5)
        return asyncio.ensure_future(self.peer.request(method, {}, **options))

    def said(self) -> list[dict[str, Any]]:
        return [json.loads(message) for message in self.sent]


async def started(wire: Wire, count: int = 1, **options: Any) -> list[asyncio.Task[bytes]]:
    calls = [wire.call(**options) for _ in range(count)]
    await asyncio.sleep(0)
    return calls


async def failure(call: asyncio.Task[bytes]) -> McpctlError:
    with pytest.raises(McpctlError) as caught:
        await call
    return caught.value


def test_answers_find_their_requests_in_any_order() -> None:
    async def scene() -> None:
        wire = Wire()
        first, second = await started(wire, 2)
        wire.peer.receive(b'{"jsonrpc":"2.0","id":2,"result":{"n":2}}')
        wire.peer.receive(b'{"jsonrpc":"2.0","id":1,"result":{"n":1}}')
        assert [await first, await second] == [b'{"n":1}', b'{"n":2}']
        assert wire.peer.in_flight == 0
        assert wire.facts.messages_in == 2

    run(scene())


@pytest.mark.parametrize("echoed", [b'"1"', b"1"])
def test_an_id_that_comes_back_as_text_counts(echoed: bytes) -> None:
    async def scene() -> None:
        wire = Wire()
        (call,) = await started(wire)
        wire.peer.receive(b'{"jsonrpc":"2.0","id":' + echoed + b',"result":{}}')
        assert await call == b"{}"

    run(scene())


def test_an_id_of_our_own_choice_counts_even_as_a_number() -> None:
    async def scene() -> None:
        wire = Wire()
        (call,) = await started(wire, request_id="7")
        assert wire.said()[0]["id"] == "7"
        wire.peer.receive(b'{"jsonrpc":"2.0","id":7,"result":{}}')
        assert await call == b"{}"

    run(scene())


def test_an_id_is_not_used_twice_at_once() -> None:
    async def scene() -> None:
        wire = Wire()
        await started(wire, request_id="listen")
        with pytest.raises(BugError):
            await wire.call(request_id="listen")

    run(scene())


ANSWER = b'{"jsonrpc":"2.0","id":2,"result":%b}'

MALFORMED = {
    "no version": (b'{"id":2,"result":{}}', "`jsonrpc` is missing"),
    "other version": (b'{"jsonrpc":"1.0","id":2,"result":{}}', "`jsonrpc` is not `2.0`"),
    "float id": (b'{"jsonrpc":"2.0","id":2.0,"result":{}}', "`id` is neither"),
    "result no object": (ANSWER % b'"text"', "`result` of the answer is a string"),
    "neither": (b'{"jsonrpc":"2.0","id":2}', "neither a `result` nor an `error`"),
    "both": (b'{"jsonrpc":"2.0","id":2,"result":{},"error":{"code":1,"message":""}}', "both"),
    "NaN": (ANSWER % b'{"a":NaN}', "`NaN`, which JSON does not have"),
    "infinity": (ANSWER % b'{"a":-Infinity}', "`Infinity`, which JSON does not have"),
    "not UTF-8": (ANSWER % b'{"a":"\xff"}', "not valid UTF-8 at byte"),
    "cut off": (b'{"jsonrpc":"2.0","id":2,"result":{"a":"', "not valid JSON"),
    "control character": (ANSWER % b'{"a":"\x01"}', "not valid JSON"),
    "too deep": (ANSWER % (b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}"), "nested too deeply"),
    "too deep, id last": (
        b'{"result":' + b"[" * 100_000 + b"]" * 100_000 + b',"jsonrpc":"2.0","id":2}',
        "nested too deeply",
    ),
    "huge and broken": (ANSWER % (b'{"a":NaN,"b":"' + b"x" * 2_000_000 + b'"}'), "`NaN`"),
    "string code": (
        b'{"jsonrpc":"2.0","id":2,"error":{"code":"E","message":"m"}}',
        "no number as its `code`",
    ),
}


@pytest.mark.parametrize(("message", "words"), MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_answer_fails_its_own_request_and_no_other(message: bytes, words: str) -> None:
    async def scene() -> None:
        wire = Wire()
        other, mine = await started(wire, 2)
        wire.peer.receive(message)
        error = await failure(mine)
        assert isinstance(error, ProtocolError)
        assert error.code == "protocol.malformed"
        assert words in error.message
        wire.peer.receive(b'{"jsonrpc":"2.0","id":1,"result":{}}')
        assert await other == b"{}"

    run(scene())


@pytest.mark.parametrize(
    "message",
    [
        b'{"jsonrpc":"2.0","id":' + b"1" * 5000 + b',"result":{}}',
        b'{"jsonrpc":"2.0","id":"\\ud800","result":{}}',
        b'{"jsonrpc":"2.0","id":[1],"result":{}}',
        b'{"jsonrpc":"2.0","result":{}',
        b'  "jsonrpc": "2.0",',
    ],
)
def test_a_malformed_answer_of_nobody_fails_the_only_request_in_flight(message: bytes) -> None:
    async def scene() -> None:
        wire = Wire()
        (call,) = await started(wire)
        wire.peer.receive(message)
        assert (await failure(call)).code == "protocol.malformed"

    run(scene())


def test_a_malformed_answer_of_nobody_fails_nothing_when_it_may_be_anyones() -> None:
    async def scene() -> None:
        wire = Wire()
        await started(wire, 2)
        wire.peer.receive(b'{"jsonrpc":"2.0","result":{}')
        assert wire.peer.in_flight == 2
        assert wire.facts.malformed == 1

    run(scene())


def test_an_error_without_an_id_belongs_to_the_only_request_in_flight() -> None:
    async def scene() -> None:
        wire = Wire()
        (call,) = await started(wire)
        wire.peer.receive(b'{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"Parse error"}}')
        error = await failure(call)
        assert isinstance(error, ProtocolError)
        assert (error.message, error.rpc_code) == ("Parse error", -32700)

    run(scene())


def test_answers_that_nobody_waits_for_are_counted() -> None:
    async def scene() -> None:
        wire = Wire()
        await started(wire, 2)
        for identity in (b"99", b'"x"', b"-1", b"null", b"1" * 25):
            wire.peer.receive(b'{"jsonrpc":"2.0","id":' + identity + b',"result":{}}')
        assert wire.facts.unmatched == 5
        assert wire.peer.in_flight == 2

    run(scene())


def test_a_batch_is_unpacked_and_bounded() -> None:
    async def scene() -> None:
        wire = Wire()
        first, second = await started(wire, 2)
        notes = b'{"jsonrpc":"2.0","method":"note"},' * 1500
        wire.peer.receive(
            b"[" + ANSWER % b"{}" + b',{"jsonrpc":"2.0","id":1,"result":{}},' + notes[:-1] + b"]"
        )
        assert [await first, await second] == [b"{}", b"{}"]
        assert len(wire.notified) == 998
        assert wire.facts.malformed == 502

    run(scene())


def test_messages_that_share_a_line_are_taken_apart() -> None:
    async def scene() -> None:
        wire = Wire()
        first, second = await started(wire, 2)
        wire.peer.receive(b'{"jsonrpc":"2.0","id":1,"result":{}}' + ANSWER % b"{}" + b" listening")
        assert [await first, await second] == [b"{}", b"{}"]
        assert wire.noise == [b"listening"]

    run(scene())


@pytest.mark.parametrize(
    "message", [b'{"level":30,"msg":"listening"}', b"{not json}", b"[1,2]", b"[INFO] up"]
)
def test_log_lines_that_look_like_json_are_noise(message: bytes) -> None:
    async def scene() -> None:
        wire = Wire()
        await started(wire)
        wire.peer.receive(message)
        assert wire.noise == [message]
        assert wire.peer.in_flight == 1

    run(scene())


@settings(max_examples=300, deadline=None)
@given(
    st.binary(max_size=200)
    | st.text(alphabet='{}[]",:012.eE-idjsonrpcmethdul\\ ', max_size=120).map(str.encode)
)
def test_no_bytes_make_the_peer_raise(message: bytes) -> None:
    async def scene() -> None:
        wire = Wire()
        wire.peer.receive(message)
        wire.peer.receive(b'{"jsonrpc":"2.0","id":1,"result":' + message)
        wire.peer.receive_oversize(message, message, limit=1)

    run(scene())


@pytest.mark.parametrize(
    ("head", "tail"),
    [
        (b'{"jsonrpc":"2.0","id":2,"result":{"a":"xxx', b""),
        (b'{"result":{"a":"xxx', b'xxx"},"jsonrpc":"2.0","id":2}'),
        (b'{"result":{"a":"xxx', b'xxx"},"id":"2","jsonrpc":"2.0"}\r'),
    ],
)
def test_an_answer_that_is_too_large_fails_its_own_request(head: bytes, tail: bytes) -> None:
    async def scene() -> None:
        wire = Wire()
        _, mine = await started(wire, 2)
        assert wire.peer.receive_oversize(head, tail, limit=1000)
        error = await failure(mine)
        assert error.code == "protocol.too_large"
        assert "more than 1000 bytes" in error.message
        assert wire.peer.in_flight == 1

    run(scene())


def test_a_deadline_names_its_step_and_cancels_at_the_server() -> None:
    async def scene() -> None:
        wire = Wire(clue="look at the log")
        slow, fast = wire.call(timeout=5), wire.call(timeout=0.01, step="list")
        error = await failure(fast)
        assert isinstance(error, DeadlineError)
        assert (error.code, error.limit, error.hint) == ("deadline.list", 0.01, "look at the log")
        assert wire.abandoned == [(2, "no answer within 0.01 s", True)]
        wire.peer.receive(b'{"jsonrpc":"2.0","id":2,"result":{}}')
        assert wire.facts.unmatched == 1
        wire.peer.receive(b'{"jsonrpc":"2.0","id":1,"result":{}}')
        assert await slow == b"{}"

    run(scene())


def test_each_of_many_deadlines_is_kept() -> None:
    async def scene() -> None:
        wire = Wire()
        calls = [wire.call(timeout=0.001 * (number % 40)) for number in range(200)]
        outcomes = await asyncio.gather(*calls, return_exceptions=True)
        assert all(isinstance(outcome, DeadlineError) for outcome in outcomes)

    run(scene())


@pytest.mark.parametrize("cancellable", [True, False])
def test_a_cancelled_caller_abandons_its_request(*, cancellable: bool) -> None:
    async def scene() -> None:
        wire = Wire()
        (call,) = await started(wire, cancellable=cancellable)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert wire.abandoned == [(1, "the caller gave up", cancellable)]
        assert wire.peer.in_flight == 0

    run(scene())


def test_an_answer_that_comes_with_the_cancellation_does_no_harm() -> None:
    async def scene() -> None:
        wire = Wire()
        (call,) = await started(wire)
        call.cancel()
        wire.peer.receive(b'{"jsonrpc":"2.0","id":1,"result":{}}')
        with pytest.raises(asyncio.CancelledError):
            await call
        assert wire.abandoned == []

    run(scene())


def test_the_end_of_the_server_ends_every_wait_and_refuses_what_comes_later() -> None:
    async def scene() -> None:
        wire = Wire()
        calls = await started(wire, 3)
        gone = ConnectError("the server exited with code 3", exit_status=3, server="files")
        wire.peer.fail_all(gone)
        errors = [await failure(call) for call in [*calls, wire.call()]]
        assert all(isinstance(error, ConnectError) and error.exit_status == 3 for error in errors)
        assert len({id(error) for error in errors}) == 4
        with pytest.raises(ConnectError):
            wire.peer.notify("x", None)

    run(scene())


def test_a_callback_gets_the_envelope_or_the_error() -> None:
    async def scene() -> None:
        wire = Wire()
        got: list[Envelope | McpctlError] = []
        for identity in (1, 2, 3):
            wire.peer.submit(b"x", identity, got.append)
        wire.peer.receive(b'{"jsonrpc":"2.0","id":1,"result":{}}')
        wire.peer.forget(2)
        wire.peer.fail_all(ConnectError("gone"))
        assert [type(answer) for answer in got] == [Envelope, ConnectError]

    run(scene())


def test_a_ping_is_answered_in_place() -> None:
    async def scene() -> None:
        wire = Wire()
        wire.peer.receive(b'{"jsonrpc":"2.0","id":"p","method":"ping"}')
        assert wire.said() == [{"jsonrpc": "2.0", "id": "p", "result": {}}]

    run(scene())


def test_a_server_that_does_not_read_gets_no_more_answers() -> None:
    async def scene() -> None:
        wire = Wire()
        wire.congested = True
        for _ in range(100):
            wire.peer.receive(b'{"jsonrpc":"2.0","id":"p","method":"ping"}')
        assert wire.sent == []

    run(scene())


def test_requests_of_the_server_are_answered_refused_or_failed() -> None:
    async def scene() -> None:
        wire = Wire()

        async def answers(method: str) -> Any:
            if method == "roots/list":
                return {"roots": []}
            if method == "broken":
                raise ZeroDivisionError
            raise RpcError(-32601, "Method not found", {"method": method})

        wire.answers = answers
        for method in (b"roots/list", b"broken", b"evil"):
            wire.peer.receive(b'{"jsonrpc":"2.0","id":"%b","method":"%b"}' % (method, method))
        await asyncio.sleep(0)
        said = {message["id"]: message for message in wire.said()}
        assert said["roots/list"]["result"] == {"roots": []}
        assert said["broken"]["error"]["code"] == -32603
        assert said["evil"]["error"] == {
            "code": -32601,
            "message": "Method not found",
            "data": {"method": "evil"},
        }

    run(scene())


def test_questions_are_bounded_and_end_with_the_connection() -> None:
    async def scene() -> None:
        wire = Wire()
        ended: list[str] = []

        async def never(method: str) -> Any:
            try:
                await asyncio.Event().wait()
            finally:
                ended.append(method)

        wire.answers = never
        for number in range(100):
            wire.peer.receive(b'{"jsonrpc":"2.0","id":%d,"method":"ask"}' % number)
        assert len(wire.sent) == 36
        await asyncio.sleep(0)
        wire.peer.fail_all(ConnectError("gone"))
        await asyncio.sleep(0)
        assert len(ended) == 64

    run(scene())


def test_a_server_can_take_its_question_back() -> None:
    async def scene() -> None:
        wire = Wire()

        async def never(method: str) -> Any:
            await asyncio.Event().wait()

        wire.answers = never
        wire.peer.receive(b'{"jsonrpc":"2.0","id":"q","method":"ask"}')
        await asyncio.sleep(0)
        wire.peer.receive(b'{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"q"}}')
        await asyncio.sleep(0)
        wire.peer.receive(b'{"jsonrpc":"2.0","id":"q","method":"ping"}')
        assert [message["id"] for message in wire.said()] == ["q"]
        assert wire.notified[0][0] == "notifications/cancelled"

    run(scene())


def test_notifications_come_in_order_with_their_text() -> None:
    async def scene() -> None:
        wire = Wire()
        for number in range(100_000):
            wire.peer.receive(b'{"jsonrpc":"2.0","method":"n","params":{"n": %d}}' % number)
        assert wire.notified[:2] == [("n", b'{"n": 0}'), ("n", b'{"n": 1}')]
        assert len(wire.notified) == 100_000

    run(scene())


def test_a_request_that_is_malformed_is_told_so() -> None:
    async def scene() -> None:
        wire = Wire()
        wire.peer.receive(b'{"id":"q","method":"ask"}')
        assert wire.said()[0]["error"]["code"] == -32600

    run(scene())
