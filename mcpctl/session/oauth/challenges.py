"""What a server demands when it refuses, read from `WWW-Authenticate` and written again for the SDK. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from mcpctl.session.tokens import Challenge

FORBIDDEN = 403

MAX_CHALLENGE = 4096
"""Characters of a challenge that are looked at and kept: it comes from a server, and goes into a file."""

MAX_QUOTE = 200
"""Characters of a server's own explanation: a sentence, not a page."""


def wants_more(challenge: Challenge) -> bool:
    """A token that is good, for less than what was tried."""
    return challenge.status == FORBIDDEN and parameter(challenge, "error") == "insufficient_scope"


def scopes_of(challenge: Challenge) -> tuple[str, ...]:
    return tuple((parameter(challenge, "scope") or "").split())


def parameter(challenge: Challenge, name: str) -> str | None:
    """The value of one parameter, the first of that name."""
    import re

    text = (challenge.text or "")[:MAX_CHALLENGE]
    for found in re.finditer(
        r'(?<![a-z_])([a-z_]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))', text, re.IGNORECASE
    ):
        if found[1].lower() == name:
            return found[3] if found[2] is None else re.sub(r"\\(.)", r"\1", found[2])
    return None


def explanation(challenge: Challenge) -> str:
    """A server's own words, to be put behind ours."""
    said = parameter(challenge, "error_description")
    return f": {' '.join(said.split())[:MAX_QUOTE]}" if said else ""


def demand(challenge: Challenge, scopes: Iterable[str]) -> str:
    """A challenge that leads to the same metadata, and asks for these scopes; for none, it leaves the choice open."""
    told = {"scope": " ".join(scopes), "resource_metadata": parameter(challenge, "resource_metadata")}
    return " ".join(
        ["Bearer", ", ".join(f'{name}="{_plain(value)}"' for name, value in told.items() if value)]
    )


def union(*several: Iterable[str]) -> tuple[str, ...]:
    """Each scope once, in the order they came."""
    return tuple(dict.fromkeys(scope for scopes in several for scope in scopes))


def _plain(value: str) -> str:
    """No scope and no URL has any of these; in a header they would end the value early."""
    return "".join(each for each in value if each.isprintable() and each.isascii() and each not in '"\\')
