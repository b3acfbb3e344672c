"""Takes values out of a table of the configuration, one key at a time, and collects what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

from mcpctl.errors import ConfigError
from mcpctl.model.duration import parse_duration

T = TypeVar("T")


class Section:
    """A table whose keys are taken one after the other; `finish` complains of those that nobody took."""

    def __init__(
        self,
        given: Any,
        server: str,
        *,
        path: str = "health",
        faults: list[ConfigError] | None = None,
        name: str = "",
    ) -> None:
        self.faults = [] if faults is None else faults
        self.name = name
        self._server = server
        self._path = path
        self._taken: set[str] = set()
        if not isinstance(given, Mapping):
            self._fault(path, "must be a table")
            given = {}
        self.given: Mapping[str, Any] = given

    def take(self, key: str) -> Any:
        self._taken.add(key)
        return self.given.get(key)

    def complain(self, key: str, what: str) -> None:
        self._fault(f"{self._path}.{key}", what)

    def finish(self) -> None:
        known = sorted(self._taken)
        for key in self.given:
            if key not in self._taken:
                self._fault(f"{self._path}.{key}", f"is not known; there is {', '.join(known)}")

    def text(self, key: str, *, needed: bool = False) -> str | None:
        value = self.take(key)
        if value is None and not needed:
            return None
        if not isinstance(value, str) or not value:
            self.complain(key, "must be a text")
            return None
        return value

    def flag(self, key: str, *, default: bool) -> bool:
        value = self.take(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            self.complain(key, "must be `true` or `false`")
            return default
        return value

    def count(self, key: str) -> int | None:
        value = self.take(key)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            self.complain(key, "must be a whole number from 1 on")
            return None
        return value

    def counts(self, key: str) -> tuple[int, ...]:
        value = self.take(key)
        values = value if isinstance(value, list) else [] if value is None else [value]
        if not all(isinstance(each, int) and not isinstance(each, bool) for each in values):
            self.complain(key, "must be a number or a list of numbers")
            return ()
        return tuple(values)

    def duration(self, key: str) -> float | None:
        value = self.take(key)
        if value is None:
            return None
        try:
            seconds = parse_duration(value) if isinstance(value, str) else float(value)
        except (ValueError, TypeError):
            seconds = 0.0
        if isinstance(value, bool) or not seconds > 0:
            self.complain(key, "must be a duration such as `30s`")
            return None
        return seconds

    def choice(self, key: str, choices: Sequence[T]) -> T | None:
        value = self.take(key)
        if value is None or value in choices:
            return value  # type: ignore[no-any-return]
        self.complain(key, f"must be one of {', '.join(map(str, choices))}")
        return None

    def words(self, key: str) -> tuple[str, ...]:
        """A command line, or a list of its words."""
        value = self.take(key)
        if value is None:
            return ()
        if isinstance(value, list) and value and all(isinstance(each, str) for each in value):
            return tuple(value)
        import shlex

        try:
            words = tuple(shlex.split(value)) if isinstance(value, str) else ()
        except ValueError:
            words = ()
        if not words:
            self.complain(key, "must be a command line or a list of words")
        return words

    def mapping(self, key: str) -> Mapping[str, Any] | None:
        value = self.take(key)
        if value is not None and not isinstance(value, Mapping):
            self.complain(key, "must be a table")
            return None
        return value

    def table(self, key: str) -> Section:
        value = self.take(key)
        return self._below({} if value is None else value, key)

    def tables(self, key: str, *, named: bool = False) -> Iterator[Section]:
        """One table, or a list of them; `named` also takes a table of tables."""
        value = self.take(key)
        if value is None:
            return
        if isinstance(value, list):
            for at, each in enumerate(value):
                yield self._below(each, f"{key}[{at}]", name=f"{key}[{at}]")
        elif named and isinstance(value, Mapping):
            for name, each in value.items():
                yield self._below(each, f"{key}.{name}", name=name)
        else:
            yield self._below(value, key, name=key)

    def _below(self, value: Any, key: str, *, name: str = "") -> Section:
        return Section(value, self._server, path=f"{self._path}.{key}", faults=self.faults, name=name)

    def _fault(self, path: str, what: str) -> None:
        self.faults.append(
            ConfigError(
                f"`{path}` {what}",
                code="config.health",
                hint=f"see `[servers.{self._server}.health]`",
                server=self._server,
            )
        )
