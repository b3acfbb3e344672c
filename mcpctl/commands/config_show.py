"""`mcpctl config show`, `sources` and `schema`: what is configured, where it comes from, what may be written.

Shows variables as they were written. Never resolves one, never shows what was typed where secrets belong.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping
from typing import Any

from mcpctl.commands.context import Context
from mcpctl.errors import ConfigError
from mcpctl.model.config_show import (
    SchemaOptions,
    SchemaReport,
    ShowOptions,
    ShowReport,
    SourcesOptions,
    SourcesReport,
)
from mcpctl.model.server import ServerSpec
from mcpctl.model.settings import KeyPath

SECRET_NAMES = re.compile(
    r"token|secret|passw|pwd|credential|api.?key|private.?key|^key$|auth|cookie|session|dsn|connection.?string",
    re.IGNORECASE,
)
"""Names whose values are not for the screen, wherever they stand."""

MASK = "***"


def show(options: ShowOptions, ctx: Context) -> ShowReport:
    settings = ctx.settings
    for name in options.server:
        if name not in settings.servers:
            from mcpctl.config.lookup import lookup

            lookup(settings, name, ctx.world)  # raises with the nearest names, unless it is no name at all
            raise ConfigError(f"`{name}` is not configured", code="config.unknown_server")
    servers = {
        name: _values(spec, ctx)
        for name, spec in settings.servers.items()
        if not options.server or name in options.server
    }
    origins = None
    if options.origin:
        leaves = _leaves({"servers": servers}, ())
        origins = tuple((_dotted(path), value, settings.provenance.locate(path)) for path, value in leaves)
    return ShowReport(
        profile=settings.profile, features=dict(settings.features), servers=servers, origins=origins
    )


def sources(options: SourcesOptions, ctx: Context) -> SourcesReport:
    del options
    settings = ctx.settings
    return SourcesReport(sources=settings.sources, profile=settings.profile)


def schema(options: SchemaOptions, ctx: Context) -> SchemaReport:
    del options, ctx
    from mcpctl.config import schema as config_schema

    return SchemaReport(schema=config_schema.load())


def _values(spec: ServerSpec, ctx: Context) -> dict[str, Any]:
    """What differs from the defaults, and how the server is reached in any case."""
    blank = ServerSpec(name=spec.name)
    values = {"transport": spec.transport}
    for field in dataclasses.fields(spec):
        value = getattr(spec, field.name)
        if field.name not in {"name", "transport"} and value != getattr(blank, field.name):
            values[field.name] = _plain(value)
    masked: dict[str, Any] = _masked(values, ctx)
    return masked


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        named = {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
        return {name: inner for name, inner in named.items() if inner is not None}
    if isinstance(value, Mapping):
        return {name: _plain(inner) for name, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, (tuple, list)) else value


def _masked(value: Any, ctx: Context, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _masked(inner, ctx, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [_masked(inner, ctx) for inner in value]
    if not isinstance(value, str):
        return value
    if SECRET_NAMES.search(name) and not _is_reference(value) and not name.endswith("_env"):
        return MASK
    return ctx.redactor.clean(value)


def _is_reference(text: str) -> bool:
    """`Bearer ${TOKEN}` says where a secret is, not what it is."""
    return "${" in text


def _leaves(value: Any, path: KeyPath) -> Iterator[tuple[KeyPath, Any]]:
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _leaves(inner, (*path, key))
    else:
        yield path, value


def _dotted(path: KeyPath) -> str:
    return ".".join(f'"{part}"' if "." in str(part) else str(part) for part in path)
