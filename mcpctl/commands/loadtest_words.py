"""What a load is made of, from the words of the user: which servers, which tools, resources and prompts, how often."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from mcpctl.commands.context import Context
from mcpctl.commands.files import read_file
from mcpctl.commands.items import Item, parse
from mcpctl.commands.loadtest_arguments import Lines, from_items, from_table
from mcpctl.commands.target import dotted_target, target
from mcpctl.errors import UsageError
from mcpctl.loadtest.files import read_mix, read_text
from mcpctl.loadtest.templates import files_named, has_template
from mcpctl.loadtest.templates import parse as parse_template
from mcpctl.model.load import LoadOptions, OperationKind
from mcpctl.model.protocol import JsonObject
from mcpctl.model.server import ServerSpec
from mcpctl.model.value import dataclass, replace

Arguments = Callable[[JsonObject, Lines], str]
"""The template text of the arguments, once the tool's schema and the lines of all files are known."""


def _no_arguments(schema: JsonObject, lines: Lines) -> str:
    del schema, lines
    return "{}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One operation, before its server was asked anything."""

    spec: ServerSpec
    kind: OperationKind
    subject: str
    label: str
    weight: float = 1.0
    arguments: Arguments = _no_arguments
    files: tuple[str, ...] = ()
    """Named by `{{line FILE}}`."""


def parts_of(options: LoadOptions, ctx: Context) -> list[Part]:
    """Raises `UsageError` and `ConfigError`; nothing is started."""
    chosen = [
        name
        for name, value in (
            ("--resource", options.resource),
            ("--prompt", options.prompt),
            ("--mix", options.mix),
            ("--connect", options.connect),
        )
        if value
    ]
    if len(chosen) > 1:
        raise UsageError(
            f"`{chosen[0]}` and `{chosen[1]}` exclude each other",
            code="usage.conflict",
            hint="put resources, prompts and tools into one `--mix`",
        )
    if options.mix is not None:
        return _mixed(options, ctx)
    if chosen:
        spec, words = target(options.words, options.aside, ctx)
        if words and not options.prompt:
            raise UsageError(
                f"`{words[0]}` has no place beside `{chosen[0]}`", code="usage.conflict", hint="leave it out"
            )
    else:
        spec, words = dotted_target(options.words, options.aside, ctx)
        if not words:
            raise UsageError(
                "no tool is named",
                code="usage.missing",
                hint=f"see `mcpctl tools {spec.name}`; or use `--resource`, `--prompt`, `--mix` or `--connect`",
            )
    return [_single(options, spec, words, ctx)]


def read_lines(parts: list[Part], ctx: Context) -> dict[str, tuple[str, ...]]:
    """The files of `{{line FILE}}`, read once and sent to every generator."""
    found: dict[str, tuple[str, ...]] = {}
    for part in parts:
        for name in part.files:
            if name not in found:
                found[name] = _lines_of(name, ctx)
    return found


def _single(options: LoadOptions, spec: ServerSpec, words: tuple[str, ...], ctx: Context) -> Part:
    if options.connect:
        return Part(spec=spec, kind="session", subject="", label="session")
    if options.resource is not None:
        uri = options.resource
        return Part(spec=spec, kind="resource", subject=uri, label=uri, files=_files(uri))
    if options.prompt is not None:
        part = Part(spec=spec, kind="prompt", subject=options.prompt, label=options.prompt)
        return _with_arguments(part, options, words, ctx)
    part = Part(spec=spec, kind="tool", subject=words[0], label=words[0])
    return _with_arguments(part, options, words[1:], ctx)


def _with_arguments(part: Part, options: LoadOptions, words: tuple[str, ...], ctx: Context) -> Part:
    items = parse(words, lambda name: read_file(ctx.world, name))
    if options.arguments is None:
        return replace(
            part,
            arguments=lambda schema, lines: from_items(items, schema, lines),
            files=_files(*(_template_of(item) for item in items)),
        )
    if items:
        raise UsageError(
            "`--args` and items exclude each other", code="usage.conflict", hint="keep one of them"
        )
    text = _given(options.arguments, ctx)
    return replace(part, arguments=lambda *_: text, files=_files(text))


def _mixed(options: LoadOptions, ctx: Context) -> list[Part]:
    assert options.mix is not None
    if options.arguments is not None:
        raise UsageError(
            "`--args` and `--mix` exclude each other",
            code="usage.conflict",
            hint="put arguments into the mix",
        )
    default: ServerSpec | None = None
    if options.words or options.aside.stdio is not None or options.aside.url is not None:
        default, rest = target(options.words, options.aside, ctx)
        if rest:
            raise UsageError(
                f"`{rest[0]}` has no place beside `--mix`",
                code="usage.conflict",
                hint="put tools into the mix",
            )
    path = ctx.world.cwd / options.mix
    parts = [_entry(entry, default, options, ctx) for entry in read_mix(path)]
    several = len({part.spec.name for part in parts}) > 1
    return _told_apart(
        [replace(part, label=f"{part.spec.name}.{part.label}") for part in parts] if several else parts
    )


def _entry(entry: Mapping[str, Any], default: ServerSpec | None, options: LoadOptions, ctx: Context) -> Part:
    name = entry.get("server")
    spec = default if name is None else target((name,), replace(options.aside, stdio=None, url=None), ctx)[0]
    if spec is None:
        raise UsageError(
            "an entry of the mix names no server, and neither does the command line",
            code="usage.missing",
            hint='add `server = "NAME"` to the entry, or name one before `--mix`',
            file=str(options.mix),
        )
    kind: OperationKind = next(each for each in ("tool", "resource", "prompt") if each in entry)
    subject = str(entry[kind])
    arguments = entry.get("arguments", {})
    return Part(
        spec=spec,
        kind=kind,
        subject=subject,
        label=str(entry.get("name", subject)),
        weight=float(entry.get("weight", 1)),
        arguments=lambda schema, lines: from_table(arguments, schema, lines),
        files=_files(json.dumps(arguments, ensure_ascii=False), subject if kind == "resource" else ""),
    )


def _told_apart(parts: list[Part]) -> list[Part]:
    """Labels are what reports and thresholds go by: the second of a name gets a number."""
    seen: dict[str, int] = {}
    found = []
    for part in parts:
        number = seen[part.label] = seen.get(part.label, 0) + 1
        found.append(part if number == 1 else replace(part, label=f"{part.label}#{number}"))
    return found


def _template_of(item: Item) -> str:
    return item.text if item.literal else json.dumps(item.text, ensure_ascii=False)


def _files(*texts: str) -> tuple[str, ...]:
    """Raises `UsageError` for a template that cannot be read."""
    return tuple(name for text in texts if has_template(text) for name in files_named(parse_template(text)))


def _given(text: str, ctx: Context) -> str:
    if text == "-" or text.startswith("@"):
        return read_file(ctx.world, text.removeprefix("@")).decode("utf-8", "surrogateescape")
    return text


def _lines_of(name: str, ctx: Context) -> tuple[str, ...]:
    lines = tuple(line for line in read_text(ctx.world.cwd / name).splitlines() if line)
    if not lines:
        raise UsageError(f"`{name}` holds no line to draw", code="usage.template", file=name)
    return lines
