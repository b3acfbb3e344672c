"""The latest events of one session, for a host whose connection broke: it names the last one that it got.

Bounded in number and bytes; whether what is asked for is still whole can always be told.
"""

from __future__ import annotations

from collections import deque
from typing import Final

from mcpctl.model.value import NamedTuple

MOST_EVENTS: Final = 256
"""Of all streams of a session."""

MOST_BYTES: Final = 1 << 20
"""Of their messages. A larger one is sent, but not kept."""


class EventId(NamedTuple):
    stream: int
    number: int
    """From 1 in each stream; 0 stands before the first event."""

    def __str__(self) -> str:
        return f"{self.stream}-{self.number}"


class Kept(NamedTuple):
    identity: EventId
    message: bytes
    last: bool
    """Whether its stream ended with it."""


def event_id(text: bytes) -> EventId | None:
    """None for what was not made here."""
    stream, _, number = text.partition(b"-")
    if stream.isdigit() and number.isdigit() and len(text) < 32:
        return EventId(int(stream), int(number))
    return None


class Replay:
    def __init__(self) -> None:
        self._kept: deque[Kept] = deque()
        self._bytes = 0

    def keep(self, identity: EventId, message: bytes, *, last: bool = False) -> None:
        self._kept.append(Kept(identity, message, last))
        self._bytes += len(message)
        while len(self._kept) > MOST_EVENTS or self._bytes > MOST_BYTES:
            self._bytes -= len(self._kept.popleft().message)

    def after(self, identity: EventId) -> list[Kept]:
        """What is left of what followed on the same stream."""
        return [
            each
            for each in self._kept
            if each.identity.stream == identity.stream and each.identity.number > identity.number
        ]

    def ended_with(self, identity: EventId) -> bool:
        return any(each.last and each.identity == identity for each in self._kept)
