"""One text for one JSON value, whatever the order of its keys: for cache keys, locks and logs.

`1` and `1.0` stay apart: telling two equal things apart costs a cache hit, the opposite gives a wrong answer.
"""

from __future__ import annotations

from typing import Any

import msgspec


def canonical(value: Any) -> bytes:
    """Compact JSON with sorted keys, in UTF-8."""
    try:
        return msgspec.json.encode(value, order="sorted")
    except UnicodeEncodeError:
        # Half of a surrogate pair is legal JSON and has no UTF-8: escapes can hold it.
        import json

        return json.dumps(value, sort_keys=True, separators=(",", ":")).encode("ascii")


def fingerprint(value: Any) -> str:
    """SHA-256 of the canonical text, in hex."""
    from hashlib import sha256

    return sha256(canonical(value)).hexdigest()
