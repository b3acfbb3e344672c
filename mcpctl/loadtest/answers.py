"""Good answers at the speed of C, and what is wrong with the others.

`read_lines` and `read_one` take nothing but complete, successful answers; whatever they refuse is looked at in full by
`judge`, which is slower and misses nothing.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from mcpctl.model.value import NamedTuple
from mcpctl.wire.jsonrpc import ABSENT, Envelope


class _Result(msgspec.Struct, gc=False):
    # Most servers leave it out. A bool cannot be pinned to one value by its type, so whoever reads looks at it.
    isError: bool = False  # noqa: N815 - the protocol's own name
    resultType: Literal["complete"] = "complete"  # noqa: N815


class Answer(msgspec.Struct, gc=False):
    jsonrpc: Literal["2.0"]
    id: int
    result: _Result
    error: None = None


read_one = msgspec.json.Decoder(Answer).decode
read_lines = msgspec.json.Decoder(Answer).decode_lines


class Fault(NamedTuple):
    kind: str
    words: str


class _Text(msgspec.Struct, gc=False):
    text: str = ""


class _Full(msgspec.Struct, gc=False):
    content: list[_Text] = []
    isError: bool = False  # noqa: N815
    resultType: str = "complete"  # noqa: N815


class _Error(msgspec.Struct, gc=False):
    code: int | float
    message: str


_read_full = msgspec.json.Decoder(_Full).decode
_read_error = msgspec.json.Decoder(_Error).decode


def judge(envelope: Envelope) -> Fault | None:
    """What is wrong with an answer; None where nothing is."""
    if envelope.error is not ABSENT and bytes(envelope.error) != b"null":
        return _refusal(envelope)
    result = bytes(envelope.result)
    if result[:1] != b"{":
        return Fault("malformed", "the answer holds no `result` that is an object")
    try:
        full = _read_full(result)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        return Fault("malformed", f"the result is of the wrong form: {error}")
    if full.isError:
        return Fault("is_error", full.content[0].text if full.content else "the tool says that it failed")
    if full.resultType != "complete":
        return Fault(
            "invalid", f"the answer is not complete but `{full.resultType}`: nobody is here to be asked"
        )
    return None


def _refusal(envelope: Envelope) -> Fault:
    if bytes(envelope.result) not in {b"", b"null"}:
        return Fault("malformed", "the answer holds both a `result` and an `error`")
    try:
        error = _read_error(envelope.error)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as fault:
        return Fault("malformed", f"the error is of the wrong form: {fault}")
    return Fault("rpc_error", f"{error.code:g}: {error.message}")
