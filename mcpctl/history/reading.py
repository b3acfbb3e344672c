"""Reads the history back, beside whoever writes it. Changes nothing, and no file at all is an empty history."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

from mcpctl.errors import ConfigError
from mcpctl.history.spans import COLUMNS, EVER, HOUR, MINUTE, pour
from mcpctl.history.store import KEPT, VERSION, Call, Happening, is_broken
from mcpctl.model.value import NamedTuple
from mcpctl.policy.metrics import Series

PATIENCE = 2.0
"""Seconds that a reader waits for a writer that is just finishing."""


class Span(NamedTuple):
    start: int
    width: int
    server: str
    tool: str
    row: Sequence[Any]
    path: Path

    @property
    def calls(self) -> int:
        return int(self.row[0])

    @property
    def series(self) -> Series:
        """A new one each time."""
        series = Series()
        self.pour(series)
        return series

    def pour(self, *targets: Series) -> None:
        """Add it to others: what is only added up needs no series of its own."""
        try:
            pour(self.row, *targets)
        except ValueError as error:
            raise _unreadable(self.path, str(error), broken=True) from error


class History:
    def __init__(self, path: Path) -> None:
        self._path = path

    def spans(self, since: float, until: float, *, server: str | None = None) -> Iterator[Span]:
        """Whole hours where there are any, and the minutes before and behind them.

        Minutes are not kept for long: a time that goes further back begins with a whole hour.
        """
        far = until - since > KEPT[MINUTE] - HOUR
        since = since // HOUR * HOUR if far else since // MINUTE * MINUTE
        first, last = int(-(-since // HOUR) * HOUR), int(until // HOUR * HOUR)
        if last <= first:
            yield from self._spans(MINUTE, int(since), int(until) + 1, server)
            return
        yield from self._spans(MINUTE, int(since), first, server)
        yield from self._spans(HOUR, first, last, server)
        yield from self._spans(MINUTE, last, int(until) + 1, server)

    def ever(self) -> Iterator[Span]:
        """One for each tool: everything that was counted, whatever has been forgotten of it since."""
        return self._spans(EVER, 0, 1, None)

    def last_successes(self) -> dict[str, float]:
        """When which server last gave an answer, among the latest single calls."""
        words = "SELECT server, max(at) FROM calls WHERE error IS NULL AND NOT cached GROUP BY server"
        return dict(self._rows(words, ()))

    def happened(self, since: float, *, server: str | None = None) -> list[Happening]:
        """Oldest first."""
        words = "SELECT at, server, kind, detail FROM happened WHERE at >= ? AND (?2 IS NULL OR server = ?2) ORDER BY at"
        return [Happening(*row) for row in self._rows(words, (since, server))]

    def calls(self, since: float, *, server: str | None = None) -> list[Call]:
        """The latest single calls, oldest first."""
        words = (
            "SELECT at, server, tool, seconds, error, cached FROM calls"
            " WHERE at >= ? AND (?2 IS NULL OR server = ?2) ORDER BY id"
        )
        return [
            Call(row[0], row[1], row[2], row[3], row[4], bool(row[5]))
            for row in self._rows(words, (since, server))
        ]

    def last_call(self) -> int:
        """The number of the latest single call; each one has a higher number than those before it."""
        rows = self._rows("SELECT max(id) FROM calls", ())
        return int(rows[0][0] or 0) if rows else 0

    def calls_after(self, number: int) -> list[tuple[int, Call]]:
        """Single calls and their numbers, oldest first."""
        words = "SELECT id, at, server, tool, seconds, error, cached FROM calls WHERE id > ? ORDER BY id"
        rows = self._rows(words, (number,))
        return [(row[0], Call(row[1], row[2], row[3], row[4], row[5], bool(row[6]))) for row in rows]

    def _spans(self, width: int, since: int, until: int, server: str | None) -> Iterator[Span]:
        words = (
            f"SELECT start, server, tool, {COLUMNS} FROM spans"  # noqa: S608 - a constant
            " WHERE width = ?1 AND start >= ?2 AND start < ?3 AND (?4 IS NULL OR server = ?4)"
        )
        for row in self._rows(words, (width, since, until, server)):
            yield Span(row[0], width, row[1], row[2], row[3:], self._path)

    def _rows(self, words: str, values: tuple[object, ...]) -> list[tuple[Any, ...]]:
        address = f"file:{quote(str(self._path))}?mode=ro"
        try:
            self._path.stat()  # which says why, where SQLite says that it cannot
            with closing(sqlite3.connect(address, uri=True, timeout=PATIENCE)) as database:
                (version,) = database.execute("PRAGMA user_version").fetchone()
                return database.execute(words, values).fetchall() if version == VERSION else []
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            raise _unreadable(self._path, (error.strerror or str(error)).lower()) from error
        except sqlite3.Error as error:
            broken = isinstance(error, sqlite3.DatabaseError) and is_broken(error)
            raise _unreadable(self._path, str(error), broken=broken) from error


def _unreadable(path: Path, why: str, *, broken: bool = False) -> ConfigError:
    return ConfigError(
        f"the history `{path}` cannot be read: {why}",
        code="config.history",
        hint="move it away: the next call that is recorded begins a new one"
        if broken
        else f"see who may read it: `ls -ld {path.parent} {path}`",
        file=str(path),
    )
