"""The parts of OAuth in the words of a host, and which of them it has no word for."""

from __future__ import annotations

from typing import Any

from mcpctl.config.hosts.facts import HostFacts


def oauth_words(host: HostFacts, oauth: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """What the host is told, and the keys that mean nothing to it."""
    known = {field.name: field for field in host.oauth}
    written = {}
    for name, value in oauth.items():
        if name in known:
            as_text = known[name].shape == "text" and isinstance(value, list)
            written[known[name].key or name] = " ".join(value) if as_text else value
    return written, sorted(oauth.keys() - known.keys())
