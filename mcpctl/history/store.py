"""The database file: its shape, merging batches into it, and keeping it small. One thread uses one of these.

Several processes may write the same file: each batch is one short transaction. A file that is broken is moved aside,
since a history that cannot be written is worse than one that starts anew.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from mcpctl.history.spans import COLUMNS, EVER, HOUR, MINUTE, WIDTHS, Key, row_of, series_of
from mcpctl.model.value import NamedTuple
from mcpctl.policy.metrics import Series

VERSION = 1
"""Of the tables; a file of another version is moved aside."""

PATIENCE = 2.0
"""Seconds that a batch waits for another process's."""

KEPT_CALLS = 10_000
"""Single calls, the latest ones."""

_DAY = 86400.0
KEPT = {MINUTE: 2 * _DAY, HOUR: 90 * _DAY}
"""Seconds that a span is kept."""

MAX_BYTES = 128 << 20
"""Of the file; beyond it the oldest goes, whatever its age."""

PRUNED_EVERY = 600.0
"""Seconds: what is too old hurts nobody for ten minutes more."""

SHAPE = """
CREATE TABLE spans (
  width INTEGER, start INTEGER, server TEXT, tool TEXT, calls INTEGER, cached INTEGER, attempts INTEGER,
  bytes_in INTEGER, bytes_out INTEGER, errors TEXT, total REAL, smallest REAL, largest REAL, counts BLOB,
  PRIMARY KEY (width, start, server, tool)
) WITHOUT ROWID;
CREATE TABLE calls (id INTEGER PRIMARY KEY, at REAL, server TEXT, tool TEXT, seconds REAL, error TEXT, cached INTEGER);
CREATE TABLE happened (at REAL, server TEXT, kind TEXT, detail TEXT);
CREATE INDEX happened_at ON happened (at);
"""

_FORGET_UNUSED = """
DELETE FROM spans WHERE width = ?1 AND (server, tool) NOT IN (SELECT server, tool FROM spans WHERE width = ?2)
"""
"""Counters of tools that nobody has called for as long as anything is kept: names that were made up must not stay."""

_UNREADABLE = ("not a database", "malformed", "disk image", "unsupported file format", "corrupt")


class Happening(NamedTuple):
    at: float
    server: str
    kind: str
    detail: str


class Call(NamedTuple):
    at: float
    server: str
    tool: str
    seconds: float
    error: str | None
    cached: bool


class Batch(NamedTuple):
    spans: Mapping[tuple[int, str, str], Series]
    """By minute, server and tool."""
    calls: Sequence[Call] = ()
    happenings: Sequence[Happening] = ()


class Store:
    def __init__(self, path: Path, *, max_bytes: int = MAX_BYTES) -> None:
        self._path = path
        self._max_bytes = max_bytes
        self._database: sqlite3.Connection | None = None
        self._pruned = 0.0
        self.moved: Path | None = None
        """Where a broken file went, until somebody has told it."""

    def write(self, batch: Batch, now: float) -> None:
        """All of it or nothing. Raises `sqlite3.Error` or `OSError`; the batch may be tried again."""
        try:
            self._write(batch, now)
        except sqlite3.DatabaseError as error:
            self.close()
            if not is_broken(error):
                raise
            self._move_aside(now)
            self._write(batch, now)

    def close(self) -> None:
        if self._database is not None:
            with suppress(sqlite3.Error):
                self._database.close()
            self._database = None

    def _write(self, batch: Batch, now: float) -> None:
        database = self._opened()
        with closing(database.cursor()) as cursor:
            cursor.execute("BEGIN IMMEDIATE")
            try:
                for key, series in _widened(batch.spans):
                    _merge(cursor, key, series)
                _append(cursor, batch)
                if now - self._pruned > PRUNED_EVERY:
                    self._prune(cursor, now)
                cursor.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    cursor.execute("ROLLBACK")
                raise

    def _opened(self) -> sqlite3.Connection:
        if self._database is not None:
            return self._database
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        database = sqlite3.connect(
            self._path, timeout=PATIENCE, isolation_level=None, check_same_thread=False
        )
        try:
            self._prepare(database)
        except BaseException:
            database.close()
            raise
        self._database = database
        return database

    def _prepare(self, database: sqlite3.Connection) -> None:
        (version,) = database.execute("PRAGMA user_version").fetchone()
        if version not in (0, VERSION):
            raise sqlite3.DatabaseError(f"unsupported file format: version {version}")
        if version == 0:
            self._path.chmod(0o600)
            database.execute("PRAGMA auto_vacuum = INCREMENTAL")
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
        if version == 0:
            self._create(database)

    def _create(self, database: sqlite3.Connection) -> None:
        database.execute("BEGIN IMMEDIATE")
        (version,) = database.execute("PRAGMA user_version").fetchone()
        if version == 0:  # else another process was quicker
            for statement in SHAPE.split(";"):
                database.execute(statement)
            database.execute(f"PRAGMA user_version = {VERSION}")
        database.execute("COMMIT")

    def _prune(self, cursor: sqlite3.Cursor, now: float) -> None:
        self._pruned = now
        for width, age in KEPT.items():
            cursor.execute("DELETE FROM spans WHERE width = ? AND start < ?", (width, int(now - age)))
        cursor.execute("DELETE FROM happened WHERE at < ?", (now - KEPT[HOUR],))
        cursor.execute(_FORGET_UNUSED, (EVER, HOUR))
        (pages,) = cursor.execute("PRAGMA page_count").fetchone()
        (free,) = cursor.execute("PRAGMA freelist_count").fetchone()
        (size,) = cursor.execute("PRAGMA page_size").fetchone()
        if (pages - free) * size > self._max_bytes:
            for width in WIDTHS:
                cursor.execute(
                    "DELETE FROM spans WHERE width = ?1 AND start <= (SELECT min(start) + (max(start) - min(start)) / 3"
                    " FROM spans WHERE width = ?1)",
                    (width,),
                )
        cursor.execute("PRAGMA incremental_vacuum").fetchall()

    def _move_aside(self, now: float) -> None:
        stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime(now))
        self.moved = self._path.with_name(f"{self._path.name}.broken-{stamp}")
        self._path.replace(self.moved)
        for suffix in ("-wal", "-shm"):  # they belong to the broken one
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)


def is_broken(error: sqlite3.DatabaseError) -> bool:
    """Whether the file itself is the problem, and not a lock or a full disk."""
    text = str(error).lower()
    return not isinstance(error, sqlite3.OperationalError) and any(word in text for word in _UNREADABLE)


def _widened(spans: Mapping[tuple[int, str, str], Series]) -> Iterable[tuple[Key, Series]]:
    """The minutes themselves, the hours that they add up to, and what is counted for good."""
    wider: dict[Key, Series] = {}
    for (start, server, tool), series in spans.items():
        yield Key(MINUTE, start, server, tool), series
        for key in (Key(HOUR, start - start % HOUR, server, tool), Key(EVER, 0, server, tool)):
            wider.setdefault(key, Series()).merge(series)
    yield from wider.items()


def _merge(cursor: sqlite3.Cursor, key: Key, series: Series) -> None:
    known = cursor.execute(
        f"SELECT {COLUMNS} FROM spans WHERE width = ? AND start = ? AND server = ? AND tool = ?",  # noqa: S608 - a constant
        key,
    ).fetchone()
    if known is not None:
        try:
            whole = series_of(known)
        except ValueError as error:
            raise sqlite3.DatabaseError(f"malformed row: {error}") from error
        whole.merge(series)
        series = whole
    row: tuple[Any, ...] = (*key, *row_of(series))
    cursor.execute(f"INSERT OR REPLACE INTO spans VALUES ({', '.join('?' * len(row))})", row)  # noqa: S608 - question marks


def _append(cursor: sqlite3.Cursor, batch: Batch) -> None:
    cursor.executemany(
        "INSERT INTO calls (at, server, tool, seconds, error, cached) VALUES (?, ?, ?, ?, ?, ?)",
        batch.calls[-KEPT_CALLS:],
    )
    if batch.calls:
        cursor.execute("DELETE FROM calls WHERE id <= (SELECT max(id) FROM calls) - ?", (KEPT_CALLS,))
    cursor.executemany("INSERT INTO happened VALUES (?, ?, ?, ?)", batch.happenings)
