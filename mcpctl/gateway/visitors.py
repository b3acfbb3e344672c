"""Who may talk to an endpoint: a page of the web that makes a browser knock here is turned away (DNS rebinding)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import urlsplit

from mcpctl.errors import UsageError
from mcpctl.wire.listening import is_loopback

_LOOPBACK_NAMES: Final = ("localhost", "127.0.0.1", "::1")


class Visitors:
    def __init__(self, bound: str, allowed: Iterable[str] = ()) -> None:
        """Raises `UsageError` for an address that others can reach, unless it is said by which names they do."""
        names = tuple(allowed)
        if not names and not is_loopback(bound):
            raise UsageError(
                f"`{bound}` can be reached from other machines, and there is no password here",
                code="usage.exposed",
                hint="listen on `127.0.0.1`, or say by which name hosts reach it: `--allow-host NAME`",
            )
        self._names = frozenset(name.lower() for name in (*_LOOPBACK_NAMES, bound, *names))

    def objection(self, headers: Mapping[bytes, bytes]) -> str | None:
        """What is wrong with a request's `Host` or `Origin`."""
        host = headers.get(b"host", b"").decode("latin-1")
        if self._name_of(f"//{host}") not in self._names:
            return "the `Host` header names another place"
        origin = headers.get(b"origin")
        if origin is not None and self._name_of(origin.decode("latin-1")) not in self._names:
            return "the `Origin` header names another place"
        return None

    @staticmethod
    def _name_of(url: str) -> str:
        try:
            return urlsplit(url).hostname or ""
        except ValueError:
            return ""
