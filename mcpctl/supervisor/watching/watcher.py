"""Watches folders, and says which servers changed, or that the configuration did, once a burst of changes is over.

File events come in a thread of their own, which only collects paths; everything else happens in the event loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Final

from mcpctl.model.events import Emit, Noticed
from mcpctl.model.server import ServerSpec
from mcpctl.supervisor.watching.contents import MOST, Contents
from mcpctl.supervisor.watching.ignoring import FOLDERS, Ignoring
from mcpctl.supervisor.watching.quiet import Quiet
from mcpctl.supervisor.watching.targets import Target, repository, targets

EVENTS: Final = frozenset({"modified", "created", "moved", "deleted"})
"""Reading a file is an event too, and a server's start reads all of its files."""

Changed = Callable[[str, str], None]
"""Told a server and why."""


@dataclass(slots=True, kw_only=True)
class _Group:
    """One server's files, or those of the configuration."""

    quiet: Quiet
    fire: Callable[[str], None]
    covers: Callable[[Path], bool]
    targets: tuple[Target, ...] = ()
    contents: Contents = field(default_factory=Contents)
    changed: set[Path] = field(default_factory=set)
    timer: asyncio.TimerHandle | None = None


class Watcher:
    def __init__(
        self, folder: Path, *, clock: Callable[[], float], emit: Emit, own: tuple[Path, ...] = ()
    ) -> None:
        """`own` are folders that mcpctl itself writes to."""
        self._folder = folder
        self._clock = clock
        self._emit = emit
        self._loop = asyncio.get_running_loop()
        self._ignoring = Ignoring(repository(folder), own=own)
        self._groups: dict[str, _Group] = {}
        self._observer: Any = None
        self._watches: dict[tuple[Path, bool], Any] = {}
        self._lock = threading.Lock()
        self._touched: set[str] = set()

    def watch_servers(self, specs: Mapping[str, ServerSpec], changed: Changed) -> None:
        """These servers from now on; may be said again when the configuration has changed."""
        wanted = {
            name: found
            for name, spec in specs.items()
            if spec.enabled and (found := targets(spec, self._folder, self._ignoring))
        }
        for name in [each for each in self._groups if each]:
            if self._groups[name].targets != wanted.get(name):
                self._drop(name)
        for name, found in wanted.items():
            if name not in self._groups:  # else a change that is being waited for would be forgotten
                self._add(name, found, partial(changed, name))

    def watch_files(self, files: Iterable[Path], changed: Callable[[str], None]) -> None:
        """These very files, whether they are there yet or not."""
        self._drop("")
        chosen = frozenset(files)
        group = _Group(quiet=Quiet(self._clock), fire=changed, covers=chosen.__contains__)
        group.contents.note(chosen)
        self._groups[""] = group
        for folder in {file.parent for file in chosen}:
            if folder.is_dir():
                self._schedule(folder, recursive=False)

    def close(self) -> None:
        for name in list(self._groups):
            self._drop(name)
        if self._observer is not None:
            self._observer.stop()
            self._observer = None

    # -- what is watched -------------------------------------------------------------------------------------------

    def _add(self, name: str, found: tuple[Target, ...], fire: Callable[[str], None]) -> None:
        def covers(path: Path) -> bool:
            return any(target.covers(path, self._ignoring) for target in found)

        group = _Group(quiet=Quiet(self._clock), fire=fire, covers=covers, targets=found)
        self._groups[name] = group
        for target in found:
            alone = [target.named] if target.alone and target.named is not None else None
            group.contents.note(alone or islice(filter(covers, _files(target.root)), MOST))
            if target.root.is_dir():
                self._schedule(target.root, recursive=alone is None)

    def _drop(self, name: str) -> None:
        group = self._groups.pop(name, None)
        if group is not None and group.timer is not None:
            group.timer.cancel()

    def _schedule(self, folder: Path, *, recursive: bool) -> None:
        if (folder, recursive) in self._watches or (folder, True) in self._watches:
            return
        try:
            observer = self._running()
            self._watches[folder, recursive] = observer.schedule(
                self, str(folder), recursive=recursive, event_filter=_events()
            )
        except OSError as error:
            self._emit(
                Noticed(
                    message=f"changes below `{folder}` are not seen: {error.strerror or error}",
                    hint="narrow it with `watch`, or raise `fs.inotify.max_user_watches`",
                )
            )

    def _running(self) -> Any:
        if self._observer is None:
            from watchdog.observers import Observer

            self._observer = Observer()
            self._observer.start()
        return self._observer

    # -- what happens ----------------------------------------------------------------------------------------------

    def dispatch(self, event: Any) -> None:
        """Called by watchdog, in its thread."""
        if event.event_type not in EVENTS or (event.is_directory and event.event_type == "modified"):
            return
        with self._lock:
            first = not self._touched
            self._touched.add(os.fsdecode(event.src_path))
            if event.event_type == "moved":
                self._touched.add(os.fsdecode(event.dest_path))
        if first:
            with contextlib.suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(self._collect)

    def _collect(self) -> None:
        with self._lock:
            touched, self._touched = self._touched, set()
        for text in touched:
            path = Path(text)
            for name, group in self._groups.items():
                if group.covers(path):
                    group.changed.add(path)
                    group.quiet.touched()
                    self._arm(name, group)

    def _arm(self, name: str, group: _Group) -> None:
        if group.timer is None:
            group.timer = self._loop.call_later(group.quiet.remaining() or 0.0, self._due, name, group)

    def _due(self, name: str, group: _Group) -> None:
        group.timer = None
        remaining = group.quiet.remaining()
        if remaining:
            self._arm(name, group)
            return
        group.quiet.clear()
        touched, group.changed = sorted(group.changed), set()
        changed = [path for path in touched if group.contents.changed(path)]
        if changed and self._groups.get(name) is group:
            more = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
            group.fire(f"{changed[0].name}{more} changed")


def _events() -> list[Any]:
    """What the kernel is asked for: else each look at a file in a folder such as `/tmp` would wake us."""
    from watchdog import events

    return [
        *(events.FileModifiedEvent, events.FileCreatedEvent, events.FileMovedEvent, events.FileDeletedEvent),
        *(events.DirCreatedEvent, events.DirMovedEvent, events.DirDeletedEvent),
    ]


def _files(root: Path) -> Iterator[Path]:
    for at, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name not in FOLDERS]
        for name in names:
            yield Path(at, name)
