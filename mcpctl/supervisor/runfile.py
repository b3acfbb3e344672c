"""Which processes a supervisor has, on disk, so that they can be found and ended after it was killed.

A process is known by its number and the moment it was started, never by its name.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from mcpctl.model.value import dataclass
from mcpctl.transports.channel import Channel
from mcpctl.transports.sweep import TAG, start_time

SUFFIX: Final = ".json"

ENDING: Final = 2.0
"""Seconds between SIGTERM and SIGKILL for what a crash left behind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    pid: int
    started: int
    tag: str = ""

    @property
    def alive(self) -> bool:
        return bool(self.started) and start_time(self.pid) == self.started


class RunFile:
    def __init__(self, path: Path, *, config: str | None, version: str) -> None:
        self.path = path
        self._about: dict[str, Any] = {
            "pid": os.getpid(),
            "started": start_time(os.getpid()),
            "config": config,
            "version": version,
            "since": time.time(),
        }

    def write(self, channels: Iterable[Channel] = ()) -> None:
        """A disk that is full makes leftovers harder to find, and nothing else worse."""
        children = []
        for channel in channels:
            pid = channel.facts.pid
            if pid is not None:
                tag = getattr(getattr(channel, "process", None), "tag", "")
                children.append({"pid": pid, "started": start_time(pid), "tag": tag})
        with contextlib.suppress(OSError):
            beside = self.path.with_name(f"{self.path.name}.{os.getpid()}")
            beside.write_text(json.dumps({**self._about, "children": children}), encoding="utf-8")
            beside.replace(self.path)

    def remove(self) -> None:
        with contextlib.suppress(OSError):
            self.path.unlink()


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """A run file as it was found."""

    path: Path
    supervisor: Known
    config: str | None
    version: str | None
    children: tuple[Known, ...]

    def leftovers(self) -> list[Known]:
        """What still runs of a supervisor that is gone, grandchildren included."""
        if self.supervisor.alive:
            return []
        tags = {child.tag for child in self.children if child.tag}
        living = {child.pid: child for child in self.children if child.alive}
        for pid, tag in _tagged():
            if tag in tags:
                living.setdefault(pid, Known(pid=pid, started=start_time(pid), tag=tag))
        return list(living.values())


def read(path: Path) -> Past | None:
    """None for a file that is not there or says nothing."""
    try:
        found = json.loads(path.read_bytes())
        return Past(
            path=path,
            supervisor=Known(pid=int(found["pid"]), started=int(found["started"])),
            config=found.get("config"),
            version=found.get("version"),
            children=tuple(
                Known(pid=int(each["pid"]), started=int(each["started"]), tag=str(each.get("tag", "")))
                for each in found.get("children", ())
            ),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def all_in(folder: Path) -> Iterator[Past]:
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        past = read(path)
        if past is not None:
            yield past


def end(processes: Iterable[Known]) -> None:
    """End what was left behind: gently, then for sure."""
    todo = list(processes)
    for number, seconds in ((signal.SIGTERM, ENDING), (signal.SIGKILL, ENDING)):
        for process in todo:
            if process.alive:
                _signal(process.pid, number)
        until = time.monotonic() + seconds
        while time.monotonic() < until and any(process.alive for process in todo):
            time.sleep(0.01)
        todo = [process for process in todo if process.alive]


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if os.getpgid(pid) == pid:
            os.killpg(pid, number)
        else:
            os.kill(pid, number)


def _tagged() -> Iterator[tuple[int, str]]:
    mark = f"{TAG}=".encode()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            variables = (folder / "environ").read_bytes().split(b"\0")
        except OSError:  # it is gone, or somebody else's
            continue
        for each in variables:
            if each.startswith(mark):
                yield int(folder.name), each[len(mark) :].decode("ascii", "replace")
