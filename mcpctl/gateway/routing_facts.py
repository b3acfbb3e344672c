"""What a request of a host says about itself, in its body and again in its headers, and whether the two agree."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Final

import msgspec

from mcpctl.model.protocol import MODERN_VERSION, JsonObject
from mcpctl.model.value import NamedTuple
from mcpctl.session.dialect import NAMED_BY
from mcpctl.session.negotiate import UNSUPPORTED_VERSION
from mcpctl.session.param_headers import headers_for, tokens_of
from mcpctl.wire.jsonrpc import ABSENT, Envelope, RequestId

INVALID_PARAMS: Final = -32602
HEADER_MISMATCH: Final = -32020

_META: Final = "io.modelcontextprotocol/"


class _Meta(msgspec.Struct):
    version: str | None = msgspec.field(name=_META + "protocolVersion", default=None)
    capabilities: msgspec.Raw = msgspec.field(name=_META + "clientCapabilities", default=ABSENT)
    log_level: str | None = msgspec.field(name=_META + "logLevel", default=None)
    token: int | str | None = msgspec.field(name="progressToken", default=None)


class _Params(msgspec.Struct):
    meta: _Meta | None = msgspec.field(name="_meta", default=None)
    name: str | None = None
    uri: str | None = None


_decode = msgspec.json.Decoder(_Params).decode


class RequestFacts(NamedTuple):
    version: str | None
    stateless: bool
    """Whether body or headers name a version without a handshake, known or not."""
    has_capabilities: bool
    log_level: str | None
    token: RequestId | None
    name: str | None


class Fault(NamedTuple):
    code: int
    message: str
    data: object = None


def facts_of(envelope: Envelope, headers: Mapping[bytes, bytes]) -> RequestFacts:
    try:
        params = _decode(bytes(envelope.params) or b"{}")
    except msgspec.MsgspecError:
        params = _Params()
    meta = params.meta or _Meta()
    named_by = NAMED_BY.get(envelope.method or "")
    stated = headers.get(b"mcp-protocol-version", b"").decode("latin-1")
    return RequestFacts(
        version=meta.version or stated or None,
        stateless=meta.version is not None or stated == MODERN_VERSION,
        has_capabilities=bool(meta.capabilities),
        log_level=meta.log_level,
        token=meta.token,
        name=None if named_by is None else getattr(params, named_by),
    )


def fault_of(envelope: Envelope, facts: RequestFacts, headers: Mapping[bytes, bytes]) -> Fault | None:
    """What is wrong with a request of the stateless era."""
    stated = headers.get(b"mcp-protocol-version", b"").decode("latin-1")
    if not facts.has_capabilities:
        needed = f"`{_META}protocolVersion` and `{_META}clientCapabilities`"
        return Fault(INVALID_PARAMS, f"`params._meta` needs {needed}")
    if stated != facts.version:
        return Fault(HEADER_MISMATCH, "`MCP-Protocol-Version` differs from the version in the body")
    if headers.get(b"mcp-method", b"").decode("latin-1") != envelope.method:
        return Fault(HEADER_MISMATCH, "`Mcp-Method` differs from the method in the body")
    if facts.name is not None and _plain(headers.get(b"mcp-name")) != facts.name:
        return Fault(HEADER_MISMATCH, "`Mcp-Name` differs from what the body names")
    if facts.version != MODERN_VERSION:
        about = {"supported": [MODERN_VERSION], "requested": facts.version}
        return Fault(UNSUPPORTED_VERSION, f"version `{facts.version}` is not spoken here", about)
    return None


def mirrored_fault(
    schema: JsonObject, arguments: Mapping[str, object], headers: Mapping[bytes, bytes]
) -> Fault | None:
    """Arguments that a tool wants repeated as headers, and headers that say something else."""
    wanted = {name.lower().encode(): value for name, value in (headers_for(schema, arguments) or {}).items()}
    given = {name: value for name, value in headers.items() if name.startswith(b"mcp-param-")}
    known = {f"mcp-param-{token}".lower().encode() for token in tokens_of(schema)}
    for name in known:
        said, meant = _plain(given.get(name)), wanted.get(name)
        if (said is None) != (meant is None) or (name in given and said is None):
            return Fault(HEADER_MISMATCH, f"`{name.decode()}` and the arguments do not agree")
        if said is not None and meant is not None and not _same(said, _plain(meant.encode())):
            return Fault(HEADER_MISMATCH, f"`{name.decode()}` differs from the argument in the body")
    return None


def _same(said: str, meant: str | None) -> bool:
    """`42` and `42.0` are one number."""
    whole, _, fraction = said.partition(".")
    return said == meant or (whole == meant and fraction.strip("0") == "" and whole.lstrip("-").isdecimal())


def _plain(value: bytes | None) -> str | None:
    """A header's text, out of the base64 that the protocol wraps around what a header cannot carry."""
    if value is None:
        return None
    if not (value.startswith(b"=?base64?") and value.endswith(b"?=")):
        return value.decode("latin-1")
    try:
        return base64.b64decode(value[9:-2], validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
