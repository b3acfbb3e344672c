"""Bytes that arrive in pieces, however small: a list of two-byte pieces would cost twenty times what they hold."""

from __future__ import annotations


class Pieces:
    """One piece is kept as it came; more are copied together."""

    __slots__ = ("_first", "_more")

    def __init__(self) -> None:
        self._first = b""
        self._more: bytearray | None = None

    def add(self, piece: bytes) -> None:
        if not self._first:
            self._first = piece
        elif self._more is None:
            self._more = bytearray(piece)
        else:
            self._more += piece

    def __len__(self) -> int:
        return len(self._first) + (len(self._more) if self._more is not None else 0)

    def take(self) -> bytes:
        """All of it; nothing is left."""
        first, more = self._first, self._more
        self._first, self._more = b"", None
        return first if more is None else first + more
