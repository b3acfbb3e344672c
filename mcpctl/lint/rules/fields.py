"""Values of an entry: of the wrong kind, missing, refused, or none of the words that are allowed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mcpctl.config.hosts.facts import URL_NAMES
from mcpctl.lint.entry import TYPE_NAMES, Entry
from mcpctl.lint.finding import Finding, ShapeFault
from mcpctl.lint.nearest import nearest
from mcpctl.lint.registry import Example, rule
from mcpctl.lint.rules.faults import KINDS, kind_of, name_of, server_of
from mcpctl.lint.shape import shape_faults
from mcpctl.lint.subject import Subject
from mcpctl.model.keypath import KeyPath
from mcpctl.model.lint import Change, Fix


@rule(
    "MCP107",
    "wrong-kind",
    severity="error",
    traits=("misshapen",),
    scope="file",
    bad=Example('{ "command": "files-server", "args": "--root ." }'),
    good=Example('{ "command": "files-server", "args": ["--root", "."] }'),
)
def wrong_kind(subject: Subject) -> Iterator[Finding]:
    """A value is of the wrong kind: a text where a list belongs, a number where a text belongs.

    Hosts check kinds before anything else. The entry is left out, or the whole file is.
    """
    if subject.host.manifest:
        return
    known = _not_even_a_server(subject)
    for fault in shape_faults(subject):
        if fault.at in known:
            continue
        if fault.keyword in {"type", "anyOf"} and not _is_scalar_in_map(fault):
            wanted = fault.schema.get("title") or _wanted(fault)
            fix = _as_list(fault, subject)
            yield Finding(
                at=fault.at,
                server=server_of(fault, subject),
                message=f"{subject.host.title} wants {wanted} for {name_of(fault.at)}, and this is {kind_of(fault.instance)}",
                hint=f"write {wanted}",
                fix=fix,
            )
        elif fault.keyword in {"minLength", "minItems", "pattern"} and not subject.host.closed:
            yield Finding(
                at=fault.at,
                server=server_of(fault, subject),
                message=f"{subject.host.title} does not take this value for {name_of(fault.at)}",
            )


@rule(
    "MCP108",
    "text-expected",
    severity="error",
    traits=("misshapen",),
    scope="file",
    bad=Example('{ "command": "files-server", "env": { "PORT": 8080 } }'),
    good=Example('{ "command": "files-server", "env": { "PORT": "8080" } }'),
)
def text_expected(subject: Subject) -> Iterator[Finding]:
    """A variable or a header has a number, a boolean or null for a value, and only texts are allowed there.

    The environment of a process knows texts only. Strict hosts leave out the entry; others pass on `True` where
    `true` was meant.
    """
    if subject.host.manifest:
        return
    for fault in shape_faults(subject):
        if not _is_scalar_in_map(fault):
            continue
        text = _as_text(fault.instance)
        written = f'"{text}"'
        fix = None
        if text is not None:
            fix = Fix(title=f"write `{written}`", changes=(Change(kind="set", at=fault.at, value=text),))
        yield Finding(
            at=fault.at,
            server=server_of(fault, subject),
            message=f"{subject.host.title} takes only texts here, and `{fault.at[-1]}` is {kind_of(fault.instance)}",
            hint=f"write `{written}`" if text is not None else "remove it, or write a text",
            fix=fix,
        )


@rule(
    "MCP130",
    "legacy-command",
    severity="warning",
    traits=("command",),
    about=lambda host: host.legacy_command,
    bad=Example('{ "command": { "path": "files-server", "args": ["--root", "."] } }', host="zed"),
    good=Example('{ "command": "files-server", "args": ["--root", "."] }', host="zed"),
)
def legacy_command(entry: Entry, subject: Subject) -> Iterator[Finding]:
    """The command is an object with `path` and `args`, as older versions of Zed had it.

    Still in many READMEs. Newer versions want `command` to be a text and `args` beside it.
    """
    command = entry.get("command")
    if not is_legacy(command):
        return
    at = entry.at("command")
    changes = [Change(kind="set", at=at, value=command["path"])]
    changes.extend(
        Change(kind="set", at=(*entry.path, key), value=command[key])
        for key in ("args", "env")
        if command.get(key) is not None
    )
    yield Finding(
        at=at,
        part="key",
        message=f"{subject.host.title} wants the command of `{entry.name}` as a text, with `args` beside it",
        hint=f'write `"command": "{command["path"]}"` and put `args` beside it',
        fix=Fix(title="write it flat", changes=tuple(changes)),
    )


def is_legacy(command: Any) -> bool:
    """Whether a command is an object as Zed wrote it before 2025."""
    return isinstance(command, dict) and isinstance(command.get("path"), str)


@rule(
    "MCP131",
    "missing-field",
    severity="error",
    traits=("misshapen",),
    scope="file",
    bad=Example('{ "mcp": { "files": { "command": ["files-server"] } } }', host="opencode", whole=True),
    good=Example(
        '{ "mcp": { "files": { "type": "local", "command": ["files-server"] } } }',
        host="opencode",
        whole=True,
    ),
)
def missing_field(subject: Subject) -> Iterator[Finding]:
    """A field is missing without which this host does not take the entry.

    OpenCode and Goose want a `type` for every server, Continue a `name`.
    """
    host = subject.host
    if host.manifest:
        return
    for fault in shape_faults(subject):
        if fault.keyword != "required" or fault.missing is None:
            continue
        if host.type_required and fault.missing == "type" and _is_remote(fault.instance):
            continue
        if host.overrides and host.overrides.issuperset(fault.instance):
            continue
        if host.listed and isinstance(fault.at[-1], str):
            continue  # its name is its key, because there is no list
        fix = None
        if fault.missing == "type" and host.type_words:
            word = next(said for said, kind in host.type_words if kind == "stdio")
            change = Change(kind="set", at=(*fault.at, "type"), value=word)
            fix = Fix(title=f'add `"type": "{word}"`', changes=(change,))
        yield Finding(
            at=fault.at,
            part="key" if not host.listed else "whole",
            server=server_of(fault, subject),
            message=f"{host.title} wants a `{fault.missing}` here",
            hint=f"add `{fault.missing}`",
            fix=fix,
        )


@rule(
    "MCP138",
    "unknown-word",
    severity="warning",
    traits=("misshapen",),
    scope="file",
    bad=Example(
        '[mcp_servers.files]\ncommand = "files-server"\ndefault_tools_approval_mode = "never"\n',
        host="codex",
        whole=True,
    ),
    good=Example(
        '[mcp_servers.files]\ncommand = "files-server"\ndefault_tools_approval_mode = "prompt"\n',
        host="codex",
        whole=True,
    ),
)
def unknown_word(subject: Subject) -> Iterator[Finding]:
    """A field takes one of a few words, and this is none of them.

    Newer versions may know more words than this table; older ones refuse the entry.
    """
    host = subject.host
    if host.manifest or host.closed or not host.confident:
        return
    type_keys = {host_field.path[0] for host_field in host.fields if host_field.name in TYPE_NAMES}
    for fault in shape_faults(subject):
        if fault.keyword == "enum" and fault.at[-1] not in type_keys and isinstance(fault.instance, str):
            better = nearest(fault.instance, fault.expected)
            yield Finding(
                at=fault.at,
                server=server_of(fault, subject),
                message=f"`{fault.at[-1]}` takes {_words(fault.expected)} in {host.title}",
                hint=f"did you mean `{better}`?" if better else None,
            )


@rule(
    "MCP136",
    "variable-refused",
    severity="error",
    traits=("env",),
    about=lambda host: bool(host.refused_env or host.own_env),
    bad=Example(
        "extensions:\n  files:\n    type: stdio\n    name: files\n    cmd: files-server\n    envs:\n      PATH: /opt/bin\n",
        host="goose",
        whole=True,
    ),
    good=Example(
        "extensions:\n  files:\n    type: stdio\n    name: files\n    cmd: files-server\n    envs:\n      MODE: fast\n",
        host="goose",
        whole=True,
    ),
)
def variable_refused(entry: Entry, subject: Subject) -> Iterator[Finding]:
    """The host does not pass on this variable.

    Goose leaves out 31 names through which foreign code could be loaded, `PATH` among them. Agent Plugins sets
    `PLUGIN_ROOT` and `PLUGIN_DATA` itself.
    """
    for name in entry.env:
        own = name.upper() in subject.host.own_env
        if own or name.upper() in subject.host.refused_env:
            yield Finding(
                at=entry.env_at(name),
                part="key",
                message=f"{subject.host.title} does not pass `{name}` on to `{entry.name}`",
                hint="remove it: it is always set" if own else "set it in a script that starts the server",
            )


def _not_even_a_server(subject: Subject) -> set[KeyPath]:
    """Places that are told of as a whole: no file, no list of servers, no server."""
    places: set[KeyPath] = {at for at, _ in subject.strays}
    if subject.host.legacy_command:
        places.update(entry.at("command") for entry in subject.entries if is_legacy(entry.get("command")))
    if subject.host.closed:
        places.update(((), *subject.host.roots))
    return places


def _is_scalar_in_map(fault: ShapeFault) -> bool:
    named = len(fault.at) >= 2 and fault.at[-2] in {
        "env",
        "environment",
        "envs",
        "headers",
        "http_headers",
        "header_env",
    }
    return fault.keyword == "type" and named and not isinstance(fault.instance, dict | list | str)


def _as_text(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else None


def _as_list(fault: ShapeFault, subject: Subject) -> Fix | None:
    """A single argument without spaces can only have meant a list of one."""
    alone = isinstance(fault.instance, str) and fault.expected == "array"
    if not alone or not fault.instance or " " in fault.instance or subject.host.manifest:
        return None
    change = Change(kind="set", at=fault.at, value=[fault.instance])
    return Fix(title="make it a list", changes=(change,))


def _wanted(fault: ShapeFault) -> str:
    if fault.keyword == "anyOf":
        return " or ".join(KINDS.get(str(each.get("type")), "something else") for each in fault.expected)
    kinds = fault.expected if isinstance(fault.expected, list) else [fault.expected]
    return " or ".join(KINDS.get(each, str(each)) for each in kinds)


def _words(choices: list[Any]) -> str:
    return "one of " + ", ".join(f"`{each}`" for each in choices)


def _is_remote(raw: dict[str, Any]) -> bool:
    return any(name in raw for name in (*URL_NAMES, "url", "uri"))
