"""A host's file -> servers in the words of mcpctl's own format, by the facts about the host.

Lenient where hosts differ, and says so in notes; a value of the wrong kind is a fault. Executes nothing, resolves
nothing, and drops nothing silently: what mcpctl does not act on is kept as `extra`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from mcpctl.config.hosts.entry import read_entry
from mcpctl.config.hosts.facts import HostFacts
from mcpctl.model.keypath import KeyPath, value_at
from mcpctl.model.settings import Note

Raw = dict[str, Any]

_WAYS = frozenset({"command", "url"})
"""What makes an object look like a server, even where no key above it says so."""


@dataclass(slots=True, kw_only=True)
class Reading:
    """What a file says. Names and values are those of mcpctl's own format, paths those of the file."""

    servers: dict[str, Raw] = field(default_factory=dict)
    extras: dict[str, Raw] = field(default_factory=dict)
    inputs: dict[str, Raw] = field(default_factory=dict)
    places: dict[str, KeyPath] = field(default_factory=dict)
    """Server name -> where its entry is."""
    keys: dict[str, dict[str, KeyPath]] = field(default_factory=dict)
    """Server name -> key of our own -> where its value is inside the entry."""
    notes: list[Note] = field(default_factory=list)
    faults: list[tuple[KeyPath, str]] = field(default_factory=list)


def read(host: HostFacts, value: Any, file: str) -> Reading:
    """The servers of a parsed file."""
    reading = Reading()
    if not isinstance(value, dict):
        reading.faults.append(((), "must be an object"))
        return reading
    found = False
    for root, container in _containers(value, host, reading, file):
        found = True
        for name, path, entry in _entries(root, container, reading):
            _take(reading, host, name=name, path=path, entry=entry, file=file)
    if not found:
        wanted = ".".join(str(part) for part in host.roots[0]) if host.roots else "mcpServers"
        reading.notes.append(Note(message=f"there is no `{wanted}` in it, so it has no servers", file=file))
    _read_inputs(reading, value)
    return reading


def _containers(value: Raw, host: HostFacts, reading: Reading, file: str) -> Iterator[tuple[KeyPath, Any]]:
    """Where the servers are. A root of other hosts is taken too, if the host's own is missing."""
    roots = [root for root in host.roots if root and "*" not in root]
    found = [(root, inner) for root in roots if (inner := value_at(value, root)) is not None]
    if found:
        yield max(found, key=lambda each: len(each[0]))  # of two inside each other the inner one
        return
    if host.bare_ok:
        yield (), {name: entry for name, entry in value.items() if isinstance(entry, dict)}
        return
    wanted = f"`{'.'.join(map(str, roots[0]))}`" if roots else "no servers"
    for root in ("mcpServers", "servers", "mcp_servers", "context_servers"):
        if isinstance(value.get(root), dict | list):
            message = f"{host.title} looks for {wanted} and does not see `{root}`"
            reading.notes.append(Note(message=message, file=file, path=(root,)))
            yield (root,), value[root]
            return
    bare = {name: entry for name, entry in value.items() if isinstance(entry, dict) and entry.keys() & _WAYS}
    if bare:
        message = f"{host.title} looks for {wanted} and does not see servers at the root"
        reading.notes.append(Note(message=message, file=file))
        yield (), bare


def _entries(root: KeyPath, container: Any, reading: Reading) -> Iterator[tuple[str, KeyPath, Raw]]:
    """Name, path and value of each server, in an object or in a list of objects with names."""
    if isinstance(container, dict):
        pairs: Iterator[tuple[Any, Any]] = iter(container.items())
    elif isinstance(container, list):
        pairs = iter(enumerate(container))
    else:
        reading.faults.append((root, "must be an object of servers"))
        return
    for key, entry in pairs:
        path = (*root, key)
        if isinstance(key, str) and key.startswith(("_", "$", "//")) and not isinstance(entry, dict):
            continue  # the way to write a comment where there are none
        if not isinstance(entry, dict):
            reading.faults.append((path, "must be an object that describes a server"))
            continue
        name = key if isinstance(key, str) else entry.get("name")
        if isinstance(name, str) and name:
            yield name, path, entry
        else:
            reading.faults.append((path, "needs a `name`"))


def _take(reading: Reading, host: HostFacts, *, name: str, path: KeyPath, entry: Raw, file: str) -> None:
    taken = read_entry(host, entry, listed=isinstance(path[-1], int))
    reading.faults += [((*path, *below), message) for below, message in taken.faults]
    reading.notes += [
        Note(message=message, file=file, path=(*path, *below)) for below, message in taken.notes
    ]
    if taken.unusable:
        reading.notes.append(Note(message=taken.unusable, server=name, file=file, path=path))
        return
    if name in reading.servers:
        reading.faults.append((path, "is a second server of this name"))
    reading.servers[name] = taken.raw
    reading.extras[name] = taken.extra
    reading.places[name] = path
    reading.keys[name] = taken.keys


def _read_inputs(reading: Reading, value: Raw) -> None:
    """What VS Code asks its user for."""
    listed = value.get("inputs")
    for index, entry in enumerate(listed if isinstance(listed, list) else ()):
        if not isinstance(entry, dict) or not isinstance(entry.get("id"), str):
            reading.faults.append((("inputs", index), "needs an `id`"))
            continue
        asked: Raw = {
            key: entry[key] for key in ("description", "default") if isinstance(entry.get(key), str)
        }
        asked["password"] = entry.get("password") is True
        options = entry.get("options")
        if isinstance(options, list):
            asked["options"] = [_option(option) for option in options]
        reading.inputs[entry["id"]] = asked


def _option(option: Any) -> str:
    """A choice is a text, or an object with a label for people and a value."""
    return str(option.get("value", "")) if isinstance(option, dict) else str(option)
