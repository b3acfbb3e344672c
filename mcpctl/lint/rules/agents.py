"""What Copilot and Agent Plugins ask of an entry beyond what others do."""

from __future__ import annotations

from collections.abc import Iterator

from mcpctl.lint.entry import Entry
from mcpctl.lint.finding import Finding
from mcpctl.lint.registry import Example, rule
from mcpctl.lint.subject import Subject
from mcpctl.model.lint import Change, Fix

_PLUGIN = (
    '{\n  "$schema": "https://agent-plugins.org/schemas/1.0.0/mcp.schema.json",\n'
    '  "mcpServers": {\n    "files": { "type": "stdio", "command": "%s" }\n  }\n}'
)


@rule(
    "MCP129",
    "tools-not-named",
    severity="warning",
    about=lambda host: bool(host.every_tool),
    traits=("command", "url"),
    bad=Example('{ "type": "local", "command": "files-server" }', host="copilot-cli"),
    good=Example('{ "type": "local", "command": "files-server", "tools": ["*"] }', host="copilot-cli"),
)
def tools_not_named(entry: Entry, subject: Subject) -> Iterator[Finding]:
    """A server does not say which of its tools Copilot may use.

    The documentation of Copilot CLI and of the coding agent on GitHub requires `tools` for every server: a list of
    names, or `["*"]` for all. The coding agent uses them without asking, so a list of names is worth the trouble.
    """
    key = entry.key("allow_tools")
    if key in entry.raw or entry.names.isdisjoint({"command", "url"}):
        return
    every = [subject.host.every_tool]
    yield Finding(
        at=entry.name_at,
        part="key",
        message=f"`{entry.name}` does not say which of its tools {subject.host.title} may use: `{key}` is required",
        hint=f'add `"{key}": ["NAME"]`, or `["*"]` for all',
        fix=Fix(
            title="allow all tools",
            changes=(Change(kind="set", at=(*entry.path, key), value=every),),
            safe=False,
        ),
    )


@rule(
    "MCP149",
    "path-outside-plugin",
    severity="error",
    about=lambda host: host.inside_plugin,
    traits=("command", "cwd"),
    bad=Example(_PLUGIN % "/opt/files/server", host="agent-plugin", whole=True),
    good=Example(_PLUGIN % "./bin/server", host="agent-plugin", whole=True),
)
def path_outside_plugin(entry: Entry, subject: Subject) -> Iterator[Finding]:
    """A path of a plugin does not begin in the plugin.

    A command is a bare name or begins with `./`, and nothing in it is expanded; the folder a server runs in begins with
    `./`, `${PLUGIN_ROOT}` or `${PLUGIN_DATA}`. Clients leave out a server that wants anything else.
    """
    command, folder = entry.command, entry.get("cwd")
    if command is not None and not _is_inside(command, "./") and ("/" in command or "$" in command):
        yield _outside(entry, subject, "command", "write a bare name, or a path that begins with `./`")
    if isinstance(folder, str) and not _is_inside(folder, "./", "${PLUGIN_ROOT}", "${PLUGIN_DATA}"):
        yield _outside(entry, subject, "cwd", "begin it with `./`, `${PLUGIN_ROOT}` or `${PLUGIN_DATA}`")


def _is_inside(path: str, *beginnings: str) -> bool:
    return path.startswith(beginnings) and ".." not in path.split("/")


def _outside(entry: Entry, subject: Subject, name: str, hint: str) -> Finding:
    return Finding(
        at=entry.at(name),
        message=f"{subject.host.title} leaves `{entry.name}` out: its `{name}` does not begin in the plugin",
        hint=hint,
    )
