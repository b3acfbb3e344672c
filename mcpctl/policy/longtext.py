"""Texts of many megabytes are UTF-8 from the message to the output; here is how they are looked at all the same."""

from __future__ import annotations

from collections.abc import Iterator

PIECE = 1 << 18
"""Bytes that become a text at a time."""


def pieces(text: bytes, *, split_lines: bool = True) -> Iterator[str]:
    """One after the other: whole lines unless they are longer, no character and no CRLF split."""
    at = 0
    while at < len(text):
        end = at + PIECE
        if end < len(text):
            end = text.rfind(b"\n", at, end) + 1 or (_border if split_lines else _end_of_line)(text, end)
        yield text[at:end].decode("utf-8", "replace")
        at = end


def as_text(text: str | bytes) -> str:
    return text if isinstance(text, str) else text.decode("utf-8", "replace")


def as_utf8(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("utf-8", "replace")


def _end_of_line(text: bytes, at: int) -> int:
    return text.find(b"\n", at) + 1 or len(text)


def _border(text: bytes, at: int) -> int:
    while text[at] & 0xC0 == 0x80 or text[at - 1 : at + 1] == b"\r\n":
        at -= 1
    return at
