"""`mcpctl config convert` and `config import`: servers from one host's file to another's, with every loss told.

No variable is replaced by its value, and nothing that a file says is executed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from mcpctl.commands.config_file import existing, read_bytes, refuse_manifest, refuse_unknown, shown, take
from mcpctl.commands.context import Context
from mcpctl.commands.hosts import host_named
from mcpctl.config.edit.write import write_text
from mcpctl.config.hosts.choose import syntax_of
from mcpctl.config.hosts.facts import HostFacts
from mcpctl.config.hosts.files import Raw, Rendered, Taken, merged, new_file, render
from mcpctl.config.hosts.writer import Loss
from mcpctl.errors import ConfigError, McpctlError, UsageError
from mcpctl.model.convert import ConvertOptions, ConvertReport, ImportOptions, ImportReport, Lost


def convert(options: ConvertOptions, ctx: Context) -> ConvertReport:
    if not options.to:
        raise UsageError("no host is named", code="usage.missing", hint="name one with `--to HOST`")
    target = host_named(options.to)
    refuse_manifest(target)
    source = existing(options.path, ctx)
    taken = take(source, ctx, host=options.source)
    refuse_manifest(taken.host)
    refuse_unknown(options.server, taken, shown(source, ctx))
    servers = {
        name: raw for name, raw in taken.servers.items() if not options.server or name in options.server
    }
    rendered = render(target, servers, taken.inputs)
    text, written = _put(target, rendered, taken, options.output, ctx)
    losses = (*_lost(taken.losses, shown(source, ctx)), *_lost(rendered.losses, shown(source, ctx)))
    left_out = tuple(name for name in servers if name not in rendered.entries)
    return ConvertReport(
        exit_code=1 if options.strict and any(not each.kept for each in losses) else 0,
        source=shown(source, ctx),
        source_host=taken.host.id,
        target_host=target.id,
        servers=tuple(rendered.entries),
        left_out=left_out,
        losses=losses,
        text="" if written else text,
        written=written,
    )


def _put(
    target: HostFacts, rendered: Rendered, taken: Taken, output: str | None, ctx: Context
) -> tuple[str, str | None]:
    """A new file as text, or the servers added to a file that is there."""
    if output is None:
        return new_file(target, rendered, taken.inputs), None
    path = ctx.world.cwd / Path(output).expanduser()
    text = _into(path, target, rendered, taken.inputs, ctx)
    write_text(path, text)
    return text, shown(path, ctx)


def _into(path: Path, target: HostFacts, rendered: Rendered, inputs: dict[str, Raw], ctx: Context) -> str:
    if not path.exists() or not read_bytes(path, ctx).strip():
        wanted = syntax_of(str(path), target)
        same = wanted == target.syntax or {wanted, target.syntax} <= {"json", "jsonc", "json5"}
        if not same:
            raise UsageError(
                f"{target.title} reads {target.syntax.upper()}, and `{shown(path, ctx)}` is not called so",
                code="usage.conflict",
                hint=f"give it a name such as `{target.project[0] if target.project else 'file.' + target.syntax}`",
            )
        return new_file(target, rendered, inputs)
    return merged(take(path, ctx, host=target.id), target, rendered, shown(path, ctx), inputs)


def import_servers(options: ImportOptions, ctx: Context) -> ImportReport:
    """Every server of every host on this machine, into one file of our own."""
    from mcpctl.lint.gather import targets

    wanted = {host_named(name).id for name in options.hosts}
    output = ctx.world.cwd / Path(options.output).expanduser()
    own = host_named("mcpctl-json" if output.suffix == ".json" else "mcpctl")
    known = take(output, ctx, host=own.id) if output.exists() else None
    gathered = _Gathered(options, known.servers if known else {})
    for target in targets((), ctx.world, user=True):
        if Path(target.real) != output:
            gathered.add(Path(target.real), ctx, wanted)
    for target in targets((), ctx.world, user=False):
        if Path(target.real) != output:
            gathered.add(Path(target.real), ctx, wanted)
    if not gathered.sources:
        raise ConfigError(
            "no host on this machine has a configuration",
            code="config.not_found",
            hint="name a file: `mcpctl config convert FILE --to mcpctl`",
            related=gathered.errors,
        )
    rendered = render(own, gathered.servers, {})
    written, text = None, ""
    if options.dry_run or not gathered.servers:
        text = new_file(own, rendered, gathered.inputs) if gathered.servers else ""
    else:
        text = _into(output, own, rendered, gathered.inputs, ctx)
        write_text(output, text)
        written, text = shown(output, ctx), ""
    losses = tuple(gathered.losses)
    return ImportReport(
        exit_code=1 if options.strict and (losses or gathered.skipped) else 0,
        errors=tuple(gathered.errors),
        sources=tuple(gathered.sources),
        servers=tuple(gathered.origins.items()),
        skipped=tuple(gathered.skipped),
        losses=losses,
        written=written,
        text=text,
    )


class _Gathered:
    def __init__(self, options: ImportOptions, known: dict[str, Raw]) -> None:
        self.options = options
        self.known = known
        self.servers: dict[str, Raw] = {}
        self.inputs: dict[str, Raw] = {}
        """What the servers ask their user for."""
        self.origins: dict[str, str] = {}
        self.sources: list[tuple[str, str, int]] = []
        self.skipped: list[tuple[str, str, str]] = []
        self.losses: list[Lost] = []
        self.errors: list[McpctlError] = []

    def add(self, path: Path, ctx: Context, wanted: set[str]) -> None:
        file = shown(path, ctx)
        if any(file == source for source, _, _ in self.sources):
            return
        try:
            taken = take(path, ctx)
        except McpctlError as error:
            self.errors.append(error)
            return
        if taken.host.closed or taken.host.manifest or (wanted and taken.host.id not in wanted):
            return
        self.losses += _lost(taken.losses, file)
        before = len(self.servers)
        for name, raw in taken.servers.items():
            self._add_one(name, raw, file)
            if self.origins.get(name) == file:
                asked = {key: each for key, each in taken.inputs.items() if f"${{input:{key}}}" in str(raw)}
                self.inputs = {**asked, **self.inputs}
        self.sources.append((file, taken.host.id, len(self.servers) - before))

    def _add_one(self, name: str, raw: Raw, file: str) -> None:
        if self.options.server and name not in self.options.server:
            return
        if name in self.known and not self.options.overwrite:
            same = self.known[name] == raw
            self.skipped.append(
                (name, file, "it is there already" if same else "another server has its name")
            )
        elif name in self.servers:
            reason = (
                "the same comes from"
                if _reached(self.servers[name]) == _reached(raw)
                else "its name is taken by one from"
            )
            self.skipped.append((name, file, f"{reason} `{self.origins[name]}`"))
        else:
            self.servers[name] = raw
            self.origins[name] = file


def _reached(raw: Raw) -> tuple[object, ...]:
    return raw.get("command"), str(raw.get("args", [])), raw.get("url")


def _lost(losses: Iterable[Loss], file: str) -> Sequence[Lost]:
    return [Lost(each.server, each.key, each.reason, each.kept, file) for each in losses]
