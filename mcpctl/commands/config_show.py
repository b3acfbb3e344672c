"""`mcpctl config show`, `sources` and `schema`: what is configured, where it comes from, what may be written.

Shows variables as they were written. Never resolves one, never shows what was typed where secrets belong.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mcpctl.commands.context import Context
from mcpctl.commands.ls import tell_notes
from mcpctl.config.show import shown
from mcpctl.errors import ConfigError
from mcpctl.model.config_show import (
    SchemaOptions,
    SchemaReport,
    ShowOptions,
    ShowReport,
    SourcesOptions,
    SourcesReport,
)
from mcpctl.model.settings import KeyPath


def show(options: ShowOptions, ctx: Context) -> ShowReport:
    settings = ctx.settings
    tell_notes(ctx)
    for name in options.server:
        if name not in settings.servers:
            from mcpctl.config.lookup import lookup

            lookup(settings, name)  # raises with the nearest names, unless it is no name at all
            raise ConfigError(f"`{name}` is not configured", code="config.unknown_server")
    servers = {
        name: shown(spec)
        for name, spec in settings.servers.items()
        if not options.server or name in options.server
    }
    origins = None
    if options.origin:
        leaves = _leaves({"servers": servers}, ())
        origins = tuple((_dotted(path), value, settings.provenance.locate(path)) for path, value in leaves)
    return ShowReport(
        profile=settings.profile,
        features=dict(settings.features),
        servers=servers,
        origins=origins,
        folder=ctx.world.folder,
    )


def sources(options: SourcesOptions, ctx: Context) -> SourcesReport:
    """Whoever asks where a configuration comes from often does so because it is broken."""
    del options
    from mcpctl.config.discovery import discover

    try:
        return SourcesReport(sources=ctx.settings.sources, profile=ctx.settings.profile)
    except ConfigError as error:
        found = discover(ctx.world, ctx.options.config)
        return SourcesReport(sources=tuple(found.sources), errors=(error,), exit_code=error.exit_code)


def schema(options: SchemaOptions, ctx: Context) -> SchemaReport:
    del ctx
    from mcpctl.config import schema as config_schema

    if options.host is None:
        return SchemaReport(schema=config_schema.load())
    from mcpctl.commands.hosts import host_named
    from mcpctl.config.hosts.schemas import schema_of

    host = host_named(options.host)
    return SchemaReport(schema=config_schema.load() if host.closed else schema_of(host))


def _leaves(value: Any, path: KeyPath) -> Iterator[tuple[KeyPath, Any]]:
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _leaves(inner, (*path, key))
    else:
        yield path, value


def _dotted(path: KeyPath) -> str:
    return ".".join(f'"{part}"' if "." in str(part) else str(part) for part in path)
