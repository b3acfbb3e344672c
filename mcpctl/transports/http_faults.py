"""What an HTTP answer means that brought no result: status, headers and body become one error in words.

Loaded when the first such answer comes. Never raises, and quotes a server's own words only in part.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from mcpctl.errors import AuthError, ConnectError, McpctlError, ProtocolError
from mcpctl.wire import jsonrpc
from mcpctl.wire.http import Headers, media_type
from mcpctl.wire.jsonrpc import RequestId

BAD_REQUEST = 400
UNAUTHORIZED = 401
FORBIDDEN = 403
NOT_FOUND = 404
SERVER_BUSY = (429, 503)
UNNAMED_ERROR = -32000
"""The code of JSON-RPC for whatever a server has no better one for."""
KINDS = {408: "timeout", 502: "connection_lost", 504: "connection_lost"}
"""What the retry policy makes of a status; the others are no accident that passes."""
ENDPOINT = "check that the URL is that of an MCP endpoint"
HINTS = {
    404: ENDPOINT,
    405: ENDPOINT,
    406: ENDPOINT,
    413: "send less at once, or raise the limit of the server",
}
MAX_QUOTE = 200
"""Characters of a server's own explanation: a sentence, not a page."""
MAX_WAIT = 86400.0
"""Seconds of `Retry-After` that are believed."""


def refused(
    status: int, headers: Headers, body: bytes, *, request_id: RequestId | None, in_session: bool
) -> McpctlError:
    """The error of a status that is no success; `request_id` is none for what gets no answer anyway."""
    said = _rpc_error(headers, body, request_id)
    if status in (UNAUTHORIZED, FORBIDDEN):
        return _unauthorized(status, headers, body)
    if status in SERVER_BUSY:
        return _busy(status, headers, body)
    if in_session and _forgot_session(status, said, _quote(headers, body)):
        return ConnectError(
            f"the server no longer knows this session (HTTP {status}){_quote(headers, body)}",
            code="connect.session_lost",
            http_status=status,
            hint="try again: a new session is opened",
        )
    if said is not None:
        said.http_status = status
        return said
    return ConnectError(
        f"the server answered HTTP {_named(status)}{_quote(headers, body)}",
        code="connect.http_status",
        kind=KINDS.get(status, "http_status"),
        http_status=status,
        retry_after=retry_after(headers),
        hint=HINTS.get(status),
    )


def redirected(status: int, target: str, why: str, *, usable: bool = True) -> ConnectError:
    """`usable` tells that a person might want to configure `target` instead."""
    return ConnectError(
        f"the server redirects to `{target}` (HTTP {status}), which is not followed: {why}",
        code="connect.redirect",
        kind="http_status",
        http_status=status,
        hint="use that URL in the configuration if you trust it" if usable else None,
    )


def unanswered(status: int, headers: Headers) -> ProtocolError:
    """The error of a success that holds neither JSON nor an event stream."""
    kind = media_type(headers)
    if kind:
        why = f"the answer is of type `{_text(kind)}`, not JSON or an event stream"
    elif headers.get(b"content-length", b"") == b"0" or status in (202, 204):
        why = f"the server answered HTTP {_named(status)} to a request, without a result"
    else:
        why = "the answer has no content type"
    return _malformed(why, status)


def unmatched(body: bytes, request_id: RequestId, status: int) -> ProtocolError:
    """The error of a JSON body that turned out not to answer `request_id`."""
    if not body.strip():
        return _malformed("the answer is empty", status)
    try:
        envelope = jsonrpc.decode(body)
    except Exception:  # examined instead of trusted
        from mcpctl.wire import salvage

        found = salvage.examine(body)
        return _malformed(f"the answer is no JSON-RPC message: {found.why or 'it answers nothing'}", status)
    if envelope.method is not None:
        what = "notification" if envelope.id is None else "request"
        return _malformed(
            f"the server answered with a {what} (`{envelope.method[:80]}`) instead of a result", status
        )
    if envelope.id is None and envelope.error:
        return _error_in(envelope)
    shown = "no id" if envelope.id is None else f"the id `{str(envelope.id)[:80]}`"
    return _malformed(f"the answer has {shown}, and the request had `{request_id}`", status)


def retry_after(headers: Headers) -> float | None:
    """Seconds, from a number or a date."""
    value = headers.get(b"retry-after", b"").strip()
    if value.isdigit():
        return min(float(value), MAX_WAIT)
    if not value:
        return None
    from datetime import UTC, datetime
    from email.utils import parsedate_to_datetime

    try:
        when = parsedate_to_datetime(_text(value))
        seconds = (when - datetime.now(when.tzinfo or UTC)).total_seconds()
    except (TypeError, ValueError, OverflowError):
        return None
    return min(max(seconds, 0.0), MAX_WAIT)


def _unauthorized(status: int, headers: Headers, body: bytes) -> AuthError:
    challenge = headers.get(b"www-authenticate")
    required = status == UNAUTHORIZED
    what = "asks for authentication" if required else "refused access"
    return AuthError(
        f"the server {what} (HTTP {status}){_quote(headers, body)}",
        code="auth.required" if required else "auth.refused",
        http_status=status,
        www_authenticate=_text(challenge) if challenge is not None else None,
        hint="run `mcpctl login`, or give a token with `bearer_env` or `headers`"
        if required
        else "check what the token or key is allowed to do",
    )


def _forgot_session(status: int, said: ProtocolError | None, words: str) -> bool:
    """The protocol wants 404; servers made after the official examples say 400, and name the session in words."""
    if status == BAD_REQUEST:
        generic = said is None or said.rpc_code == UNNAMED_ERROR
        return generic and "session" in (said.message if said is not None else words).lower()
    return status == NOT_FOUND and (said is None or said.rpc_code != jsonrpc.METHOD_NOT_FOUND)


def _busy(status: int, headers: Headers, body: bytes) -> ConnectError:
    wait = retry_after(headers)
    asks = f", it asks to wait {wait:g} s" if wait is not None else ""
    return ConnectError(
        f"the server is busy (HTTP {_named(status)}){asks}{_quote(headers, body)}",
        code="connect.busy",
        kind="server_busy",
        http_status=status,
        retry_after=wait,
    )


def _rpc_error(headers: Headers, body: bytes, request_id: RequestId | None) -> ProtocolError | None:
    """The JSON-RPC error that a body holds for this very request."""
    if request_id is None or media_type(headers) != b"application/json":
        return None
    try:
        envelope = jsonrpc.decode(body)
    except Exception:  # an error page that is no JSON-RPC is common and says nothing more
        return None
    if not envelope.error or envelope.id not in (request_id, None):
        return None
    return _error_in(envelope)


def _error_in(envelope: jsonrpc.Envelope) -> ProtocolError:
    try:
        jsonrpc.result_of(envelope)
    except ProtocolError as error:
        return error
    return jsonrpc.malformed("the answer holds both a `result` and an `error`")


def _quote(headers: Headers, body: bytes) -> str:
    """The server's own explanation, where it is a text and not a page."""
    kind, text = media_type(headers), body[: 4 * MAX_QUOTE].decode("utf-8", "replace")
    if kind == b"application/json":
        text = _explanation(body)
    elif kind != b"text/plain":
        text = ""
    line = text.strip().partition("\n")[0].strip()
    return f": {line[:MAX_QUOTE]}" if line else ""


def _explanation(body: bytes) -> str:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    for _ in range(2):  # `{"error": {"message": "…"}}` is two deep
        if not isinstance(value, Mapping):
            break
        value = next(
            (value[key] for key in ("message", "error_description", "error", "detail") if key in value), ""
        )
    return value if isinstance(value, str) else ""


def _named(status: int) -> str:
    from http import HTTPStatus

    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _malformed(why: str, status: int) -> ProtocolError:
    return ProtocolError(why, code="protocol.malformed", http_status=status, hint=ENDPOINT)


def _text(value: bytes) -> str:
    return value.decode("latin-1")
