"""What one server offers, kept as long as it may be trusted.

A list is read again when the server says it changed, when its own time to live is over, or after a while.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from mcpctl.model.protocol import Change, Listing

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
    until: float


class Catalog:
    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._kept: dict[str, _Kept] = {}

    async def get(self, method: str, load: Callable[[], Awaitable[Listing]]) -> Listing:
        kept = self._kept.get(method)
        if kept is not None and self._clock() < kept.until:
            return kept.listing
        listing = await load()
        lifetime = LIFETIME if listing.ttl is None else listing.ttl
        self._kept[method] = _Kept(listing=listing, until=self._clock() + lifetime)
        return listing

    def changed(self, change: Change) -> None:
        for method in _CHANGED[change.kind]:
            self._kept.pop(method, None)

    def forget(self) -> None:
        self._kept.clear()
