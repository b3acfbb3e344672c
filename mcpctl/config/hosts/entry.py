"""One server's entry of any host -> the keys of mcpctl's own format, and what could not be taken over."""

from __future__ import annotations

from functools import cache
from typing import Any

from mcpctl.config.converters import SurpriseError
from mcpctl.config.hosts.facts import GENERIC, Field, HostFacts
from mcpctl.config.hosts.fields import take
from mcpctl.config.hosts.taken import Taken

_COMMON_WORDS = {
    "stdio": "stdio",
    "local": "stdio",
    "http": "http",
    "streamable-http": "http",
    "streamableHttp": "http",
    "streamable_http": "http",
    "remote": "http",
    "sse": "sse",
    "ws": "ws",
}
_VARIABLE_KEYS = ("command", "args", "env", "env_file", "cwd", "url", "headers")
_FOREIGN_FORMS = frozenset({"bare", "percent", "dollar-env", "opencode-env", "continue"})
"""Notations that mcpctl does not have itself."""


def read_entry(host: HostFacts, entry: dict[str, Any], *, listed: bool) -> Taken:
    """`listed` entries have their name inside."""
    taken = Taken()
    layout = _layout(host.id)
    ignored = dict(host.ignored)
    for key, value in entry.items():
        if key == "name" and listed:
            continue
        known_fields = layout.get(key, ())
        if not known_fields:
            taken.extra[key] = value
        elif key in ignored:
            taken.notes.append(((key,), f"{host.title} reads past `{key}`, mcpctl does not"))
        for known in known_fields:
            _read_field(host, taken, known, value)
    if host.every_tool and taken.raw.get("allow_tools") == [host.every_tool]:
        del taken.raw["allow_tools"]
    if taken.first_arguments:
        taken.raw["args"] = taken.first_arguments + taken.raw.get("args", [])
        taken.keys.setdefault("args", taken.keys["command"])
    _choose_transport(host, taken)
    for key in _VARIABLE_KEYS:
        if key in taken.raw and host.variables & _FOREIGN_FORMS:
            taken.raw[key] = _normalised(taken.raw[key], host.variables)
    return taken


@cache
def _layout(host_id: str) -> dict[str, tuple[Field, ...]]:
    """Key of an entry -> what may be found there. What the host does not know is read as most hosts mean it."""
    from mcpctl.config.hosts.table import rows

    layout: dict[str, tuple[Field, ...]] = {}
    for known in rows()[host_id].fields:
        layout[known.path[0]] = (*layout.get(known.path[0], ()), known)
    for known in rows()[GENERIC].fields:
        layout.setdefault(known.path[0], (known,))
    return layout


def _read_field(host: HostFacts, taken: Taken, known: Field, value: Any) -> None:
    for part in known.path[1:]:
        value = value.get(part) if isinstance(value, dict) else None
    if value is None:
        return
    try:
        take(host, taken, known, value)
    except SurpriseError as surprise:
        taken.faults.append(((*known.path, *surprise.path), surprise.message))


def _choose_transport(host: HostFacts, taken: Taken) -> None:
    kind = _kind_by_word(host, taken)
    if kind == "ws":
        taken.unusable = "its transport is WebSocket, which mcpctl does not speak"
        return
    if "command" in taken.raw and "url" in taken.raw:
        _keep_one(host, taken, kind)
    if "url" not in taken.raw:
        return
    if kind in ("http", "sse"):
        taken.raw["transport"] = kind
    elif host.tells_by_key:
        taken.raw["transport"] = "sse" if taken.speaks_sse else "http"
    elif host.url_alone == "sse":
        taken.raw["transport"] = "sse"


def _kind_by_word(host: HostFacts, taken: Taken) -> str | None:
    words = {**_COMMON_WORDS, **dict(host.type_words)}
    for path, word in taken.words.items():
        if word in words:
            taken.keys["transport"] = path
            return words[word]
        if "command" not in taken.raw:
            taken.faults.append((path, "is no transport"))
    return None


def _keep_one(host: HostFacts, taken: Taken, kind: str | None) -> None:
    """An entry with a command and an address: what the host would take."""
    remote = kind != "stdio" if kind else host.both == "remote"
    dropped, kept = ("command", "url") if remote else ("url", "command")
    taken.notes.append((taken.keys[dropped], f"there are a command and an address, and the `{kept}` counts"))
    for key in ("command", "args") if remote else ("url",):
        taken.raw.pop(key, None)


def _normalised(value: Any, forms: frozenset[str]) -> Any:
    """The host's own notations of variables as `${NAME}`; those that are like ours stay as they are."""
    if isinstance(value, list):
        return [_normalised(item, forms) for item in value]
    if isinstance(value, dict):
        return {key: _normalised(item, forms) for key, item in value.items()}
    if not isinstance(value, str) or not ("$" in value or "{" in value or "%" in value):
        return value
    from mcpctl.config.hosts.references import references

    pieces, at = [], 0
    for found in references(value):
        if found.form in _FOREIGN_FORMS & forms and found.is_environment:
            pieces += [value[at : found.start], f"${{{found.variable}}}"]
            at = found.end
    return "".join((*pieces, value[at:]))
