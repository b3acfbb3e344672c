"""What each server wrote to its stderr: the last lines in memory, more of them in rotated files.

Lines are redacted before they are kept. A full disk and a server that writes without end cost the log, never the server
and never the supervisor.
"""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Final

from mcpctl.model.value import NamedTuple

RING: Final = 1000
"""Lines of each server kept in memory."""

LONGEST: Final = 8192
"""Characters kept of one line."""

FILE_BYTES: Final = 10 << 20
FILES: Final = 3
"""Ten MiB and two older files of the same size: a day of a talkative server."""

PER_SECOND: Final = 2000
"""Lines of one server taken in a second; whoever writes more is cut off and told how much was lost."""

MARKER: Final = "mcpctl: "
"""Before what the log says itself."""


class Kept(NamedTuple):
    at: float
    text: str


class ServerLog:
    def __init__(
        self,
        path: Path | None,
        *,
        now: Callable[[], float],
        clean: Callable[[str], str],
        told: Callable[[Kept], None],
        file_bytes: int = FILE_BYTES,
    ) -> None:
        """`told` gets every line that is kept."""
        self.path = path
        self.lost = 0
        """Lines that came too fast."""
        self.unwritten = 0
        """Lines that the disk did not take."""
        self._now = now
        self._clean = clean
        self._told = told
        self._file_bytes = file_bytes
        self._ring: deque[Kept] = deque(maxlen=RING)
        self._file: BinaryIO | None = None
        self._size = 0
        self._second = 0
        self._taken = 0
        self._skipped = 0
        self._followers: list[Callable[[Kept], None]] = []

    def add(self, line: str) -> None:
        at = self._now()
        second = int(at)
        if second != self._second:
            self._begin(second, at)
        self._taken += 1
        if self._taken > PER_SECOND:
            self._skipped += 1
            self.lost += 1
            return
        self._keep(Kept(at, self._clean(line[:LONGEST])))

    def since(self, at: float | None) -> list[Kept]:
        return [kept for kept in self._ring if at is None or kept.at >= at]

    def follow(self, follower: Callable[[Kept], None]) -> Callable[[], None]:
        """Hear of every line from now on; call what is returned to stop."""
        self._followers.append(follower)

        def stop() -> None:
            with contextlib.suppress(ValueError):
                self._followers.remove(follower)

        return stop

    def close(self) -> None:
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.close()
            self._file = None

    def _begin(self, second: int, at: float) -> None:
        self._second, self._taken = second, 0
        if self._skipped:
            skipped, self._skipped = self._skipped, 0
            self._keep(Kept(at, f"{MARKER}{skipped} lines left out, which came too fast"))

    def _keep(self, kept: Kept) -> None:
        self._ring.append(kept)
        self._write(kept)
        self._told(kept)
        for follower in tuple(self._followers):
            follower(kept)

    def _write(self, kept: Kept) -> None:
        if self.path is None:
            return
        data = f"{stamp(kept.at)} {kept.text}\n".encode("utf-8", "backslashreplace")
        try:
            if self._file is None:
                self._open()
            elif self._size + len(data) > self._file_bytes:
                self._rotate()
            assert self._file is not None
            self._file.write(data)
            self._size += len(data)
        except OSError:
            self.unwritten += 1

    def _open(self) -> None:
        assert self.path is not None
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._file = self.path.open("ab", buffering=0)
        self._size = self._file.tell()

    def _rotate(self) -> None:
        assert self.path is not None
        self.close()
        for number in range(FILES - 1, 0, -1):
            older = self.path if number == 1 else self.path.with_name(f"{self.path.name}.{number - 1}")
            with contextlib.suppress(FileNotFoundError):
                older.replace(self.path.with_name(f"{self.path.name}.{number}"))
        self._open()


def stamp(at: float) -> str:
    """`2026-11-20T06:28:33.123Z`: sorts, and means the same everywhere."""
    import time

    whole = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at))
    return f"{whole}.{int(at * 1000) % 1000:03d}Z"
