from __future__ import annotations

import json
from types import MappingProxyType
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcpctl.errors import ProtocolError, UsageError
from mcpctl.wire import jsonrpc

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text(alphabet=st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@given(st.integers(0, 2**53) | st.text(min_size=1, max_size=10), st.dictionaries(st.text(max_size=5), VALUES))
def test_a_request_is_read_back_as_it_was_written(request_id: int | str, params: dict[str, Any]) -> None:
    message = jsonrpc.encode_request(request_id, "tools/call", params)
    assert b"\n" not in message
    assert json.loads(message) == {
        "jsonrpc": "2.0",
        "id": request_id,
        "method": "tools/call",
        **({"params": params} if params is not None else {}),
    }


def test_what_is_absent_is_not_sent() -> None:
    assert jsonrpc.encode_request(1, "ping") == b'{"jsonrpc":"2.0","id":1,"method":"ping"}'
    assert jsonrpc.encode_notification("x") == b'{"jsonrpc":"2.0","method":"x"}'
    assert json.loads(jsonrpc.encode_error(None, -1, "no")) == {
        "jsonrpc": "2.0",
        "id": None,
        "error": {"code": -1, "message": "no"},
    }


def test_json_text_and_any_mapping_may_be_sent() -> None:
    params = MappingProxyType({"arguments": msgspec.Raw(b'{"a":1}')})
    assert jsonrpc.encode_request(1, "m", params).endswith(b'"params":{"arguments":{"a":1}}}')


@pytest.mark.parametrize("value", ["\ud800", {"a": object()}])
def test_what_json_cannot_hold_is_the_users_fault(value: Any) -> None:
    with pytest.raises(UsageError):
        jsonrpc.encode_request(1, "m", {"x": value})


def test_the_payload_stays_text() -> None:
    envelope = jsonrpc.decode(b'{"jsonrpc":"2.0","id":1,"result":{"n": 1.50}}\r')
    assert jsonrpc.result_of(envelope) == b'{"n": 1.50}'


def test_an_error_of_the_server_keeps_its_code_words_and_data() -> None:
    text = b'{"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"Unknown tool","data":[1]}}'
    with pytest.raises(ProtocolError, match=r"^Unknown tool$") as caught:
        jsonrpc.result_of(jsonrpc.decode(text), server="files")
    error = caught.value
    assert (error.code, error.rpc_code, error.rpc_data, error.server) == (
        "protocol.rpc_error",
        -32602,
        [1],
        "files",
    )


@pytest.mark.parametrize(
    ("members", "words"),
    [
        (b'"error":{"code":-1}', "answered error -1 without a message"),
        (b'"error":{"code":"E_FAIL","message":"broken"}', "no number as its `code`, it says `broken`"),
        (b'"error":"broken"', "the `error` of the answer is a string"),
        (b'"result":"x"', "the `result` of the answer is a string"),
        (b'"result":[]', "is an array"),
        (b'"result":null', "is null"),
        (b'"result":true', "is a boolean"),
        (b'"result":-1', "is a number"),
        (b'"x":1', "neither a `result` nor an `error`"),
        (b'"result":{},"error":{"code":1,"message":"e"}', "both a `result` and an `error`"),
    ],
)
def test_an_answer_that_is_none_says_what_is_wrong(members: bytes, words: str) -> None:
    envelope = jsonrpc.decode(b'{"jsonrpc":"2.0","id":1,' + members + b"}")
    with pytest.raises(ProtocolError, match=words):
        jsonrpc.result_of(envelope)


def test_a_null_beside_the_real_member_does_no_harm() -> None:
    envelope = jsonrpc.decode(b'{"jsonrpc":"2.0","id":1,"result":{},"error":null}')
    assert jsonrpc.result_of(envelope) == b"{}"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b'{"a":"\\ud800"}', "not usable JSON"),
        (b'{"a":' + b"1" * 5000 + b"}", "not usable JSON"),
        (b'{"a":1e400}', "not usable JSON"),
        (b'{"a":"\xff"}', "not valid UTF-8"),
        (b"[" * 100_000 + b"]" * 100_000, "nested too deeply"),
    ],
)
def test_a_payload_that_cannot_be_built_is_the_servers_fault(text: bytes, words: str) -> None:
    with pytest.raises(ProtocolError, match=f"^the answer is {words}"):
        jsonrpc.decode_value(text, what="the answer")


def test_bytes_that_are_no_text_are_found_in_a_payload_of_any_size() -> None:
    head, tail = b'{"jsonrpc":"2.0","id":1,"result":{"a":"', b'"}}'
    wide = "é".encode()
    for size in (1, 3_000_001):
        assert jsonrpc.decode(head + wide * (size // 2) + tail).id == 1
        with pytest.raises(UnicodeDecodeError):
            jsonrpc.decode(head + wide * (size // 2) + b"\xc3" + tail)
