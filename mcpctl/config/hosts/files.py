"""Whole files of hosts as servers in our own words, and servers as whole files: what conversion and import stand on."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mcpctl.config.documents import Syntax, parse
from mcpctl.config.hosts.choose import belongs, by_content, by_path, of_plugin, syntax_of
from mcpctl.config.hosts.facts import HostFacts
from mcpctl.config.hosts.reader import read
from mcpctl.config.hosts.writer import Loss, write_entry
from mcpctl.errors import ConfigError
from mcpctl.model.keypath import KeyPath, value_at
from mcpctl.model.lint import Change

if TYPE_CHECKING:
    from mcpctl.config.documents.document import Document

Raw = dict[str, Any]


@dataclass(slots=True, kw_only=True)
class Taken:
    """What a file says. Servers have the keys of `[servers.NAME]`, `extra` by host among them."""

    host: HostFacts
    syntax: Syntax
    text: str
    servers: dict[str, Raw] = field(default_factory=dict)
    inputs: dict[str, Raw] = field(default_factory=dict)
    losses: list[Loss] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Rendered:
    entries: dict[str, Raw]
    inputs: list[Raw]
    losses: list[Loss]


def take_servers(data: bytes, file: str, *, host: HostFacts | None = None, real: str | None = None) -> Taken:
    """Every server of a file; raises `ConfigError` where it does not parse or has none of the shape.

    `file` is what people are told, and `real` the whole path: the folders in it say which host it is for.
    """
    known = host or by_path(real or file)
    syntax = syntax_of(file, known)
    syntax = "jsonc" if syntax == "json" else syntax
    document = parse(data, syntax, file)
    if document.faults:
        fault = document.faults[0]
        raise ConfigError(
            fault.message,
            code="config.syntax",
            hint=f"run `mcpctl validate {file}`",
            file=file,
            line=fault.span.line,
            column=fault.span.column,
        )
    asked_for = host is not None or (known is not None and known.own_table != ())
    if known is None or not (asked_for or belongs(known, document.value)):
        known = by_content(document.value, syntax)
    if host is None:
        known = of_plugin(known, document.value, data, real)
    taken = Taken(host=known, syntax=syntax, text=document.text)
    if known.manifest or not known.roots:
        return taken  # it describes a server and lists none
    if known.closed:
        _take_own(taken, document)
    else:
        _take_foreign(taken, document)
    return taken


def _take_own(taken: Taken, document: Document) -> None:
    from mcpctl.config.converters import SurpriseError
    from mcpctl.config.shape import check_root

    root = taken.host.own_table
    value: Any = document.value
    for part in root:
        value = value.get(part, {}) if isinstance(value, dict) else value
    try:
        check_root(value)
    except SurpriseError as surprise:
        raise _misshapen(document, (*root, *surprise.path), surprise.message) from surprise
    defaults = value.get("defaults", {})
    for name, raw in value.get("servers", {}).items():
        taken.servers[str(name)] = {**defaults, **raw}
    taken.inputs = dict(value.get("inputs", {}))
    for key in ("profiles", "features"):
        if value.get(key):
            taken.losses.append(Loss("", key, "other hosts have nothing like it"))


def _take_foreign(taken: Taken, document: Document) -> None:
    reading = read(taken.host, document.value, document.file)
    if reading.faults:
        raise _misshapen(document, *reading.faults[0])
    for name, raw in reading.servers.items():
        extra = reading.extras.get(name)
        taken.servers[name] = {**raw, **({"extra": {taken.host.id: extra}} if extra else {})}
    taken.inputs = dict(reading.inputs)
    for note in reading.notes:
        taken.losses.append(Loss(note.server or "", ".".join(map(str, note.path)), note.message, kept=True))


def _misshapen(document: Document, path: KeyPath, message: str) -> ConfigError:
    place, where = document.nearest(path), ".".join(map(str, path))
    return ConfigError(
        f"`{where}` {message}" if where else f"the file {message}",
        code="config.shape",
        hint=f"run `mcpctl validate {document.file}`",
        file=document.file,
        line=place.line,
        column=place.column,
    )


def render(host: HostFacts, servers: Mapping[str, Raw], inputs: Mapping[str, Raw]) -> Rendered:
    """The servers as entries of a host."""
    entries: dict[str, Raw] = {}
    losses: list[Loss] = []
    for name, raw in servers.items():
        written = write_entry(host, name, raw)
        losses += written.losses
        if written.entry is not None:
            entries[name] = written.entry
    return Rendered(
        entries=entries,
        inputs=[_input(name, raw) for name, raw in inputs.items()] if host.asks_inputs else [],
        losses=losses,
    )


def _input(name: str, raw: Raw) -> Raw:
    kind = "pickString" if raw.get("options") else "promptString"
    asked: Raw = {"type": kind, "id": name, "description": raw.get("description", name)}
    return {**asked, **{key: raw[key] for key in ("default", "password", "options") if raw.get(key)}}


def new_file(host: HostFacts, rendered: Rendered, inputs: Mapping[str, Raw]) -> str:
    """A file of a host with these servers and nothing else."""
    servers: Any = [*rendered.entries.values()] if host.listed else rendered.entries
    value: Raw = {"$schema": host.schema_named} if host.schema_named else {}
    if rendered.inputs:
        value["inputs"] = rendered.inputs
    if host.closed and inputs:
        value["inputs"] = dict(inputs)
    inner = value
    for part in host.roots[0][:-1]:
        inner = inner.setdefault(str(part), {})
    inner[str(host.roots[0][-1])] = servers
    return _dump(value, host.syntax)


def _dump(value: Raw, syntax: Syntax) -> str:
    if syntax == "toml":
        import tomlkit

        from mcpctl.config.edit import apply

        text = ""
        for root, table in value.items():
            for name, entry in table.items():
                text = apply(text, "toml", [Change(kind="set", at=(root, name), value=entry)])
        return text or tomlkit.dumps(value)
    if syntax == "yaml":
        import io

        from ruamel.yaml import YAML

        yaml = YAML()
        yaml.width = 4096
        yaml.indent(mapping=2, sequence=4, offset=2)
        stream = io.StringIO()
        yaml.dump(value, stream)
        return stream.getvalue()
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def place_of(host: HostFacts, value: Any, name: str) -> KeyPath:
    """Where a server of this name stands in a file, or would: behind the last one of a list."""
    root = next(
        (root for root in host.roots if "*" not in root and value_at(value, root) is not None), host.roots[0]
    )
    if not host.listed:
        return (*root, name)
    listed = value_at(value, root)
    items = listed if isinstance(listed, list) else []
    known = (index for index, each in enumerate(items) if isinstance(each, dict) and each.get("name") == name)
    return (*root, next(known, len(items)))


def merged(
    taken: Taken, host: HostFacts, rendered: Rendered, file: str, inputs: Mapping[str, Raw] | None = None
) -> str:
    """The text of a file with servers added or replaced, everything else untouched."""
    from mcpctl.config.edit import apply

    text = taken.text
    for name, entry in rendered.entries.items():
        value = parse(text.encode(), taken.syntax, file).value
        changes = [Change(kind="set", at=place_of(host, value, name), value=entry)]
        if host.listed and not isinstance(value_at(value, host.roots[0]), list):
            changes = [Change(kind="set", at=host.roots[0], value=[entry])]
        text = apply(text, taken.syntax, changes, file=file)
    for name, raw in (inputs or {}).items() if host.closed else ():
        if name not in taken.inputs:
            change = Change(kind="set", at=(*host.own_table, "inputs", name), value=raw)
            text = apply(text, taken.syntax, [change], file=file)
    known = {each.get("id") for each in _listed_inputs(text, taken.syntax, file)}
    for asked in rendered.inputs:
        if asked["id"] not in known:
            index = len(_listed_inputs(text, taken.syntax, file))
            at: KeyPath = ("inputs", index) if index else ("inputs",)
            text = apply(
                text, taken.syntax, [Change(kind="set", at=at, value=asked if index else [asked])], file=file
            )
    return text


def _listed_inputs(text: str, syntax: Syntax, file: str) -> Sequence[Raw]:
    value = parse(text.encode(), syntax, file).value
    listed = value.get("inputs") if isinstance(value, dict) else None
    return [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
