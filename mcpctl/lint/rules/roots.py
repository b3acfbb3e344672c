"""Where the servers are in a file, and whether what stands there is a server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mcpctl.lint.entry import Entry
from mcpctl.lint.finding import Finding
from mcpctl.lint.registry import Example, rule
from mcpctl.lint.rules.faults import kind_of
from mcpctl.lint.subject import Subject, containers
from mcpctl.model.keypath import KeyPath
from mcpctl.model.lint import Change, Fix

ROOTS = (
    "mcpServers",
    "servers",
    "mcp_servers",
    "context_servers",
    "mcp",
    "mcpservers",
    "McpServers",
    "mcp-servers",
    "MCPServers",
)
"""Every key under which some host looks for servers, and how people misspell it."""


@rule(
    "MCP101",
    "wrong-root-key",
    severity="error",
    traits=("empty",),
    scope="file",
    bad=Example('{ "servers": { "files": { "command": "files-server" } } }', whole=True),
    good=Example('{ "mcpServers": { "files": { "command": "files-server" } } }', whole=True),
)
def wrong_root_key(subject: Subject) -> Iterator[Finding]:
    """The servers stand under a key that this host does not read.

    Each host has its own: `mcpServers` in most, `servers` in VS Code, `context_servers` in Zed, `mcp` in OpenCode,
    `extensions` in Goose, `mcp_servers` in Codex. Most say nothing and start no server; Claude Code refuses the file.
    """
    value, host = subject.value, subject.host
    if not isinstance(value, dict) or not host.roots or host.manifest or list(containers(value, host)):
        return
    right = host.roots[0]
    for wrong, servers in value.items():
        if wrong not in ROOTS or not looks_like_servers(servers):
            continue
        where = ".".join(map(str, right))
        same = len(right) == 1 and isinstance(servers, dict) != host.listed and _same_words(subject)
        hint = f"rename `{wrong}` to `{where}`" if same else f"mcpctl config convert FILE --to {host.id}"
        rename = Change(kind="rename", at=(wrong,), value=right[0])
        yield Finding(
            at=(wrong,),
            part="key",
            message=f"{host.title} reads no servers here: it looks for `{where}`, found `{wrong}`",
            hint=hint,
            fix=Fix(title=f"rename to `{where}`", changes=(rename,)) if same else None,
        )
        return


@rule(
    "MCP102",
    "no-servers",
    severity="error",
    traits=("empty",),
    scope="file",
    bad=Example('{ "files": { "command": "files-server" } }', whole=True),
    good=Example('{ "mcpServers": {} }', whole=True),
)
def no_servers(subject: Subject) -> Iterator[Finding]:
    """The file has no servers where this host expects them, and the host refuses such a file.

    Claude Code shows "Missing mcpServers" and loads nothing of it. Only a plugin's `.mcp.json` may hold the servers
    without the key.
    """
    value, host = subject.value, subject.host
    if not isinstance(value, dict):
        if host.roots and value is not None:
            yield Finding(
                message=f"{host.title} expects an object here", hint="put everything between `{` and `}`"
            )
        return
    if not host.root_required or list(containers(value, host)) or any(key in ROOTS for key in value):
        return
    if subject.situation == "user":
        return
    bare = [name for name, each in value.items() if _looks_like_server(each)]
    yield Finding(
        part="value",
        message=f"{host.title} refuses the file: it has no `{host.roots[0][0]}`"
        + (f", and `{bare[0]}` stands at its top" if bare else ""),
        hint=f'put the servers into `"{host.roots[0][0]}": {{ … }}`',
    )


@rule(
    "MCP103",
    "servers-not-an-object",
    severity="error",
    traits=("odd container",),
    scope="file",
    bad=Example('{ "mcpServers": [{ "name": "files", "command": "files-server" }] }', whole=True),
    good=Example('{ "mcpServers": { "files": { "command": "files-server" } } }', whole=True),
)
def servers_not_an_object(subject: Subject) -> Iterator[Finding]:
    """The servers stand in a list where the host wants an object, or the other way round.

    The name is the key of the object, not a field of the entry. Only Continue and the registry use lists.
    """
    value, host = subject.value, subject.host
    if not isinstance(value, dict) or host.manifest:
        return
    for root, container in containers(value, host):
        if host.servers_elsewhere and isinstance(container, str | list):
            continue
        if host.listed and isinstance(container, dict):
            yield _wrong_container(root, host.title, "a list of servers, each with its `name`, not an object")
        elif isinstance(container, list) and not host.listed and root not in host.listed_too:
            names = [each.get("name") for each in container if isinstance(each, dict)]
            fix = _as_object(root, container) if len(set(map(str, names))) == len(container) else None
            yield _wrong_container(
                root, host.title, "an object whose keys are the names, not a list", fix=fix
            )
        elif not isinstance(container, dict | list) and (container is not None or host.closed):
            yield _wrong_container(root, host.title, "an object whose keys are the names")


def _wrong_container(root: KeyPath, title: str, wanted: str, *, fix: Fix | None = None) -> Finding:
    name = ".".join(map(str, root))
    return Finding(
        at=root,
        part="key",
        message=f"{title} wants `{name}` to be {wanted}",
        hint=f"make it {wanted}",
        fix=fix,
    )


def _as_object(root: KeyPath, servers: list[Any]) -> Fix | None:
    table: dict[str, Any] = {}
    for each in servers:
        if not isinstance(each, dict) or not isinstance(each.get("name"), str):
            return None
        table[each["name"]] = {key: value for key, value in each.items() if key != "name"}
    return Fix(title="make it an object", changes=(Change(kind="set", at=root, value=table),), safe=False)


@rule(
    "MCP104",
    "server-not-an-object",
    severity="error",
    traits=("strays",),
    scope="file",
    bad=Example('{ "mcpServers": { "files": "files-server" } }', whole=True),
    good=Example('{ "mcpServers": { "files": { "command": "files-server" } } }', whole=True),
)
def server_not_an_object(subject: Subject) -> Iterator[Finding]:
    """What stands under a server's name is no object.

    A text is not taken for a command: the entry is left out.
    """
    if subject.host.manifest:
        return
    host = subject.host
    for at, value in subject.strays:
        if isinstance(at[-1], int) and not host.listed and at[:-1] not in host.listed_too:
            continue  # the list itself is wrong
        fix = None
        if isinstance(value, str) and value and " " not in value and not _command_is_list(subject):
            entry = {"command": value} if "://" not in value else {"type": "http", "url": value}
            fix = Fix(title="make it an entry", changes=(Change(kind="set", at=at, value=entry),), safe=False)
        yield Finding(
            at=at,
            server=str(at[-1]),
            message=f"`{at[-1]}` is {kind_of(value)}, and {host.title} wants an object for a server",
            hint='write `{ "command": "…" }` or `{ "url": "…" }`',
            fix=fix,
        )


@rule(
    "MCP105",
    "no-command-or-url",
    severity="error",
    traits=("unreachable",),
    bad=Example('{ "args": ["--root", "."] }'),
    good=Example('{ "command": "files-server", "args": ["--root", "."] }'),
)
def no_command_or_url(entry: Entry, subject: Subject) -> Iterator[Finding]:
    """A server has neither a command nor an address.

    There is nothing to start and nothing to connect to; hosts leave the entry out, or refuse the file.
    """
    names, host = entry.names, subject.host
    if "command" in names or "url" in names or host.manifest or _needs_neither(entry, subject):
        return
    wanted = entry.key("command")
    address = entry.key("url")
    remote = "" if host.transports == ("stdio",) else f" or `{address}`"
    yield Finding(
        at=entry.name_at,
        part="value" if entry.name_is_value else "key",
        message=f"`{entry.name}` has no `{wanted}`{' and no ' + f'`{address}`' if remote else ''}: {_consequence(subject)}",
        hint=f"add `{wanted}`{remote}",
    )


def _needs_neither(entry: Entry, subject: Subject) -> bool:
    """Whether a server is reached in another way, defined elsewhere, or one that the host brings along."""
    host, word = subject.host, entry.word
    if not entry.names.isdisjoint(_INSTEAD | host.suffices):
        return True
    if host.closed and subject.situation == "user":
        return True
    if host.overrides and host.overrides.issuperset(entry.raw):
        return True
    if not host.brings_servers or not host.type_words or word is None:
        return False
    return word[1] not in {
        *subject.layout.kinds,
        "sse",
    }  # one of its own, or a word that is told of elsewhere


_INSTEAD = frozenset({"tcp", "executable", "settings"})
"""Fields of some hosts with which an entry is more than a slip, wherever it was copied to."""


def looks_like_servers(value: Any) -> bool:
    """Whether a list or an object has servers in it, or is an object that could."""
    if isinstance(value, list):
        return any(_looks_like_server(each) for each in value)
    return isinstance(value, dict) and (not value or any(_looks_like_server(each) for each in value.values()))


def _consequence(subject: Subject) -> str:
    title = subject.host.title
    return {
        "skipped": f"{title} leaves it out",
        "file refused": f"{title} refuses the whole file",
        "fails at start": f"{title} fails when it should start",
        "error shown": f"{title} cannot start it",
    }[subject.host.bad_entry]


def _same_words(subject: Subject) -> bool:
    """Whether the host writes a server as most do, so that another key makes the file one of its own."""
    return any(each.path == ("command",) and each.shape == "text" for each in subject.host.fields)


def _command_is_list(subject: Subject) -> bool:
    field = subject.layout.fields.get("command")
    return field is not None and field.shape == "texts"


def _looks_like_server(value: Any) -> bool:
    return isinstance(value, dict) and not {
        "command",
        "url",
        "httpUrl",
        "serverUrl",
        "cmd",
        "uri",
    }.isdisjoint(value)
