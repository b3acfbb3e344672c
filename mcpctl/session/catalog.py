"""What one server offers, kept as long as it may be trusted.

A list is read again when the server says it changed, when its own time to live is over, or after a while.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from mcpctl.model.protocol import Change, Listing
from mcpctl.model.value import dataclass
from mcpctl.session.sharing import Shared

LIFETIME = 300.0
"""Seconds that a list is believed where the server gave no time to live: not all of them announce changes."""

_CHANGED = {
    "tools": ("tools/list",),
    "resources": ("resources/list", "resources/templates/list"),
    "prompts": ("prompts/list",),
    "resource": (),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    listing: Listing
    at: float


class Catalog:
    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._kept: dict[str, _Kept] = {}
        self._reading: dict[str, Shared[Listing]] = {}
        self._changes = 0

    def recent(self, method: str) -> Listing | None:
        """What was true a while ago: good enough to check a call against, which the server checks again."""
        return self._younger_than(LIFETIME, method)

    async def get(self, method: str, load: Callable[[], Awaitable[Listing]]) -> Listing:
        """The list, read once for all who ask for it meanwhile."""
        kept = self._kept.get(method)
        if kept is not None:
            trusted = self._younger_than(LIFETIME if kept.listing.ttl is None else kept.listing.ttl, method)
            if trusted is not None:
                return trusted
        return await self._reading.setdefault(method, Shared()).get(lambda: self._read(method, load))

    def names(self) -> dict[str, list[str]]:
        """What else was listed, by kind."""
        kinds = {
            "prompts": ("prompts/list", "name"),
            "resources": ("resources/list", "uri"),
            "templates": ("resources/templates/list", "uriTemplate"),
        }
        found = {kind: (self.recent(method), key) for kind, (method, key) in kinds.items()}
        return {
            kind: [item[key] for item in kept.items]
            for kind, (kept, key) in found.items()
            if kept is not None
        }

    def changed(self, change: Change) -> None:
        self._outdate()
        for method in _CHANGED[change.kind]:
            self._kept.pop(method, None)

    def forget(self) -> None:
        self._outdate()
        self._kept.clear()

    async def _read(self, method: str, load: Callable[[], Awaitable[Listing]]) -> Listing:
        changes = self._changes
        listing = await load()
        if changes == self._changes:  # else it changed while it was read
            self._kept[method] = _Kept(listing=listing, at=self._clock())
        return listing

    def _outdate(self) -> None:
        """What is being read now is for those who wait for it already."""
        self._changes += 1
        self._reading.clear()

    def _younger_than(self, seconds: float, method: str) -> Listing | None:
        kept = self._kept.get(method)
        return kept.listing if kept is not None and self._clock() - kept.at < seconds else None
