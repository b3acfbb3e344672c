"""What goes wrong inside the SDK's OAuth client, in our words. Quotes an authorization server only in part."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from mcpctl.errors import AuthError, ConnectError, McpctlError

if TYPE_CHECKING:
    import httpx2

MAX_QUOTE = 200
"""Characters of somebody else's explanation: a sentence, not a page."""
FIRST_REFUSAL = 400
FIRST_FAULT = 500
TOO_MANY = 429


def known() -> tuple[type[Exception], ...]:
    """What the flow raises when the other side, not mcpctl, is at fault."""
    import httpx2
    import jwt
    from mcp.client.auth import OAuthFlowError

    return (OAuthFlowError, ValueError, httpx2.InvalidURL, httpx2.HTTPError, jwt.PyJWTError)


def translated(error: Exception, last: httpx2.Response | None) -> McpctlError:
    """`last` is the answer that the flow had before it gave up."""
    if last is not None and passes(last.status_code):
        return unwell(last)
    said = _answered(last) if last is not None and last.status_code >= FIRST_REFUSAL else _line(str(error))
    message, code, hint = _told(error, said)
    return AuthError(message, code=code, hint=hint)


def unwell(response: httpx2.Response) -> ConnectError:
    return ConnectError(
        f"the authorization server is not well: {_answered(response)}",
        code="connect.authorization",
        kind="server_busy",
        http_status=response.status_code,
    )


def passes(status: int) -> bool:
    """Whether a refusal says nothing about what was asked."""
    return status == TOO_MANY or status >= FIRST_FAULT


def _told(error: Exception, said: str) -> tuple[str, str, str | None]:
    """Message, code and hint."""
    from mcp.client.auth import OAuthRegistrationError, OAuthTokenError
    from pydantic import ValidationError

    if isinstance(error, OAuthRegistrationError):
        message = f"mcpctl could not register with the authorization server: {said}"
        hint = "register a client by hand, and set `oauth.client_id` for this server"
        return message, "auth.registration", hint
    if isinstance(error, OAuthTokenError):
        return f"the authorization server gave no token: {said}", "auth.token", None
    if isinstance(error, ValidationError):
        return "an answer of the authorization server is malformed", "auth.malformed", None
    if str(error).startswith("State parameter"):  # the two values are nobody's business
        hint = "start again, and use the page of this very login"
        return "the address belongs to another login: its `state` is not ours", "auth.state", hint
    return f"the login stopped: {said}", "auth.flow", None


def _answered(response: httpx2.Response) -> str:
    return f"HTTP {response.status_code} from `{_shown(response)}`{_quote(response)}"


def _shown(response: httpx2.Response) -> str:
    url = response.request.url
    return f"{url.scheme}://{url.netloc.decode('ascii', 'replace')}{url.path}"[:MAX_QUOTE]


def _quote(response: httpx2.Response) -> str:
    """What OAuth calls an error, and its description."""
    try:
        told = json.loads(response.content)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(told, dict):
        return ""
    parts = (told.get(name) for name in ("error", "error_description"))
    said = _line(": ".join(part for part in parts if isinstance(part, str)))
    return f": {said}" if said else ""


def _line(text: str) -> str:
    """On one line, short, and begun as the rest of a sentence."""
    line = " ".join(text.split())[:MAX_QUOTE].rstrip(".")
    return f"{line[:1].lower()}{line[1:]}"
