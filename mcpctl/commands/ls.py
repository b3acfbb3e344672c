"""`mcpctl ls`: the servers of the configuration. Starts nothing."""

from __future__ import annotations

from mcpctl.commands.context import Context
from mcpctl.config.show import shown
from mcpctl.model.events import Noticed
from mcpctl.model.ls import ListedServer, LsOptions, LsReport
from mcpctl.model.server import ServerSpec
from mcpctl.model.settings import Settings


def ls(options: LsOptions, ctx: Context) -> LsReport:
    settings = ctx.settings
    if not settings.servers:
        ctx.emit(_first_steps(settings))
    tell_notes(ctx)
    wanted = set(options.tag)
    return LsReport(
        servers=tuple(
            _listed(spec, ctx)
            for spec in settings.servers.values()
            if not wanted or not wanted.isdisjoint(spec.tags)
        ),
        profile=settings.profile,
        folder=ctx.world.folder,
    )


def tell_notes(ctx: Context) -> None:
    """What was read past in the files of other hosts."""
    for note in ctx.settings.notes:
        place = "" if note.file is None else f"`{note.file}`: "
        ctx.emit(Noticed(server=note.server, message=f"{place}{note.message}"))


def _listed(spec: ServerSpec, ctx: Context) -> ListedServer:
    safe = shown(spec)
    kept = ctx.host.fleet.keepers.get(spec.name) if ctx.host is not None else None
    return ListedServer(
        name=spec.name,
        transport=spec.transport,
        command=() if spec.command is None else (safe["command"], *safe.get("args", ())),
        url=safe.get("url"),
        enabled=spec.enabled,
        tags=spec.tags,
        description=safe.get("description"),
        state=None if kept is None else kept.machine.state,
        breaker=None if ctx.host is None else ctx.host.fleet.sessions.chains.breaker(spec),
        pid=None if kept is None or kept.current is None else kept.current.channel.facts.pid,
        origin=ctx.settings.provenance.locate(("servers", spec.name)),
    )


def _first_steps(settings: Settings) -> Noticed:
    used = [source.path for source in settings.sources if source.status == "used"]
    if used:
        return Noticed(
            message=f"`{used[0]}` names no server", hint="add one with `mcpctl config add NAME -- COMMAND`"
        )
    return Noticed(
        message="no configuration was found, here or in the folders above",
        hint="write one with `mcpctl config init`, or try `mcpctl call demo echo text=hello` without any",
    )
