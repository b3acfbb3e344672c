"""Which server the user means: a configured name, an address, `demo`, `@CAPABILITY`, or one described on the spot."""

from __future__ import annotations

from mcpctl.commands.context import Context
from mcpctl.config.lookup import adhoc, is_known, lookup, switched_on
from mcpctl.errors import UsageError
from mcpctl.model.asking import Aside
from mcpctl.model.server import ServerSpec
from mcpctl.model.value import replace

Words = tuple[str, ...]


def target(words: Words, aside: Aside, ctx: Context) -> tuple[ServerSpec, Words]:
    """The server, and the words that are left for the verb."""
    if aside.stdio is not None or aside.url is not None:
        return _described(aside, ctx), words
    if not words:
        raise UsageError(
            "no server is named",
            code="usage.missing",
            hint="name one of `mcpctl ls`, or `demo`, or use `--stdio`",
        )
    if words[0].startswith("@"):
        from mcpctl.commands.route import chosen

        return _with(ctx.meant(chosen(words[0], ctx)), aside), words[1:]
    return _with(ctx.meant(switched_on(lookup(ctx.settings, words[0]))), aside), words[1:]


def dotted_target(words: Words, aside: Aside, ctx: Context) -> tuple[ServerSpec, Words]:
    """The same, where the first word may also be `SERVER.TOOL` or `SERVER/TOOL`."""
    if words and aside.stdio is None and aside.url is None and not is_known(ctx.settings, words[0]):
        server, tool = split(words[0], ctx)
        if tool:
            words = (server, tool, *words[1:])
    return target(words, aside, ctx)


def typed(aside: Aside, name: str) -> str:
    """The words that mean this server on a command line, quoted for a shell: for lines that are there to be pasted."""
    import shlex

    if aside.stdio is not None:
        return shlex.join(("--stdio", aside.stdio))
    return shlex.join(("--url", aside.url) if aside.url is not None else (name,))


def split(word: str, ctx: Context) -> tuple[str, str]:
    """`SERVER.TOOL` behind the longest name that is configured; tool names may have dots of their own."""
    for at in range(len(word) - 2, 0, -1):
        if word[at] in "./" and is_known(ctx.settings, word[:at]):
            return word[:at], word[at + 1 :]
    return word, ""


def _described(aside: Aside, ctx: Context) -> ServerSpec:
    if aside.stdio is not None and aside.url is not None:
        raise UsageError(
            "`--stdio` and `--url` exclude each other", code="usage.conflict", hint="keep one of them"
        )
    spec = adhoc(
        stdio=aside.stdio, url=aside.url, cwd=aside.cwd or (ctx.world.folder if aside.stdio else None)
    )
    return _with(spec, aside)


def _with(spec: ServerSpec, aside: Aside) -> ServerSpec:
    """The headers and variables that were given on the command line win over those of the file."""
    if not (aside.headers or aside.env or aside.bearer_env):
        return spec
    headers = dict(_pair(each, ":", "--header 'NAME: VALUE'") for each in aside.headers)
    env = dict(_pair(each, "=", "--env NAME=VALUE") for each in aside.env)
    return replace(
        spec,
        headers={**spec.headers, **headers},
        env={**spec.env, **env},
        bearer_env=aside.bearer_env or spec.bearer_env,
    )


def _pair(text: str, separator: str, form: str) -> tuple[str, str]:
    name, found, value = text.partition(separator)
    if not found or not name.strip():
        # The text may hold a secret: it is not repeated.
        raise UsageError(
            f"an option is not of the form `{form}`", code="usage.option", hint=f"write `{form}`"
        )
    return name.strip(), value.strip() if separator == ":" else value
