"""Whole lists from paged answers, guarded against servers that page for ever."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from mcpctl.errors import ProtocolError
from mcpctl.model.protocol import JsonObject, Listing
from mcpctl.session.answers import as_object, malformed

MAX_PAGES = 1000
"""More pages than any real server has; with the deadline it bounds the work."""

MAX_ITEMS = 100_000
"""More entries than anybody can use; bounds the memory."""

_KEYS = {
    "tools/list": ("tools", "name"),
    "resources/list": ("resources", "uri"),
    "resources/templates/list": ("resourceTemplates", "uriTemplate"),
    "prompts/list": ("prompts", "name"),
}


Objection = Callable[[JsonObject], str | None]
"""Says why an entry must not be used."""


async def collect(
    method: str, fetch: Callable[[JsonObject | None], Awaitable[bytes]], objection: Objection = lambda _: None
) -> Listing:
    """Every page of `method`. Unusable entries are left out and reported; the others stay usable."""
    key, naming = _KEYS[method]
    items: list[JsonObject] = []
    faults: list[str] = []
    seen: set[str] = set()
    cursor: str | None = None
    ttl: float | None = None
    for page in range(1, MAX_PAGES + 1):
        result = as_object(await fetch({"cursor": cursor} if cursor is not None else None), method)
        for item in _page(result, key):
            fault = None if isinstance(item, dict) and isinstance(item.get(naming), str) else f"no `{naming}`"
            fault = fault or objection(item)
            if fault is None:
                items.append(item)
            else:
                faults.append(f"{_called(item, naming, key)} is left out: {fault}")
        ttl = _shortest(ttl, result.get("ttlMs"))
        following = result.get("nextCursor")
        if following is None or following == "":
            return Listing(items=tuple(items), pages=page, faults=tuple(faults), ttl=ttl)
        if not isinstance(following, str) or following in seen:
            faults.append(f"page {page} leads back to a page that was already read")
            return Listing(items=tuple(items), pages=page, faults=tuple(faults), ttl=ttl)
        seen.add(following)
        cursor = following
        if len(items) > MAX_ITEMS:
            raise ProtocolError(f"`{method}` has more than {MAX_ITEMS} entries", code="protocol.too_many")
    raise ProtocolError(f"`{method}` has more than {MAX_PAGES} pages", code="protocol.too_many")


def _page(result: JsonObject, key: str) -> list[Any]:
    page = result.get(key)
    if not isinstance(page, list):
        raise malformed(f"a result without a list of `{key}`")
    return page


def _called(item: Any, naming: str, key: str) -> str:
    name = item.get(naming) if isinstance(item, dict) else None
    return f"`{name}`" if isinstance(name, str) else f"an entry of `{key}`"


def _shortest(so_far: float | None, milliseconds: Any) -> float | None:
    if isinstance(milliseconds, bool) or not isinstance(milliseconds, int | float):
        return so_far
    seconds = max(milliseconds, 0) / 1000
    return seconds if so_far is None else min(so_far, seconds)
