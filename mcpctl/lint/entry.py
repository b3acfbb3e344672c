"""One server, whatever its host calls the parts; made for quick questions, because every rule asks some."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, Literal

from mcpctl.config.hosts.facts import URL_NAMES, Field, HostFacts, Kind
from mcpctl.lint.launch import SHELLS, Launch, read_launch
from mcpctl.lint.traits import (
    NONE,
    Traits,
    of_argument,
    of_command,
    of_env,
    of_headers,
    of_keys,
    of_name,
    of_url,
)
from mcpctl.model.keypath import KeyPath

TYPE_NAMES = ("type", "type_alias", "transport_word")

_CORE = ("command", "args", "env", "url", "headers", "cwd", "type")
"""What people write whether or not a host reads it; rules see it in any case."""

_MOST_SHAPES = 10_000
"""Combinations of keys that are remembered."""

_MOST_TEXTS = 2000
"""Texts of one server that are looked at: an entry with more is not a server."""


class Layout:
    """The field table of a host, turned around for quick questions."""

    def __init__(self, host: HostFacts) -> None:
        self.paths: dict[str, tuple[str, ...]] = {field.name: field.path for field in host.fields}
        for name in _CORE:
            self.paths.setdefault(name, (name,))
        self.names: dict[str, str] = {}
        for field in host.fields:
            self.names.setdefault(field.path[0], field.name)
        self.fields: dict[str, Field] = {field.name: field for field in host.fields}
        self.kinds: dict[str, Kind] = dict(host.type_words)
        self.ignored: dict[str, str] = dict(host.ignored)
        self.host = host
        self.command_key, self.args_key, self.env_key = (
            self.paths[name][0] for name in ("command", "args", "env")
        )
        self._present: dict[tuple[str, ...], Traits] = {}
        self._named: dict[str, Traits] = {}

    def present(self, keys: tuple[str, ...]) -> Traits:
        """The fields that an entry with these keys has, by mcpctl's names, and the traits that follow from them."""
        found = self._present.get(keys)
        if found is None:
            names = {self.names.get(key, key) for key in keys}
            if not names.isdisjoint(URL_NAMES):
                names.add("url")
            if not names.isdisjoint(TYPE_NAMES):
                names.add("type")
            if len(self._present) > _MOST_SHAPES:
                self._present.clear()
            found = self._present[keys] = frozenset(names | of_keys(keys, names, self.host))
        return found

    def named(self, name: str) -> Traits:
        """The traits that follow from a server's name."""
        found = self._named.get(name)
        if found is None:
            if len(self._named) > _MOST_SHAPES:
                self._named.clear()
            found = self._named[name] = of_name(name, self.host)
        return found


@cache
def layout_of(host_id: str) -> Layout:
    from mcpctl.config.hosts.table import rows

    return Layout(rows()[host_id])


class Entry:
    """One server, whatever its host calls the parts."""

    __slots__ = ("_launch", "_layout", "_texts", "args", "command", "command_is_list", "env", "headers", "name",
                 "name_at", "name_is_value", "names", "path", "raw", "url", "url_name")  # fmt: skip

    def __init__(self, name: str, path: KeyPath, raw: dict[str, Any], layout: Layout) -> None:
        self.name = name
        self.path = path
        self.raw = raw
        self.name_at = path
        self.name_is_value = False
        self._layout = layout
        self._launch: Launch | Literal[False] | None = False
        self._texts: tuple[tuple[KeyPath, str], ...] | None = None
        self.names = layout.present(tuple(raw))
        args = raw.get(layout.args_key)
        self.args: list[Any] = args if isinstance(args, list) else []
        env = raw.get(layout.env_key)
        self.env: dict[str, Any] = env if isinstance(env, dict) else {}
        self.command: str | None = None
        self.command_is_list = False
        command = raw.get(layout.command_key)
        if isinstance(command, str):
            self.command = command
        elif isinstance(command, list) and command and isinstance(command[0], str):
            self.command = command[0]
            self.command_is_list = True
            self.args = [*command[1:], *self.args]
        self.url: str | None = None
        self.url_name = "url"
        self.headers: dict[str, Any] = {}
        if "url" in self.names:
            self._read_address()

    def _read_address(self) -> None:
        for name in URL_NAMES:
            value = self.get(name)
            if isinstance(value, str):
                self.url, self.url_name = value, name
                break
        headers = self.get("headers")
        self.headers = headers if isinstance(headers, dict) else {}

    def forget(self) -> None:
        """Let go of what was worked out and can be again: large files have many servers."""
        self._launch = False
        self._texts = None

    @property
    def command_at(self) -> KeyPath:
        at = self.at("command")
        return (*at, 0) if self.command_is_list else at

    def has(self, name: str) -> bool:
        return name in self.names

    def get(self, name: str) -> Any:
        path = self._layout.paths.get(name)
        if path is None:
            return None
        if len(path) == 1:
            return self.raw.get(path[0])
        value: Any = self.raw
        for part in path:
            value = value.get(part) if isinstance(value, dict) else None
        return value

    def at(self, name: str) -> KeyPath:
        if name == "url":
            name = self.url_name
        return (*self.path, *self._layout.paths.get(name, (name,)))

    def key(self, name: str) -> str:
        """What the host calls a field."""
        return ".".join(self._layout.paths.get(name, (name,)))

    def arg_at(self, index: int) -> KeyPath:
        if self.command_is_list:
            return (*self.at("command"), index + 1)
        return (*self.at("args"), index)

    def env_at(self, name: str) -> KeyPath:
        return (*self.at("env"), name)

    def header_at(self, name: str) -> KeyPath:
        return (*self.at("headers"), name)

    @property
    def traits(self) -> tuple[Traits, ...]:
        """By its keys, its name, its command line or address, its variables or headers."""
        return (
            self.names,
            self._layout.named(self.name),
            _of(of_env, self.env) if self.env else NONE,
            _of(of_headers, self.headers) if self.headers else NONE,
            NONE if self.url is None else of_url(self.url),
            NONE if self.command is None else of_command(self.command),
            self._by_arguments() if self.args or self.command is not None else NONE,
            self._by_word() if "type" in self.names else NONE,
        )

    def _by_arguments(self) -> Traits:
        args = self.args
        try:
            odd = [traits for traits in map(of_argument, args) if traits]
        except (AttributeError, TypeError):  # not all are texts
            args = [argument for argument in args if isinstance(argument, str)]
            odd = [traits for traits in map(of_argument, args) if traits]
        asks = _ASKS if _YES.isdisjoint(args) else NONE
        return asks.union(*odd) if odd else asks

    def _by_word(self) -> Traits:
        """Odd is a word that the host does not know, and one that does not fit what the entry has."""
        word = self.word
        if word is None:
            return NONE
        kind = self._layout.kinds.get(word[1])
        return NONE if kind is not None and (kind == "stdio") is (self.command is not None) else _ODD_WORD

    @property
    def word(self) -> tuple[str, str] | None:
        """The field that names the transport, and what it says."""
        for name in TYPE_NAMES:
            value = self.get(name)
            if isinstance(value, str):
                return name, value
        return None

    def kind(self, host: HostFacts) -> Kind | None:
        """What the host takes this server for; nothing where it takes it for none."""
        word = self.word
        if word is not None and self._layout.kinds:
            said = self._layout.kinds.get(word[1])
            if said is not None:
                return said
        if self.command is not None and self.url is not None:
            return "stdio" if host.both == "stdio" else _by_address(self, host)
        if self.command is not None:
            return "stdio"
        return _by_address(self, host) if self.url is not None else None

    @property
    def launch(self) -> Launch | None:
        """What the command starts; read once, most rules ask for it."""
        if self._launch is False:
            self._launch = read_launch(self.command, self.args) if self.command else None
        return self._launch or None

    @property
    def runs_shell(self) -> bool:
        launch = self.launch
        return launch is not None and (launch.program in SHELLS or launch.wrapper == "cmd")

    def texts(self) -> tuple[tuple[KeyPath, str], ...]:
        """Every text of the entry and where it stands."""
        if self._texts is None:
            found: list[tuple[KeyPath, str]] = []
            _collect(self.raw, self.path, found)
            self._texts = tuple(found)
        return self._texts

    def expandable(self) -> Iterator[tuple[KeyPath, str]]:
        """The texts in which people write variables."""
        depth = len(self.path)
        wanted = {
            self._layout.paths.get(name, (name,))[0] for name in ("command", "args", "env", "cwd", "headers")
        }
        wanted.update(self._layout.paths.get(name, (name,))[0] for name in URL_NAMES)
        for at, text in self.texts():
            if at[depth] in wanted:
                yield at, text


_YES = frozenset({"-y", "--yes", "-yes", "--no-install", "--no", "--offline"})
_ASKS: Traits = frozenset({"asks first"})
_ODD_WORD: Traits = frozenset({"odd word"})


def _of(traits: Callable[[tuple[tuple[str, object], ...]], Traits], table: dict[str, Any]) -> Traits:
    """What cannot be remembered, such as a list where a text belongs, is judged by its text."""
    try:
        return traits(tuple(table.items()))
    except TypeError:
        return traits(tuple([(name, str(value)) for name, value in table.items()]))


def _by_address(entry: Entry, host: HostFacts) -> Kind | None:
    if entry.url_name == "sse_url":
        return "sse"
    if host.url_alone == "by path":
        return "sse" if "/sse" in (entry.url or "").partition("?")[0] else "http"
    if host.tells_by_key:
        return "http"
    return host.url_alone if host.url_alone in {"http", "sse"} else None


def _collect(value: Any, path: KeyPath, found: list[tuple[KeyPath, str]]) -> None:
    waiting: list[tuple[KeyPath, Any]] = [(path, value)]
    while waiting and len(found) < _MOST_TEXTS:
        at, each = waiting.pop()
        if isinstance(each, str):
            found.append((at, each))
        elif isinstance(each, dict):
            waiting.extend([((*at, key), inner) for key, inner in each.items()][::-1])
        elif isinstance(each, list):
            waiting.extend([((*at, index), inner) for index, inner in enumerate(each)][::-1])
