"""Answers of tools that the configuration calls cacheable, for as long as it says.

Bounded in entries and bytes, oldest use out first. Refuses to guess: a tool without a time is never kept, and an
answer that was asked for before an invalidation does not come in after it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from typing import Any, Generic, TypeVar

from mcpctl.model.server import CacheSpec
from mcpctl.model.value import NamedTuple
from mcpctl.policy.canonical import fingerprint

Value = TypeVar("Value")

MAX_BYTES = 64 << 20
"""A thousand screenshots must not become the size of the process."""


class CacheKey(NamedTuple):
    identity: str
    """Whose answer it is; one user's must never reach another."""
    tool: str
    arguments: str


def key_of(identity: str, tool: str, arguments: Mapping[str, Any] | None) -> CacheKey:
    return CacheKey(identity, tool, fingerprint(arguments or {}))


class _Entry(NamedTuple, Generic[Value]):
    value: Value
    expires: float
    size: int


class ResultCache(Generic[Value]):
    """Keep only answers that succeeded: what is put in is given out."""

    def __init__(self, spec: CacheSpec, clock: Callable[[], float], *, max_bytes: int = MAX_BYTES) -> None:
        self._spec = spec
        self._clock = clock
        self._max_bytes = max_bytes
        self._entries: OrderedDict[CacheKey, _Entry[Value]] = OrderedDict()
        self._bytes = 0
        self.epoch = 0
        """Counts invalidations. Read it before the call, hand it to `put`."""

    def __len__(self) -> int:
        return len(self._entries)

    def lifetime(self, tool: str) -> float | None:
        """Seconds that an answer of this tool may be reused; none for a tool that is not to be cached."""
        exact = self._spec.tools.get(tool)
        if exact is not None:
            return exact if exact > 0 else None
        for pattern, seconds in self._spec.tools.items():
            if fnmatchcase(tool, pattern):
                return seconds if seconds > 0 else None
        return None

    def get(self, key: CacheKey) -> Value | None:
        entry = self._entries.get(key)
        if entry is None or entry.expires <= self._clock():
            if entry is not None:
                self._drop(key)
            return None
        self._entries.move_to_end(key)
        return entry.value

    def put(self, key: CacheKey, value: Value, *, size: int = 0, epoch: int | None = None) -> bool:
        """Keep an answer; tells whether it was kept. `size` is in bytes."""
        lifetime = self.lifetime(key.tool)
        stale = epoch is not None and epoch != self.epoch
        if lifetime is None or stale or size > self._max_bytes or self._spec.entries < 1:
            return False
        self._drop(key)
        self._entries[key] = _Entry(value, self._clock() + lifetime, size)
        self._bytes += size
        while len(self._entries) > self._spec.entries or self._bytes > self._max_bytes:
            self._drop(next(iter(self._entries)))
        return True

    def clear(self, wanted: Callable[[str], bool] = lambda _: True) -> int:
        """Forget the answers of these tools; how many there were."""
        self.epoch += 1
        keys = [key for key in self._entries if wanted(key.tool)]
        for key in keys:
            self._drop(key)
        return len(keys)

    def _drop(self, key: CacheKey) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._bytes -= entry.size
