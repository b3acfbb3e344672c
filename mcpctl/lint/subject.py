"""One file under examination: its value, its host, and its servers seen through the host's eyes.

Nothing here knows positions. A rule speaks of key paths, and only what is found gets looked up in the text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Literal

from mcpctl.config.documents import Syntax, parse
from mcpctl.config.hosts.facts import HostFacts
from mcpctl.config.hosts.references import forms_in
from mcpctl.lint.entry import Entry, Layout, layout_of
from mcpctl.lint.finding import ShapeFault
from mcpctl.lint.mentions import Listener
from mcpctl.lint.secrets import TOKEN_PREFIXES
from mcpctl.model.keypath import KeyPath
from mcpctl.model.value import NamedTuple

if TYPE_CHECKING:
    from mcpctl.config.documents.document import Document
    from mcpctl.model.lint import Chosen, Platform

Situation = Literal["project", "user"]


class Outline(NamedTuple):
    """What is remembered of a file to compare it with others."""

    file: str
    real: str
    host: HostFacts
    situation: Situation
    names: tuple[tuple[str, KeyPath, bool], ...]
    """Of each server: its name, where that stands, and whether as a value."""


class Subject:
    """A file that was read. `value` may come from a quick parse; `document` is made when places are asked for."""

    def __init__(
        self,
        *,
        file: str,
        data: bytes,
        value: Any,
        host: HostFacts,
        syntax: Syntax,
        chosen: Chosen = "flag",
        document: Document | None = None,
        situation: Situation = "project",
        target: Platform | None = None,
        real: str | None = None,
        mode: int | None = None,
        text: str | None = None,
    ) -> None:
        self.file = file
        self.real = real
        self.data = data
        self.value = value
        self.host = host
        self.syntax = syntax
        self.chosen = chosen
        self.situation = situation
        self.target = target
        self.mode = mode
        self._document = document
        self._text = text
        self.shape: tuple[ShapeFault, ...] | None = None
        """What the schema says, once somebody asked; see `shape`."""
        self.secrets: frozenset[str] | None = None
        """Every credential in the file, once somebody asked; see `places`."""
        self._forms: frozenset[str] | None = None
        self.may_hold_tokens = True
        """Whether the text may have the beginning of a token that issuers gave a form."""
        self.layout = layout_of(host.id)
        self.entries, self.strays, self.odd_container = find_entries(value, host, self.layout)

    @property
    def document(self) -> Document:
        if self._document is None:
            self._document = parse(self.data, self.syntax, self.file)
        return self._document

    @property
    def has_document(self) -> bool:
        return self._document is not None

    @property
    def text(self) -> str:
        if self._text is None:
            self._text = self._document.text if self._document else self.data.decode("utf-8", "replace")
        return self._text

    def outline(self) -> Outline:
        names = tuple([(entry.name, entry.name_at, entry.name_is_value) for entry in self.entries])
        return Outline(self.file, self.real or self.file, self.host, self.situation, names)

    @property
    def is_shared(self) -> bool:
        """Whether others get this file too, through a repository."""
        return self.situation == "project" and not self.host.personal

    def hear(self, listener: Listener) -> frozenset[str]:
        """Which of the words that rules listen for are in the text."""
        strict = self._document is None and self.syntax != "toml"
        heard, self._forms = listener.heard(self.text, strict=strict)
        self.may_hold_tokens = not heard.isdisjoint(TOKEN_PREFIXES)
        return heard

    @property
    def forms(self) -> frozenset[str]:
        """The notations of variables that the text has."""
        if self._forms is None:
            self._forms = frozenset(forms_in(self.text))
        return self._forms

    def inputs(self) -> Iterator[tuple[str, KeyPath]]:
        """The inputs that the file defines, and where their names stand."""
        listed = self.value.get("inputs") if isinstance(self.value, dict) else None
        for index, each in enumerate(listed if isinstance(listed, list) else []):
            if isinstance(each, dict) and isinstance(each.get("id"), str):
                yield each["id"], ("inputs", index, "id")

    def input_ids(self) -> frozenset[str]:
        return frozenset(identifier for identifier, _ in self.inputs())


def find_entries(
    value: Any, host: HostFacts, layout: Layout
) -> tuple[list[Entry], list[tuple[KeyPath, Any]], bool]:
    """The servers of a file, whatever stands where a server should, and whether the container is of the wrong kind."""
    entries: list[Entry] = []
    strays: list[tuple[KeyPath, Any]] = []
    odd = False
    for root, container in containers(value, host) if isinstance(value, dict) else ():
        odd = odd or not isinstance(container, list if host.listed else dict)
        pairs = container.items() if isinstance(container, dict) else _numbered(container)
        for name, raw in pairs:
            if not isinstance(raw, dict):
                strays.append(((*root, name), raw))
            elif isinstance(name, int):
                entries.append(_listed(raw, (*root, name), layout))
            else:
                entries.append(Entry(str(name), (*root, name), raw, layout))
    return entries, [stray for stray in strays if not str(stray[0][-1]).startswith(("$", "//", "_"))], odd


def _numbered(container: Any) -> Iterable[tuple[int, Any]]:
    return enumerate(container) if isinstance(container, list) else ()


def _listed(raw: dict[str, Any], path: KeyPath, layout: Layout) -> Entry:
    name = raw.get("name")
    entry = Entry(name if isinstance(name, str) else str(path[-1]), path, raw, layout)
    if isinstance(name, str):
        entry.name_at = (*path, "name")
        entry.name_is_value = True
    return entry


def containers(value: dict[str, Any], host: HostFacts) -> Iterator[tuple[KeyPath, Any]]:
    """Where a file has its servers, in whichever of the host's places."""
    for root in host.roots:
        deeper = next(
            (other for other in host.roots if len(other) > len(root) and other[: len(root)] == root), None
        )
        if deeper is None or not _holds_servers(value, deeper):
            yield from _below(value, root, ())
    if host.bare_ok and not any(key in value for root in host.roots for key in root[:1]):
        yield (), {name: each for name, each in value.items() if isinstance(each, dict)}
    if host.manifest == "mcpb":
        yield from _bundle(value)


def _below(value: Any, root: KeyPath, done: KeyPath) -> Iterator[tuple[KeyPath, Any]]:
    if not root:
        yield done, value
        return
    if not isinstance(value, dict):
        return
    if root[0] == "*":
        for key, each in value.items():
            yield from _below(each, root[1:], (*done, key))
    elif root[0] in value:
        yield from _below(value[root[0]], root[1:], (*done, root[0]))


def _holds_servers(value: dict[str, Any], root: KeyPath) -> bool:
    """Whether a nested place is a list of servers, and not one server that happens to have its name."""
    for _, container in _below(value, root, ()):
        if isinstance(container, dict) and not {"type", "command", "url"} & container.keys():
            return True
    return False


def _bundle(value: dict[str, Any]) -> Iterator[tuple[KeyPath, Any]]:
    server = value.get("server")
    if isinstance(server, dict) and isinstance(server.get("mcp_config"), dict):
        yield ("server",), {"mcp_config": server["mcp_config"]}
