"""`mcpctl resources` and `mcpctl read`: what can be read, and reading it."""

from __future__ import annotations

from mcpctl.commands.content import folder_to_save_in, resource_text, save_blocks
from mcpctl.commands.context import Context
from mcpctl.commands.questions import handlers
from mcpctl.commands.shown import shown
from mcpctl.commands.target import target, typed
from mcpctl.errors import ProtocolError, UsageError
from mcpctl.model.offers import ListOptions, ReadOptions, ReadReport, ResourcesReport
from mcpctl.model.protocol import JsonObject
from mcpctl.session.answers import malformed

NO_SUCH_RESOURCE = (-32002, -32602)
"""How servers of either era say that they do not know a URI."""


async def resources(options: ListOptions, ctx: Context) -> ResourcesReport:
    spec, words = target(options.words, options.aside, ctx)
    if words:
        raise UsageError(
            f"`{words[0]}` is one word too many",
            code="usage.words",
            hint=f"read it: `mcpctl read {typed(options.aside, spec.name)} URI`",
        )
    async with ctx.sessions.open(spec) as session:
        listed = await session.list("resources/list")
        templates = await session.list("resources/templates/list")
    return ResourcesReport(
        server=spec.name,
        resources=matching(listed.items, options.grep, ("uri", "name", "title", "description")),
        templates=matching(templates.items, options.grep, ("uriTemplate", "name", "title", "description")),
        faults=(*listed.faults, *templates.faults),
    )


async def read(options: ReadOptions, ctx: Context) -> ReadReport:
    spec, words = target(options.words, options.aside, ctx)
    if not words:
        raise UsageError(
            "no resource is named",
            code="usage.missing",
            hint=f"see `mcpctl resources {typed(options.aside, spec.name)}`",
        )
    uri = filled(words[0], words[1:])
    if options.save:
        folder_to_save_in(options.save, ctx.world.cwd)
    clock = ctx.world.clock
    async with ctx.sessions.open(spec, handlers(options.answers, ctx, spec.name)) as session:
        began = clock()
        try:
            result = await session.read_resource(uri, timeout=ctx.options.timeout)
        except ProtocolError as error:
            if error.hint is None and error.rpc_code in NO_SUCH_RESOURCE:
                error.hint = f"see what there is: `mcpctl resources {typed(options.aside, spec.name)}`"
            raise
        duration_ms = (clock() - began) * 1000
    contents = result.get("contents")
    if not isinstance(contents, list) or not all(isinstance(each, dict) for each in contents):
        raise malformed("a result without a list of `contents`")
    saved = save_blocks(contents, options.save, ctx.world.cwd, texts=True) if options.save else []
    texts = [resource_text(each, saved[at] if saved else None) for at, each in enumerate(contents)]
    text, truncated = shown("\n\n".join(texts), options.show, spec, uri, ctx)
    return ReadReport(
        server=spec.name,
        uri=uri,
        contents=tuple(contents),
        text=text,
        truncated=truncated,
        saved=tuple(path for path in saved if path),
        duration_ms=duration_ms,
    )


def matching(
    items: tuple[JsonObject, ...], word: str | None, keys: tuple[str, ...]
) -> tuple[JsonObject, ...]:
    if word is None:
        return items
    wanted = word.lower()
    return tuple(item for item in items if any(wanted in str(item.get(key, "")).lower() for key in keys))


def filled(uri: str, values: tuple[str, ...]) -> str:
    """A template with its variables filled: `demo://greeting/{name}` and `name=Ada`."""
    from urllib.parse import quote

    for each in values:
        name, found, value = each.partition("=")
        if not found:
            raise UsageError(
                f"`{each}` is not of the form `NAME=VALUE`", code="usage.item", hint="such as `name=Ada`"
            )
        for form, keep in ((f"{{{name}}}", ""), (f"{{+{name}}}", "/:?#[]@!$&'()*+,;="), (f"{{{name}*}}", "")):
            if form in uri:
                uri = uri.replace(form, quote(value, safe=keep))
                break
        else:
            raise UsageError(
                f"the template has no variable `{name}`",
                code="usage.template",
                hint=f"the template is `{uri}`",
            )
    if "{" in uri:
        raise UsageError(
            f"the template still has variables: `{uri}`",
            code="usage.template",
            hint="give each as `NAME=VALUE` behind it",
        )
    return uri
