"""`mcpctl health`: looks at servers once, watches them, or answers others who ask how they are."""

from __future__ import annotations

from collections.abc import Awaitable

from mcpctl.commands.context import Context
from mcpctl.errors import ConfigError, UsageError
from mcpctl.model.health import HealthOptions, HealthReport
from mcpctl.model.server import ServerSpec
from mcpctl.model.value import replace


def health(options: HealthOptions, ctx: Context) -> Awaitable[HealthReport]:
    _check(options, ctx)
    specs = wanted(options, ctx)
    if options.watch or options.until is not None or options.serve is not None:
        from mcpctl.commands.health_watch import watch

        return watch(options, specs, ctx)
    return _once(options, specs, ctx)


def wanted(options: HealthOptions, ctx: Context) -> list[ServerSpec]:
    """Every server that was named; none named means all of the configuration."""
    from mcpctl.commands.target import target

    if options.aside.stdio is not None or options.aside.url is not None:
        spec, words = target(options.words, options.aside, ctx)
        if words:
            raise UsageError(
                f"`{words[0]}` is one word too many",
                code="usage.words",
                hint="name servers, or describe one on the spot",
            )
        return [spec]
    if options.words:
        return [target((word,), options.aside, ctx)[0] for word in dict.fromkeys(options.words)]
    specs = [
        spec for spec in ctx.settings.servers.values() if not options.tag or set(options.tag) & set(spec.tags)
    ]
    if not specs:
        raise ConfigError(
            "no server is configured" if not options.tag else "no server carries such a tag",
            code="config.no_servers",
            hint="run `mcpctl config init`, or try `mcpctl health demo`",
        )
    return specs


async def _once(options: HealthOptions, specs: list[ServerSpec], ctx: Context) -> HealthReport:
    from mcpctl.commands.looking import around, before_the_end, resting
    from mcpctl.health.checkup import look_at_all, report

    servers = await look_at_all(
        specs, around(ctx), level=options.level, resting=resting(ctx), limit=before_the_end(ctx)
    )
    found = report(servers, now=ctx.world.now(), fail_on=options.fail_on)
    if ctx.options.format == "prometheus":
        found = _counted(found, ctx)
    return replace(found, output=options.output, form=ctx.options.format)


def _counted(found: HealthReport, ctx: Context) -> HealthReport:
    """With the calls that anybody made, and what a supervisor knows besides."""
    from mcpctl.commands.own_place import history_file
    from mcpctl.health.traffic import with_history
    from mcpctl.history.reading import History

    running = {} if ctx.host is None else {each.name: each for each in ctx.host.fleet.statuses()}
    servers = tuple(
        replace(each, restarts=running[each.name].restarts, uptime=running[each.name].uptime)
        if each.name in running
        else each
        for each in found.servers
    )
    return with_history(replace(found, servers=servers), History(history_file(ctx.world, ctx.options)))


def _check(options: HealthOptions, ctx: Context) -> None:
    _check_watching(options)
    if options.output is not None and (ctx.options.wants_json or ctx.options.format in (None, "human")):
        raise UsageError(
            "`--output` goes with a format of its own",
            code="usage.conflict",
            hint="add `--format prometheus`, `junit`, `github` or `jsonl`",
        )
    if options.watch and options.output is not None and ctx.options.format != "prometheus":
        raise UsageError(
            "`--watch` writes only `--format prometheus` to a file",
            code="usage.conflict",
            hint="send the stream there: `mcpctl health --watch --format jsonl > FILE`",
        )


def _check_watching(options: HealthOptions) -> None:
    """What only a watch heeds would be passed over in silence, and a wrong address be told with the first alarm."""
    given = {"--on-change": options.on_change, "--webhook": options.webhook, "--interval": options.interval}
    alone = [name for name, value in given.items() if value is not None]
    if alone and not (options.watch or options.until is not None or options.serve is not None):
        raise UsageError(f"`{alone[0]}` needs `--watch`", code="usage.conflict", hint="add `--watch`")
    if options.interval is not None and options.interval <= 0:
        raise UsageError(
            "`--interval 0` leaves no time between two looks",
            code="usage.invalid_value",
            hint="give a time such as `30s`",
        )
    if options.webhook is not None:
        from mcpctl.wire.address import parse_address

        try:
            parse_address(options.webhook)
        except ConfigError as error:
            raise UsageError(
                f"`--webhook`: {error.message}", code="usage.invalid_value", hint=error.hint
            ) from error
