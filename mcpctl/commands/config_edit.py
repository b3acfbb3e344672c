"""`mcpctl config add`, `remove`, `enable`, `disable`, `set`: one server of one file, whatever its format.

Keys are those of mcpctl's own format; the host's own words are found through the table of facts.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from mcpctl.commands.config_file import (
    NEW,
    existing,
    path_of,
    refuse_manifest,
    require,
    shown,
    take,
    unknown_server,
)
from mcpctl.commands.context import Context
from mcpctl.commands.hosts import host_named
from mcpctl.config.documents import parse
from mcpctl.config.edit import apply
from mcpctl.config.edit.write import write_text
from mcpctl.config.hosts.facts import HostFacts
from mcpctl.config.hosts.files import Raw, Taken, merged, new_file, place_of, render
from mcpctl.config.hosts.writer import Loss, write_entry
from mcpctl.errors import ConfigError, UsageError
from mcpctl.model.convert import EditOptions, EditReport, Lost
from mcpctl.model.keypath import KeyPath
from mcpctl.model.lint import Change
from mcpctl.model.value import NamedTuple


class _Edited(NamedTuple):
    path: Path
    before: str
    after: str
    host: HostFacts


def add(options: EditOptions, ctx: Context) -> EditReport:
    require(options.name, "server")
    path = path_of(options.file, ctx) or ctx.world.cwd / NEW
    raw = _described(options)
    if not path.exists():
        host = host_named(options.host) if options.host else _host_of_new(path)
        refuse_manifest(host)
        rendered = render(host, {options.name: raw}, {})
        _refuse_losses(rendered.entries, rendered.losses, options.name)
        made = _Edited(path, "", new_file(host, rendered, {}), host)
        return _written(made, ctx, server=options.name, did="added", losses=rendered.losses)
    taken = take(path, ctx, host=options.host)
    refuse_manifest(taken.host)
    if options.name in taken.servers and not options.overwrite:
        raise ConfigError(
            f"`{shown(path, ctx)}` has a server `{options.name}` already",
            code="config.exists",
            hint="use `--overwrite`, or `mcpctl config set`",
            server=options.name,
        )
    rendered = render(taken.host, {options.name: raw}, {})
    _refuse_losses(rendered.entries, rendered.losses, options.name)
    text = merged(taken, taken.host, rendered, shown(path, ctx))
    edited = _Edited(path, taken.text, text, taken.host)
    return _written(edited, ctx, server=options.name, did="added", losses=rendered.losses)


def remove(options: EditOptions, ctx: Context) -> EditReport:
    path, taken = _existing(options, ctx)
    change = Change(kind="remove", at=_place(taken, options.name, shown(path, ctx)))
    text = apply(taken.text, taken.syntax, [change], file=shown(path, ctx))
    return _written(_Edited(path, taken.text, text, taken.host), ctx, server=options.name, did="removed")


def enable(options: EditOptions, ctx: Context) -> EditReport:
    return _change(options, ctx, ("enabled",), value=True, did="enabled")


def disable(options: EditOptions, ctx: Context) -> EditReport:
    return _change(options, ctx, ("enabled",), value=False, did="disabled")


def set_value(options: EditOptions, ctx: Context) -> EditReport:
    require(options.key, "key")
    value = _value_of(options.value)
    return _change(options, ctx, tuple(options.key.split(".", 1)), value=value, did=f"set {options.key}")


def _change(options: EditOptions, ctx: Context, key: tuple[str, ...], *, value: Any, did: str) -> EditReport:
    """Write the server before and after as the host would have it, and change what differs."""
    path, taken = _existing(options, ctx)
    file = shown(path, ctx)
    raw = taken.servers[options.name]
    changed = _with(raw, key, value)
    _refuse_shape(options.name, changed)
    at = _place(taken, options.name, file)
    if taken.host.closed:
        changes = [Change(kind="set", at=(*at, *key), value=value)]
        losses: tuple[Loss, ...] = ()
    else:
        before, after = (
            write_entry(taken.host, options.name, raw),
            write_entry(taken.host, options.name, changed),
        )
        losses = tuple(each for each in after.losses if each not in before.losses)
        if after.entry is None or (after.entry == before.entry and losses):
            raise _impossible(taken.host, options.name, losses)
        changes = list(_differences(at, before.entry or {}, after.entry))
    text = apply(taken.text, taken.syntax, changes, file=file) if changes else taken.text
    edited = _Edited(path, taken.text, text, taken.host)
    return _written(edited, ctx, server=options.name, did=did, losses=losses)


def _existing(options: EditOptions, ctx: Context) -> tuple[Path, Taken]:
    require(options.name, "server")
    path = existing(options.file, ctx)
    taken = take(path, ctx, host=options.host)
    refuse_manifest(taken.host)
    if options.name not in taken.servers:
        raise unknown_server(options.name, taken, shown(path, ctx))
    return path, taken


def _place(taken: Taken, name: str, file: str) -> KeyPath:
    return place_of(taken.host, parse(taken.text.encode(), taken.syntax, file).value, name)


def _described(options: EditOptions) -> Raw:
    if bool(options.words) == bool(options.url):
        raise UsageError(
            "a server has a command or an address",
            code="usage.missing" if not options.url else "usage.conflict",
            hint="write `-- COMMAND ARG…`, or `--url URL`",
        )
    raw: Raw = {}
    if options.words:
        raw["command"] = options.words[0]
        if options.words[1:]:
            raw["args"] = list(options.words[1:])
    else:
        raw["url"] = _address(options.url or "")
    if options.transport:
        raw["transport"] = options.transport
    if options.env:
        raw["env"] = dict(_pair(each, "=", "--env") for each in options.env)
    if options.header:
        raw["headers"] = dict(_pair(each, ":", "--header") for each in options.header)
    if options.cwd:
        raw["cwd"] = options.cwd
    _refuse_shape(options.name, raw)
    return raw


def _address(url: str) -> str:
    """As it was typed, if it can be one: a variable may stand for any part of it."""
    if "${" not in url and not url.startswith(("http://", "https://")):
        raise UsageError(
            f"`{url}` is not the address of a server",
            code="usage.invalid_value",
            hint="write an address such as `https://example.com/mcp`",
        )
    return url


def _pair(text: str, separator: str, option: str) -> tuple[str, str]:
    name, mark, value = text.partition(separator)
    if not mark or not name.strip():
        raise UsageError(
            f"`{option}` wants `NAME{separator} VALUE`".replace("= ", "="),
            code="usage.invalid_value",
            hint="a variable is written `${NAME}`",
        )
    return name.strip(), value.strip()


def _with(raw: Raw, key: tuple[str, ...], value: Any) -> Raw:
    if len(key) == 1:
        return {**raw, key[0]: value}
    inner = raw.get(key[0], {})
    if not isinstance(inner, dict):
        raise UsageError(
            f"`{key[0]}` has no keys of its own", code="usage.key", hint=f"set `{key[0]}` as a whole"
        )
    return {**raw, key[0]: {**inner, key[1]: value}}


def _value_of(text: str) -> Any:
    """JSON where it is a list, an object, a number or a boolean; else a text."""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return text if value is None else value


def _refuse_shape(name: str, raw: Raw) -> None:
    from mcpctl.config.complaints import did_you_mean
    from mcpctl.config.converters import SurpriseError, UnknownKeyError
    from mcpctl.config.shape import decode_server

    try:
        decode_server(name, raw, complete=False)
    except SurpriseError as surprise:
        where = ".".join(map(str, surprise.path)) or name
        hint = "see `mcpctl config schema`"
        if isinstance(surprise, UnknownKeyError):
            hint = did_you_mean(surprise.key, surprise.known)
        raise UsageError(f"`{where}` {surprise.message}", code="usage.invalid_value", hint=hint) from surprise


def _refuse_losses(entries: dict[str, Raw], losses: list[Loss], name: str) -> None:
    if name not in entries:
        raise ConfigError(
            losses[0].reason, code="config.unsupported", server=name, hint="choose another host"
        )


def _impossible(host: HostFacts, name: str, losses: tuple[Loss, ...]) -> ConfigError:
    reason = losses[0].reason if losses else f"{host.title} has nothing like it"
    hint = dict(host.ignored).get("disabled") or "see `mcpctl config view` for what it reads"
    return ConfigError(reason, code="config.unsupported", server=name, hint=hint)


def _differences(at: KeyPath, before: Raw, after: Raw) -> list[Change]:
    changes = [Change(kind="remove", at=(*at, key)) for key in before.keys() - after.keys()]
    for key, value in after.items():
        old = before.get(key)
        if isinstance(value, dict) and isinstance(old, dict):
            changes += _differences((*at, key), old, value)
        elif old != value or key not in before:
            changes.append(Change(kind="set", at=(*at, key), value=value))
    return changes


def _host_of_new(path: Path) -> HostFacts:
    from mcpctl.config.hosts.choose import by_path

    return by_path(os.path.normpath(path)) or host_named(
        "mcpctl-json" if path.suffix == ".json" else "mcpctl"
    )


def _written(
    edited: _Edited, ctx: Context, *, server: str, did: str, losses: Iterable[Loss] = ()
) -> EditReport:
    from mcpctl.lint.diffs import masked_diff

    path, before, after = edited.path, edited.before, edited.after
    bom = path.exists() and path.read_bytes().startswith(b"\xef\xbb\xbf")
    if after != before:
        write_text(path, after, bom=bom)
    file = shown(path, ctx)
    return EditReport(
        file=file,
        host=edited.host.id,
        server=server,
        did=did if after != before else "left as it was",
        diff=masked_diff(before, after, file),
        losses=tuple(Lost(each.server, each.key, each.reason, each.kept, file) for each in losses),
    )
