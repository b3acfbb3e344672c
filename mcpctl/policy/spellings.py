"""How one value looks wherever it may have been written: in URLs, JSON, HTML, hex and base64.

Each form is literal text to look for. Refuses what takes a key or a salt: a hash of a secret is not the secret.
"""

from __future__ import annotations

from collections.abc import Iterator


def spellings(secret: str) -> Iterator[str]:
    """The secret as URLs, JSON, HTML and Basic authentication write it."""
    raw = secret.encode("utf-8", "surrogateescape")
    yield secret
    yield from _percent_encoded(raw)
    yield from _json_escaped(secret)
    yield from _base64(raw)
    yield raw.hex()
    yield raw.hex().upper()
    escaped = secret.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    yield escaped
    yield escaped.replace('"', "&quot;").replace("'", "&#x27;")
    yield escaped.replace('"', "&#34;").replace("'", "&#39;")


def _percent_encoded(raw: bytes) -> Iterator[str]:
    unreserved = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~"
    for kept in (unreserved, unreserved + b"/", unreserved[:-1]):
        for form in ("%{:02X}", "%{:02x}"):
            encoded = "".join(chr(byte) if byte in kept else form.format(byte) for byte in raw)
            yield encoded
            yield encoded.replace("%20", "+")


def _json_escaped(secret: str) -> Iterator[str]:
    """Once and twice: the text of a result is often JSON itself."""
    for encode in (_json_plain, _json_ascii):
        once = encode(secret)
        yield once
        yield once.replace("/", "\\/")
        yield encode(once)


def _json_plain(text: str) -> str:
    import msgspec  # who has no secret needs none of it

    try:
        return msgspec.json.encode(text)[1:-1].decode()
    except UnicodeEncodeError:
        return _json_ascii(text)


def _json_ascii(text: str) -> str:
    if text.isascii():
        return _json_plain(text)
    import json

    return json.dumps(text)[1:-1]


def _base64(raw: bytes) -> Iterator[str]:
    """Alone, and inside of something longer, where it starts at one of three places of a group of four."""
    from binascii import b2a_base64

    for lead in range(3):
        encoded = b2a_base64(b"\0" * lead + raw, newline=False).decode("ascii")
        # Characters that also hold bits of a neighbour are left out.
        first = (lead * 8 + 5) // 6
        last = (lead + len(raw)) * 8 // 6
        for fragment in (encoded[first:].rstrip("="), encoded[first:last]):
            yield fragment
            yield fragment.replace("+", "-").replace("/", "_")
