"""Parts of an entry that do not go together: a process with an address's fields, a word that says the opposite."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mcpctl.lint.entry import TYPE_NAMES, Entry
from mcpctl.lint.finding import Finding
from mcpctl.lint.registry import Example, rule
from mcpctl.lint.rules.faults import lost
from mcpctl.lint.subject import Subject


@rule(
    "MCP117",
    "field-of-other-transport",
    severity="warning",
    traits=("misplaced key",),
    bad=Example('{ "type": "http", "url": "https://mcp.example.com/mcp", "env": { "TOKEN": "${TOKEN}" } }'),
    good=Example(
        '{ "type": "http", "url": "https://mcp.example.com/mcp", "headers": { "Authorization": "Bearer ${TOKEN}" } }'
    ),
)
def field_of_other_transport(entry: Entry, subject: Subject) -> Iterator[Finding]:
    """A remote server has fields that only a process can use, or a process fields of a connection.

    An `env` never reaches a remote server, so its token is not sent. Codex refuses the whole file, Roo Code the
    server; the others ignore the field.
    """
    host = subject.host
    if entry.command is not None and entry.url is not None:
        return
    kind = "stdio" if entry.command is not None else "remote" if entry.url is not None else None
    if kind is None or host.manifest or (kind == "remote" and not host.takes_remote):
        return
    for field in host.fields:
        if (
            field.on in {"any", kind}
            or field.path[0] not in entry.raw
            or field.name in {"url", "command", *TYPE_NAMES}
        ):
            continue
        if not entry.get(field.name) and not host.strict_transport:
            continue
        what = "remote servers" if kind == "remote" else "processes"
        message = (
            f"{host.title} allows no `{entry.key(field.name)}` for {what}: {lost(entry, subject)}"
            if host.strict_transport
            else f"`{entry.key(field.name)}` means nothing for {what}: {host.title} ignores it in `{entry.name}`"
        )
        yield Finding(
            at=entry.at(field.name),
            part="key",
            severity="error" if host.strict_transport else None,
            message=message,
            hint="send it as a header" if field.name == "env" else "remove it",
        )


@rule(
    "MCP150",
    "type-contradicts",
    severity="warning",
    traits=("odd word",),
    bad=Example('{ "type": "stdio", "url": "https://mcp.example.com/mcp" }'),
    good=Example('{ "type": "http", "url": "https://mcp.example.com/mcp" }'),
)
def type_contradicts(entry: Entry, subject: Subject) -> Iterable[Finding]:
    """The word for the transport does not fit what the entry has: a process with an address, or the other way round.

    Claude Code, OpenCode, Roo Code and Cline go by the word, look for the other field, and find none. Others ignore the
    word, so that the same entry works in one host and not in the next.
    """
    layout = subject.layout
    key = layout.paths["type"][0]
    try:
        kind = layout.kinds.get(entry.raw.get(key, ""))
    except TypeError:  # it is no text, which is told elsewhere
        return ()
    if kind is None or (kind == "stdio") is (entry.command is not None):  # nearly all entries end here
        return ()
    return _contradiction(entry, subject, key, needed="command" if kind == "stdio" else "url")


def _contradiction(entry: Entry, subject: Subject, key: str, *, needed: str) -> Iterator[Finding]:
    host = subject.host
    has = "url" if needed == "command" else "command"
    if entry.has(needed) or not entry.has(has) or host.manifest or not host.confident or host.closed:
        return
    kinds = [kind for _, kind in host.type_words if (kind == "stdio") == (has == "command")]
    if not kinds:
        return  # the host has no such servers, which is told elsewhere
    better = " or ".join(dict.fromkeys(f"`{word}`" for word, kind in host.type_words if kind in kinds[:1]))
    outcome = lost(entry, subject) if host.goes_by_word else "hosts do not agree on what that means"
    yield Finding(
        at=(*entry.path, key),
        severity="error" if host.goes_by_word else None,
        message=f"`{key}` of `{entry.name}` asks for a `{entry.key(needed)}`, and there is a `{entry.key(has)}`: {outcome}",
        hint=f"write {better}, or give it a `{entry.key(needed)}`",
    )
