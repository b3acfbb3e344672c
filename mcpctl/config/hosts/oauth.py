"""The parts of OAuth in the words of a host, and which of them it has no word for."""

from __future__ import annotations

from typing import Any

_OAUTH = {
    "claude-code": {"client_id": "clientId", "redirect_port": "callbackPort", "scopes": "scopes"},
    "claude-plugin": {"client_id": "clientId", "redirect_port": "callbackPort", "scopes": "scopes"},
    "zed": {"client_id": "client_id", "client_secret": "client_secret"},
    "codex": {"client_id": "client_id"},
    "cursor": {"client_id": "CLIENT_ID", "client_secret": "CLIENT_SECRET", "scopes": "scopes"},
}
"""What a host calls the parts of OAuth; every other part has no place there."""


def oauth_words(host_id: str, oauth: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """What the host is told, and the keys that mean nothing to it."""
    known = _OAUTH.get(host_id, {})
    written = {known[key]: value for key, value in oauth.items() if key in known}
    if host_id.startswith("claude") and isinstance(written.get("scopes"), list):
        written["scopes"] = " ".join(written["scopes"])
    return written, sorted(oauth.keys() - known.keys())
