"""Values that completion offers: servers and what they once said they have, files, and words that never change."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from os import scandir
from typing import TYPE_CHECKING

from mcpctl.cli.shellwords import Candidate
from mcpctl.config.folders import cache_home, home
from mcpctl.config.lookup import DEMO, adhoc, is_known, lookup
from mcpctl.errors import McpctlError

if TYPE_CHECKING:
    from mcpctl.model.server import ServerSpec
    from mcpctl.model.settings import Settings
    from mcpctl.model.world import World
    from mcpctl.session.shelf import Shelf

METHODS = (
    "completion/complete",
    "logging/setLevel",
    "ping",
    "prompts/get",
    "prompts/list",
    "resources/list",
    "resources/read",
    "resources/templates/list",
    "server/discover",
    "tools/call",
    "tools/list",
)

FIXED = {
    "LEVEL": ("debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"),
    "HOW": ("ask", "decline", "defaults", "park"),
    "METHOD": METHODS,
    "SHELL": ("bash", "zsh", "fish", "powershell"),
}

MAX_ENTRIES = 5000
"""Of one folder; completion must not hang in one that holds a million files."""


class Offered:
    def __init__(self, world: World, *, words: Sequence[str], given: Mapping[str, Sequence[str]]) -> None:
        """`words` are those that the verb got so far, `given` the values of options."""
        self._world = world
        self._words = words
        self._given = given
        self._kinds: dict[str, Callable[[str], Iterable[Candidate]]] = {
            "SERVER": self._servers,
            "TOOL": self._tools,
            "ITEM": self._items,
            "NAME": lambda _: self._named("prompts"),
            "URI": lambda _: self._named("resources", "templates"),
            "REF": lambda _: self._named("prompts", "templates"),
            "TAG": lambda _: self._tags(),
            "PATH": self._files,
            "FILE": self._files,
            "DIR": lambda current: (each for each in self._files(current) if each.open),
        }

    def words(self, kinds: Iterable[str], current: str) -> Iterator[Candidate]:
        for kind in kinds:
            yield from self._of_kind(kind, current)

    def values(self, flag: str, kind: str, current: str) -> Iterable[Candidate]:
        """What may follow an option; a few options know better than the word in their help."""
        if flag == "--bearer-env":
            return [Candidate(name) for name in sorted(self._world.env)]
        if flag == "--format" and kind == "NAME":
            return [Candidate("human"), Candidate("json")]
        if flag == "--sample":
            return [Candidate("decline", "Decline every request.")]
        if flag.startswith("--") and kind == "NAME":
            return ()
        return self._of_kind(kind, current)

    def _of_kind(self, kind: str, current: str) -> Iterable[Candidate]:
        if current.startswith("@") and kind in {"HOW", "JSON"}:
            return self._files(current[1:], before="@")
        if kind in self._kinds:
            return self._kinds[kind](current)
        fixed = FIXED.get(kind) or (kind.split("|") if "|" in kind or kind.islower() else ())
        return [Candidate(word) for word in fixed]

    @cached_property
    def _settings(self) -> Settings:
        """An empty configuration where there is none that could be read."""
        from mcpctl.config import load
        from mcpctl.model.settings import Settings

        paths, profile = self._given.get("--config", ()), self._last("--profile")
        try:
            return load(self._world, paths=paths, profile=profile)
        except McpctlError:
            return Settings()

    @cached_property
    def _shelf(self) -> Shelf:
        from mcpctl.session.shelf import Shelf

        return Shelf(cache_home(self._world.env) / "offers")

    @cached_property
    def _target(self) -> tuple[ServerSpec, Sequence[str]] | None:
        """The server that the line names, and the words after it."""
        stdio, url = self._last("--stdio"), self._last("--url")
        if stdio or url:
            folder = self._last("--cwd") or self._world.folder
            return adhoc(stdio=stdio, url=url, cwd=folder if stdio else None), self._words
        if not self._words:
            return None
        name, *rest = self._words
        if not is_known(self._settings, name):
            server, tool = _split(name, self._settings)
            name, rest = server or name, [tool, *rest] if server else rest
        return (lookup(self._settings, name), rest) if is_known(self._settings, name) else None

    def _last(self, flag: str) -> str | None:
        values = self._given.get(flag, ())
        return values[-1] if values else None

    def _servers(self, current: str) -> Iterator[Candidate]:
        for name, spec in self._settings.servers.items():
            if name not in self._words:
                yield Candidate(name, _first_line(spec.description))
        if DEMO not in self._settings.servers:
            yield Candidate(DEMO, "The server that is built in.")
        server, _ = _split(current, self._settings)
        if server:  # `SERVER.TOOL` is one word
            joint = current[len(server)]
            spec = lookup(self._settings, server)
            yield from (Candidate(f"{server}{joint}{tool}") for tool in self._shelf.tools(spec))

    def _tools(self, current: str) -> Iterator[Candidate]:
        if self._target is None:
            return
        spec, words = self._target
        # Behind `SERVER.TOOL` the tool is there already.
        yield from self._items(current) if words else map(Candidate, self._shelf.tools(spec))

    def _items(self, current: str) -> Iterator[Candidate]:
        """`key=` for the arguments that are not there yet, and the values that one may have."""
        name, equals, value = current.partition("=")
        if value.startswith("@"):
            yield from self._files(value[1:], before=f"{name}=@")
        if self._target is None or not self._target[1]:
            return
        spec, (tool, *items) = self._target
        arguments = self._shelf.tools(spec).get(tool, {})
        values = arguments.get(name.removesuffix(":"), ())
        if not equals:
            there = {item.partition("=")[0].removesuffix(":") for item in items}
            yield from (Candidate(f"{key}=", open=True) for key in arguments if key not in there)
        elif name.endswith(":"):
            yield from (Candidate(f"{name}={_as_json(each)}") for each in values)
        else:
            yield from (Candidate(f"{name}={each}") for each in values)

    def _named(self, *kinds: str) -> Iterator[Candidate]:
        if self._target is not None:
            for kind in kinds:
                yield from map(Candidate, self._shelf.names(self._target[0], kind))

    def _tags(self) -> Iterator[Candidate]:
        for spec in self._settings.servers.values():
            yield from map(Candidate, spec.tags)

    def _files(self, current: str, before: str = "") -> Iterator[Candidate]:
        folder, slash, start = current.rpartition("/")
        place = folder + slash
        if place.startswith("~/"):
            place = f"{home(self._world.env)}/{place[2:]}"
        try:
            with scandir(self._world.cwd / place) as entries:
                found = [entry for entry, _ in zip(entries, range(MAX_ENTRIES), strict=False)]
        except OSError:
            return
        for entry in sorted(found, key=lambda each: each.name):
            if entry.name.startswith(start) and (start or not entry.name.startswith(".")):
                is_folder = entry.is_dir()
                yield Candidate(
                    f"{before}{folder}{slash}{entry.name}{'/' if is_folder else ''}", open=is_folder
                )


def _split(word: str, settings: Settings) -> tuple[str, str]:
    """`SERVER.TOOL` behind the longest name that is known; empty where there is none."""
    for at in range(len(word) - 1, 0, -1):
        if word[at] in "./" and is_known(settings, word[:at]):
            return word[:at], word[at + 1 :]
    return "", ""


def _as_json(value: str) -> str:
    """The shelf keeps texts as they are and everything else as JSON."""
    try:
        json.loads(value)
    except ValueError:
        return json.dumps(value)
    return value


def _first_line(text: str | None) -> str:
    return (text or "").partition("\n")[0][:100]
