"""What is worth remembering about a server between runs: the era it speaks.

Kept in one small file of the cache folder. A memory that cannot be read or written is as good as none.
"""

from __future__ import annotations

import contextlib
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mcpctl.model.server import ServerSpec
from mcpctl.session.private import write_private

if TYPE_CHECKING:  # completion comes here too, and it has no need of the protocol
    from mcpctl.model.protocol import Era

LIFETIME = 7 * 86400.0
"""Seconds; a server that was updated gets a new chance to show its era."""

MAX_ENTRIES = 500
"""Oldest leave first."""


class Memory:
    def __init__(self, file: Path) -> None:
        self._file = file
        self._entries: dict[str, Any] | None = None

    def era(self, spec: ServerSpec) -> Era | None:
        entry = self._load().get(fingerprint(spec))
        if not isinstance(entry, list) or len(entry) != 2 or entry[0] not in ("handshake", "stateless"):
            return None
        fresh = isinstance(entry[1], int | float) and time.time() - entry[1] < LIFETIME
        return entry[0] if fresh else None

    def remember(self, spec: ServerSpec, era: Era) -> None:
        if self.era(spec) == era:
            return
        entries, own = self._load(), fingerprint(spec)
        entries.pop(own, None)
        entries[own] = [era, round(time.time())]
        while len(entries) > MAX_ENTRIES:
            entries.pop(next(iter(entries)))
        with contextlib.suppress(OSError):
            write_private(self._file, json.dumps(entries))

    def _load(self) -> dict[str, Any]:
        if self._entries is None:
            try:
                found = json.loads(self._file.read_bytes())
            except (OSError, ValueError):
                found = {}
            self._entries = found if isinstance(found, dict) else {}
        return self._entries


def fingerprint(spec: ServerSpec) -> str:
    """The same for the same program or address, whatever its name; secrets do not enter."""
    from hashlib import sha256

    told = [spec.transport, spec.url, spec.command, list(spec.args), spec.cwd]
    return sha256(json.dumps(told).encode()).hexdigest()[:24]
