"""Keys of an entry: misspelt, from another host, ignored, or there for people."""

from __future__ import annotations

from collections.abc import Iterator

from mcpctl.lint.entry import Entry, Layout
from mcpctl.lint.finding import Finding
from mcpctl.lint.nearest import nearest
from mcpctl.lint.registry import Example, rule
from mcpctl.lint.rules.faults import lost
from mcpctl.lint.subject import Subject
from mcpctl.lint.vocabulary import ALIASES, METADATA
from mcpctl.model.lint import Change, Fix


@rule(
    "MCP109",
    "unknown-key",
    severity="warning",
    traits=("stray key",),
    bad=Example('{ "command": "files-server", "argz": ["--root", "."] }'),
    good=Example('{ "command": "files-server", "args": ["--root", "."] }'),
)
def unknown_key(entry: Entry, subject: Subject) -> Iterator[Finding]:
    """A key that this host does not know.

    It is ignored in silence, so that a misspelt `args` starts the server without its arguments. Where a format says
    that nothing may be added, as Agent Plugins does, the whole server is left out.
    """
    host = subject.host
    if host.manifest or host.closed:
        return
    refused = dict(host.refused)
    for key in entry.raw:
        if _is_in_order(key, subject):
            continue
        if key in refused:
            yield Finding(
                at=(*entry.path, key),
                part="key",
                severity="error",
                message=f"{host.title} refuses `{key}`: {lost(entry, subject)}",
                hint=refused[key],
            )
        else:
            yield from _not_known(key, entry, subject)


@rule(
    "MCP113",
    "key-of-another-host",
    severity="warning",
    traits=("stray key",),
    bad=Example('{ "command": "files-server", "environment": { "MODE": "fast" } }'),
    good=Example('{ "command": "files-server", "env": { "MODE": "fast" } }'),
)
def key_of_another_host(entry: Entry, subject: Subject) -> Iterator[Finding]:
    """A key that means something in another host, and nothing in this one.

    The same thing is `env` in most hosts, `environment` in OpenCode and `envs` in Goose; an address is `url`,
    `serverUrl`, `httpUrl` or `uri`. Copied from one file to another, the key is ignored in silence.
    """
    host, layout = subject.host, subject.layout
    if host.manifest or host.closed:
        return
    for key in entry.raw:
        if key in layout.names or key in layout.ignored:
            continue
        canonical = _meant(key, layout)
        if canonical is None or not host.confident:
            continue
        own = entry.key(canonical)
        taken = "." in own or own in entry.raw or _merges(entry, canonical)
        other = {"url": "command", "command": "url"}.get(canonical)
        clear = other not in entry.names and _may_be(own, key, entry, subject)
        fix = None
        if not taken and clear:
            fix = Fix(
                title=f"rename to `{own}`", changes=(Change(kind="rename", at=(*entry.path, key), value=own),)
            )
        needed = canonical in {"command", "url"} and not {"command", "url"} & entry.names
        needed = needed or host.strict_keys or key in host.wrong_words
        yield Finding(
            at=(*entry.path, key),
            part="key",
            severity="error" if needed else None,
            message=f"`{key}` is another host's word: {host.title} calls it `{own}`, and "
            + (f"leaves `{entry.name}` out" if host.strict_keys else f"ignores this in `{entry.name}`"),
            hint=f"put it into `{own}`" if taken else f"rename it to `{own}`",
            fix=fix,
        )


def _is_in_order(key: str, subject: Subject) -> bool:
    """Whether it is known here, told of by another rule, or a note that the host passes over."""
    host, layout = subject.host, subject.layout
    if key in layout.names or key in layout.ignored or _meant(key, layout) is not None:
        return True
    if not host.strict_keys and (key in METADATA or key[:1] in "$_/#x"):
        return True
    return (host.listed and key == "name") or (key == "url" and host.transports == ("stdio",))


def _not_known(key: str, entry: Entry, subject: Subject) -> Iterator[Finding]:
    host = subject.host
    better = nearest(key, subject.layout.names)
    if not host.confident and better is None:
        return
    fix = None
    if better is not None and better not in entry.raw and _may_be(better, key, entry, subject):
        fix = Fix(
            title=f"rename to `{better}`",
            changes=(Change(kind="rename", at=(*entry.path, key), value=better),),
            safe=False,
        )
    yield Finding(
        at=(*entry.path, key),
        part="key",
        severity="error" if host.strict_keys else None,
        message=f"{host.title} knows no `{key}`, and "
        + (f"leaves `{entry.name}` out" if host.strict_keys else f"ignores it in `{entry.name}`"),
        hint=f"did you mean `{better}`?" if better else "remove it",
        fix=fix,
    )


def _meant(key: str, layout: Layout) -> str | None:
    """What another host's word is called in mcpctl, where this host has the same thing."""
    canonical = ALIASES.get(key) or (key if key in _EVERYWHERE else None)
    if canonical == "args" and "args" not in layout.fields:
        canonical = "command"  # a list that holds the arguments too
    return canonical if canonical in layout.fields else None


_EVERYWHERE = frozenset({"command", "args", "env", "url", "headers", "cwd"})
"""What most hosts call the parts of an entry."""

_SHAPES: dict[str, type | tuple[type, ...]] = {
    "text": str, "texts": list, "text or texts": (str, list), "texts map": dict, "scalars map": dict, "object": dict,
    "flag": bool, "whole": int, "number": (int, float), "flag or object": (bool, dict), "objects": list, "any": object,
}  # fmt: skip


def _may_be(own: str, key: str, entry: Entry, subject: Subject) -> bool:
    """Whether what stands under a key would do for another of the host's own."""
    field = subject.layout.fields.get(subject.layout.names.get(own, ""))
    return field is not None and isinstance(entry.raw[key], _SHAPES[field.shape])


def _merges(entry: Entry, canonical: str) -> bool:
    """OpenCode's command is a list that holds the arguments too: no renaming makes one of the other."""
    return canonical in {"args", "type"} or (canonical == "command" and entry.command_is_list)


@rule(
    "MCP114",
    "field-ignored",
    severity="warning",
    traits=("ignored key",),
    bad=Example('{ "command": "files-server", "cwd": "/srv/files" }'),
    good=Example('{ "command": "files-server", "args": ["--root", "/srv/files"] }'),
)
def field_ignored(entry: Entry, subject: Subject) -> Iterator[Finding]:
    """A key that people expect to work, and that this host reads past.

    Claude Code and Claude Desktop know no `cwd`: the server starts elsewhere and does not find its files.
    """
    if entry.raw.keys().isdisjoint(subject.layout.ignored):
        return
    for key, reason in subject.host.ignored:
        if key in entry.raw and key not in {"disabled", "enabled"}:
            yield Finding(
                at=(*entry.path, key),
                part="key",
                severity="info" if key in {"type", "timeout", "transportType"} else None,
                message=f"{subject.host.title} ignores `{key}` in `{entry.name}`: {reason}",
                hint="remove it",
            )


@rule(
    "MCP115",
    "disabled-ignored",
    severity="error",
    traits=("ignored key",),
    bad=Example('{ "command": "files-server", "disabled": true }'),
    good=Example('{ "command": "files-server" }'),
)
def disabled_ignored(entry: Entry, subject: Subject) -> Iterator[Finding]:
    """A server is switched off by a key that this host does not read: it runs.

    Claude Code, VS Code, Cursor and Gemini CLI keep the switch elsewhere; mcp-proxy reads `enabled`, not `disabled`.
    """
    for key, off in (("disabled", True), ("enabled", False)):
        reason = subject.layout.ignored.get(key)
        if reason is None or key not in entry.raw:
            continue
        if entry.raw[key] is off:
            yield Finding(
                at=(*entry.path, key),
                part="whole",
                message=f"`{entry.name}` runs all the same: {subject.host.title} does not read `{key}`",
                hint=reason,
            )
        else:
            yield Finding(
                at=(*entry.path, key),
                part="key",
                severity="info",
                message=f"{subject.host.title} does not read `{key}` in `{entry.name}`",
                hint=reason,
            )


@rule(
    "MCP116",
    "metadata-key",
    severity="info",
    traits=("stray key",),
    bad=Example('{ "command": "files-server", "description": "Reads files" }'),
    good=Example('{ "command": "files-server" }'),
)
def metadata_key(entry: Entry, subject: Subject) -> Iterator[Finding]:
    """A key that is there for people: the host reads past it.

    Harmless. Worth knowing when somebody expects the description to be shown.
    """
    host, layout = subject.host, subject.layout
    if host.manifest or host.closed or not host.confident or host.strict_keys:
        return
    if entry.raw.keys().isdisjoint(METADATA):
        return
    for key in entry.raw:
        if (
            key in METADATA
            and key not in layout.names
            and key not in layout.ignored
            and not (host.listed and key == "name")
        ):
            yield Finding(
                at=(*entry.path, key),
                part="key",
                message=f"{host.title} reads past `{key}` of `{entry.name}`",
            )
