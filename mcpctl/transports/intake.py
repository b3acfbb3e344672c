"""Finds the messages in what a server writes to stdout, where banners and log lines end up too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from mcpctl.transports.channel import ChannelFacts

_SAMPLES: Final = 20
_SAMPLE_LENGTH: Final = 200
"""Enough to recognise a log line; there may be millions."""

_MARKERS: Final = (b'{"jsonrpc"', b'{"result"', b'{"id"', b'{"method"', b'{"error"')
"""How a message begins that follows other text on its line."""

_BOM: Final = b"\xef\xbb\xbf"


class Intake:
    __slots__ = ("_facts", "receive")

    receive: Callable[[bytes], None]
    """Takes each message; set by the owner, which also counts as noise what turns out to be none."""

    def __init__(self, facts: ChannelFacts) -> None:
        self._facts = facts

    def take(self, line: bytes) -> None:
        if line[:1] == b"{":
            self.receive(line)
        else:
            self._take_odd(line)

    def count_noise(self, line: bytes) -> None:
        facts = self._facts
        facts.noise_lines += 1
        if len(facts.noise_samples) < _SAMPLES:
            facts.noise_samples.append(line[:_SAMPLE_LENGTH].decode("utf-8", "replace"))

    def clue(self) -> str | None:
        """What may explain an answer that never came."""
        facts = self._facts
        if facts.noise_samples:
            several = facts.noise_lines != 1
            return (
                f"let the server log to stderr: {facts.noise_lines} line{'s' * several} on its stdout "
                f"{'are' if several else 'is'} no message{'s' * several}, such as `{facts.noise_samples[0]}`"
            )
        if facts.malformed or facts.unmatched:
            return (
                f"look at what the server sends: {facts.malformed} messages could not be read, "
                f"{facts.unmatched} answered nothing that was asked"
            )
        return None

    def _take_odd(self, line: bytes) -> None:
        """A line that does not begin as a message does: find the message in it, count the rest as noise."""
        line = line.strip()
        if line.startswith(_BOM):
            line = line[len(_BOM) :].lstrip()
        if not line:
            return
        if line[:1] == b"{" or (line[:1] == b"[" and line[1:].lstrip()[:1] == b"{"):
            self.receive(line)
            return
        if b'"jsonrpc"' not in line:
            self.count_noise(line)
            return
        starts = [place for marker in _MARKERS if (place := line.find(marker)) >= 0]
        if starts:
            self.count_noise(line[: min(starts)])
        self.receive(line[min(starts, default=0) :])
