"""Finds every process that a server left in the world, its group and those that fled from it, and signals them.

A process that called `setsid` and outlived its parent is found on Linux only: it comes to us because we adopt orphans
(`PR_SET_CHILD_SUBREAPER`), and is known by the tag in its environment or because it was seen in the family before.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Iterable
from typing import Final

TAG: Final = "MCPCTL_CHILD"
"""Variable in a server's environment that says whose child it is: the starter's process id comes first."""

_PR_SET_CHILD_SUBREAPER: Final = 36
"""From `linux/prctl.h`."""

_ON_LINUX: Final = sys.platform == "linux"

_LOOKS: Final = 20
"""Walks through the family in search of one during which nobody died; a look takes a tenth of a millisecond."""

LEADERS: Final[set[int]] = set()
"""Servers that run now; what they are to us is not for another server's sweep to judge."""

_adopting = False


def adopt_orphans() -> None:
    """Let processes whose parent died come to us instead of init, so that they can be found and ended."""
    global _adopting  # noqa: PLW0603 - a property of this very process
    if _adopting or not _ON_LINUX:
        return
    _adopting = True
    import ctypes

    with contextlib.suppress(OSError, AttributeError):  # a C library without it: only escapees are missed
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


class Family:
    """A server's processes other than its leader, remembered by start time, since numbers are used again."""

    def __init__(self, leader: int, tag: str) -> None:
        self._leader = leader
        self._mark = f"{TAG}={tag}".encode()
        self._seen: dict[int, int] = {}
        self._told: set[int] = set()
        self.living()

    def living(self) -> set[int]:
        """Who is still there; those that ended and are ours to bury, are buried."""
        if not _ON_LINUX:
            return {self._leader} if _group_exists(self._leader) else set()
        for _ in range(_LOOKS):
            if self._look():
                break
        return set(self._seen)

    def _look(self) -> bool:
        """Whether nobody moved meanwhile: whoever dies hands its children on, behind the back of this walk."""
        adopted, certain = self._adopt()
        for pid in _descendants([self._leader, *adopted, *self._seen]):
            if pid not in self._seen and (started := start_time(pid)):
                self._seen[pid] = started
        gone = [pid for pid, started in self._seen.items() if start_time(pid) != started]
        for pid in gone:
            del self._seen[pid]
            _bury(pid)
        return certain and not gone

    def _adopt(self) -> tuple[list[int], bool]:
        """Orphans of this server among our own children, and whether each child could be told."""
        found, certain = [], True
        for pid in _children(os.getpid()):
            if pid in LEADERS or pid in self._seen:
                continue
            environment = _environment(pid)
            if _group_of(pid) != self._leader and self._mark not in environment:
                certain &= environment != [b""] or not start_time(pid)  # else between fork and exec
                continue
            found.append(pid)
            if started := start_time(pid):
                self._seen[pid] = started
            else:
                certain = False
                _bury(pid)
        return found, certain

    def tell(self, number: signal.Signals) -> None:
        """Signal the group and all that left it."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if number is not signal.SIGKILL:
                os.killpg(self._leader, signal.SIGCONT)  # a stopped process hears nothing
            os.killpg(self._leader, number)
        self._told = {pid for pid in self._seen if _group_of(pid) == self._leader}
        self.tell_newcomers(number)

    def tell_newcomers(self, number: signal.Signals) -> None:
        """Signal whoever was found since; nobody hears the same signal twice, which servers take for impatience."""
        for pid in self._seen.keys() - self._told:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, number)
        self._told.update(self._seen)


def resident_pages(leader: int) -> int:
    """Memory that a process and its descendants hold; what they share counts for each."""
    fields = (_read(f"/proc/{pid}/statm").split() for pid in {leader, *_descendants([leader])})
    return sum(int(each[1]) for each in fields if len(each) > 1)


def _group_exists(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _descendants(roots: Iterable[int]) -> set[int]:
    found: set[int] = set()
    todo = list(roots)
    while todo:
        children = _children(todo.pop()) - found
        found |= children
        todo.extend(children)
    return found


def _children(pid: int) -> set[int]:
    found: set[int] = set()
    with contextlib.suppress(OSError):
        for task in os.scandir(f"/proc/{pid}/task"):
            found.update(int(child) for child in _read(f"{task.path}/children").split())
    return found


def start_time(pid: int) -> int:
    """In clock ticks since the machine started; 0 for whoever is gone or only waits to be buried."""
    fields = _read(f"/proc/{pid}/stat").rpartition(b")")[2].split()
    return int(fields[19]) if len(fields) > 19 and fields[0] not in (b"Z", b"X") else 0


def _environment(pid: int) -> list[bytes]:
    return _read(f"/proc/{pid}/environ").split(b"\0")


def _group_of(pid: int) -> int:
    try:
        return os.getpgid(pid)
    except OSError:
        return 0


def _read(path: str) -> bytes:
    """A file of `/proc` as it is at this moment, nothing if its process has gone."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return b""
    parts = []
    try:
        while part := os.read(descriptor, 1 << 16):
            parts.append(part)
    except OSError:
        parts.clear()
    finally:
        os.close(descriptor)
    return b"".join(parts)


def _bury(pid: int) -> None:
    with contextlib.suppress(OSError):
        os.waitpid(pid, os.WNOHANG)
