"""JSON-RPC envelopes: the frame of a message is decoded, its payload stays JSON text.

A payload may be megabytes that are only passed on, so nobody pays for building it here. What a decoder refuses is not
thrown away but examined in `salvage`, to find out whose answer it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from mcpctl.errors import ProtocolError, UsageError

RequestId = int | str

INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INTERNAL_ERROR = -32603

_SHOWN = 2000
"""Characters of a server's own words in one of our messages; a screenful, not a dump."""

_STRIDE = 1 << 20
"""Bytes of UTF-8 checked at a time: one wide character makes a decoded text four times as large."""

ABSENT = msgspec.Raw()


class Envelope(msgspec.Struct, gc=False):
    """One message. A member that was not sent is `ABSENT`; an answer has no method."""

    jsonrpc: Literal["2.0"]
    id: int | str | None = None
    method: str | None = None
    result: msgspec.Raw = ABSENT
    error: msgspec.Raw = ABSENT
    params: msgspec.Raw = ABSENT


class RpcError(Exception):
    """Raised to answer a request of the server with a JSON-RPC error."""

    def __init__(self, code: int, message: str, data: Any = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = data


class _Request(msgspec.Struct, gc=False, tag_field="jsonrpc", tag="2.0", omit_defaults=True):
    id: RequestId
    method: str
    params: Any = None


class _Notification(msgspec.Struct, gc=False, tag_field="jsonrpc", tag="2.0", omit_defaults=True):
    method: str
    params: Any = None


class _Result(msgspec.Struct, gc=False, tag_field="jsonrpc", tag="2.0"):
    id: RequestId | None
    result: Any


class _Error(msgspec.Struct, gc=False, tag_field="jsonrpc", tag="2.0"):
    id: RequestId | None
    error: dict[str, Any]


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"a {type(value).__name__} has no JSON form")


_decode = msgspec.json.Decoder(Envelope).decode
_encode = msgspec.json.Encoder(enc_hook=_plain).encode


def decode(message: bytes) -> Envelope:
    """Read the frame of one message; any exception means that it is not valid JSON-RPC."""
    if not message.isascii():
        require_utf8(message)
    return _decode(message)


def require_utf8(message: bytes) -> None:
    """Raise `UnicodeDecodeError` for bytes that are not text: the frame's decoder skips over payloads unseen."""
    if len(message) <= _STRIDE:
        message.decode()
        return
    import codecs

    check = codecs.getincrementaldecoder("utf-8")()
    for start in range(0, len(message), _STRIDE):
        check.decode(message[start : start + _STRIDE])
    check.decode(b"", final=True)


def encode_request(request_id: RequestId, method: str, params: Any = None) -> bytes:
    """`params` may be a `msgspec.Raw` that holds JSON text."""
    return _written(_Request(request_id, method, params))


def encode_notification(method: str, params: Any = None) -> bytes:
    return _written(_Notification(method, params))


def encode_result(request_id: RequestId | None, value: Any) -> bytes:
    return _written(_Result(request_id, value))


def encode_error(request_id: RequestId | None, code: int, message: str, data: Any = None) -> bytes:
    error: dict[str, Any] = {"code": code, "message": message}
    if data is not None:
        error["data"] = data
    return _written(_Error(request_id, error))


def _written(message: msgspec.Struct) -> bytes:
    try:
        return _encode(message)
    except UnicodeEncodeError as error:
        raise UsageError(
            "a text to be sent holds bytes that are not valid UTF-8", code="usage.not_text"
        ) from error
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise UsageError(
            f"a value to be sent cannot be written as JSON: {error}", code="usage.not_json"
        ) from error


def decode_value(text: bytes, *, what: str = "the result", server: str | None = None) -> Any:
    """Build the value that `text` holds; a payload that turns out to be no JSON is the server's fault."""
    try:
        return msgspec.json.decode(text)
    except UnicodeDecodeError as error:
        raise malformed(f"{what} is not valid UTF-8", server=server) from error
    except RecursionError as error:
        raise malformed(f"{what} is nested too deeply", server=server) from error
    except (ValueError, OverflowError) as error:
        raise malformed(f"{what} is not usable JSON: {error}", server=server) from error


def result_of(envelope: Envelope, *, server: str | None = None) -> bytes:
    """The JSON text of the result that an answer carries, an object always; else a `ProtocolError`."""
    error = bytes(envelope.error)
    result = bytes(envelope.result)
    if not error or error == b"null":
        if result[:1] == b"{":
            return result
        raise malformed(_no_object("result", result), server=server)
    if result and result != b"null":
        raise malformed("the answer holds both a `result` and an `error`", server=server)
    raise _refusal(error, server)


def malformed(why: str, *, server: str | None = None) -> ProtocolError:
    return ProtocolError(why, code="protocol.malformed", server=server)


def too_large(limit: int, *, server: str | None = None) -> ProtocolError:
    return ProtocolError(
        f"the server sent a message of more than {limit} bytes, which is the limit",
        code="protocol.too_large",
        hint="raise `limits.max_message` of this server, or ask it for less",
        server=server,
    )


def _no_object(member: str, text: bytes) -> str:
    if not text:
        return "the answer holds neither a `result` nor an `error`"
    kinds = {b'"': "a string", b"[": "an array", b"n": "null", b"t": "a boolean", b"f": "a boolean"}
    return f"the `{member}` of the answer is {kinds.get(text[:1], 'a number')}, not an object"


def _refusal(text: bytes, server: str | None) -> ProtocolError:
    if text[:1] != b"{":
        return malformed(_no_object("error", text), server=server)
    error = decode_value(text, what="the `error` of the answer", server=server)
    code, said = error.get("code"), error.get("message")
    words = said[:_SHOWN] if isinstance(said, str) else ""
    if isinstance(code, float) and code.is_integer():
        code = int(code)
    if not isinstance(code, int) or isinstance(code, bool):
        about = f", it says `{words}`" if words else ""
        return malformed(
            f"the error that the server answered has no number as its `code`{about}", server=server
        )
    return ProtocolError(
        words or f"the server answered error {code} without a message",
        code="protocol.rpc_error",
        rpc_code=code,
        rpc_data=error.get("data"),
        server=server,
    )
