"""Whatever a server sends instead of an answer."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mcpctl.errors import ProtocolError
from tests.support import run
from tests.wire.scenes import Wire, failure, started

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


@pytest.mark.parametrize("piece", [b"{}", b'{"jsonrpc":"2.0","method":"n"}', b"[{}]", b"{} {"])
def test_however_much_shares_a_line_is_bounded(piece: bytes) -> None:
    async def scene() -> None:
        wire = Wire()
        wire.peer.receive(piece * (900_000 // len(piece)))
        assert len(wire.notified) + len(wire.noise) <= 1001

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
        wire.peer.receive_oversize(message, message, limit=1, guess=True)

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
        assert wire.peer.receive_oversize(head, tail, limit=1000, guess=True)
        error = await failure(mine)
        assert error.code == "protocol.too_large"
        assert "more than 1000 bytes" in error.message
        assert wire.peer.in_flight == 1

    run(scene())


def test_a_message_too_large_to_name_anyone_is_guessed_to_be_the_only_one_in_flight() -> None:
    async def scene() -> None:
        wire = Wire()
        (call,) = await started(wire)
        assert not wire.peer.receive_oversize(b"{xxx", b"xxx}", limit=9, guess=False)
        assert wire.peer.receive_oversize(b"{xxx", b"", limit=9, guess=True)
        assert (await failure(call)).code == "protocol.too_large"

    run(scene())


@pytest.mark.parametrize(
    ("sent", "text"),
    [
        (rb"cut \ud83d", "cut \ufffd"),
        (rb"\uDE00 cut", "\ufffd cut"),
        (rb"\ud83d\ude00\ud83d", "\U0001f600\ufffd"),
        (rb"\ud83d\ud83d\ude00", "\ufffd\U0001f600"),
        (rb"\\ud83d \ud83d", "\\ud83d \ufffd"),
    ],
)
def test_half_a_character_costs_no_answer(sent: bytes, text: str) -> None:
    async def scene() -> None:
        wire = Wire()
        _, mine = await started(wire, 2)
        wire.peer.receive(ANSWER % (b'{"a":"%b"}' % sent))
        assert json.loads(await mine) == {"a": text}

    run(scene())
