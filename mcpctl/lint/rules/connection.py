"""What a live server says that the file does not fit. The servers are asked elsewhere; here answers are judged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mcpctl.lint.entry import Entry
from mcpctl.lint.finding import Finding
from mcpctl.lint.nearest import nearest
from mcpctl.lint.registry import Example, rule
from mcpctl.lint.subject import Subject
from mcpctl.model.keypath import KeyPath
from mcpctl.model.value import NamedTuple


class Probe(NamedTuple):
    """What came of starting or reaching one server."""

    error: str | None = None
    hint: str | None = None
    tools: tuple[str, ...] = ()
    bad_schemas: Mapping[str, str] = {}
    """Tools whose schema is none, and why."""
    elsewhere: Mapping[str, str] = {}
    """Tools that another server of the same file has too, and its name."""


_DEMO = '{ "command": "python", "args": ["-m", "mcpctl.demo"] }'


@rule(
    "MCP405",
    "handshake-failed",
    severity="error",
    scope="connect",
    bad=Example('{ "command": "false" }'),
    good=Example(_DEMO),
)
def handshake_failed(entry: Entry, subject: Subject, probe: Probe) -> Iterator[Finding]:
    """The server was started or reached, and did not answer as an MCP server does.

    The message is the cause as far as it can be told: the exit code, the last line of stderr, the HTTP status.
    """
    del subject
    if probe.error is not None:
        yield Finding(
            at=entry.name_at,
            part="value" if entry.name_is_value else "key",
            message=f"`{entry.name}` does not answer: {probe.error}",
            hint=probe.hint,
        )


@rule(
    "MCP406",
    "tool-name-clash",
    severity="warning",
    scope="connect",
    bad=Example(f'{{ "mcpServers": {{ "a": {_DEMO}, "b": {_DEMO} }} }}', whole=True),
    good=Example(_DEMO),
)
def tool_name_clash(entry: Entry, subject: Subject, probe: Probe) -> Iterator[Finding]:
    """Two servers of a file offer a tool of the same name.

    Hosts that put no server's name in front show the model two tools of one name, or drop one.
    """
    del subject
    if probe.elsewhere:
        names = sorted(probe.elsewhere)
        first = names[0]
        rest = f" and {len(names) - 1} more" if len(names) > 1 else ""
        yield Finding(
            at=entry.name_at,
            part="value" if entry.name_is_value else "key",
            message=f"`{entry.name}` offers `{first}`{rest}, and so does `{probe.elsewhere[first]}`",
            hint="switch one of them off, or use a host that keeps them apart",
        )


@rule(
    "MCP407",
    "invalid-tool-schema",
    severity="warning",
    scope="connect",
    bad=Example('{ "command": "python", "args": ["-c", "BAD_SCHEMA"] }'),
    good=Example(_DEMO),
)
def invalid_tool_schema(entry: Entry, subject: Subject, probe: Probe) -> Iterator[Finding]:
    """A tool describes its arguments with something that is no JSON Schema.

    Providers of models refuse the whole list of tools because of one of them.
    """
    del subject
    for tool, reason in probe.bad_schemas.items():
        yield Finding(
            at=entry.name_at,
            part="value" if entry.name_is_value else "key",
            message=f"the schema of `{tool}` in `{entry.name}` is not valid: {reason}",
            hint="report it to the server's author",
        )


@rule(
    "MCP408",
    "canary-missing",
    severity="error",
    scope="connect",
    about=lambda host: host.closed,
    bad=Example(
        '[servers.files]\ncommand = "python"\nargs = ["-m", "mcpctl.demo"]\n[[servers.files.health.canary]]\ntool = "ecko"\n',
        host="mcpctl",
        whole=True,
    ),
    good=Example(
        '[servers.files]\ncommand = "python"\nargs = ["-m", "mcpctl.demo"]\n[[servers.files.health.canary]]\ntool = "echo"\n',
        host="mcpctl",
        whole=True,
    ),
)
def canary_missing(entry: Entry, subject: Subject, probe: Probe) -> Iterator[Finding]:
    """The tool that health checks should call does not exist.

    The check would report the server as ill forever.
    """
    del subject
    if probe.error is not None:
        return
    health = entry.get("health")
    canaries = health.get("canary") if isinstance(health, dict) else None
    listed = isinstance(canaries, list)
    for index, canary in enumerate(canaries if isinstance(canaries, list) else [canaries]):
        tool = canary.get("tool") if isinstance(canary, dict) else None
        if isinstance(tool, str) and tool not in probe.tools:
            at = (*entry.at("health"), "canary", *((index,) if listed else ()), "tool")
            yield _unknown_tool(at, tool, entry, probe)


@rule(
    "MCP409",
    "unknown-tool",
    severity="warning",
    scope="connect",
    bad=Example(
        '{ "command": "python", "args": ["-m", "mcpctl.demo"], "disabledTools": ["ecko"] }', host="kiro"
    ),
    good=Example(
        '{ "command": "python", "args": ["-m", "mcpctl.demo"], "disabledTools": ["echo"] }', host="kiro"
    ),
)
def unknown_tool(entry: Entry, subject: Subject, probe: Probe) -> Iterator[Finding]:
    """The file names a tool that the server does not have: allowed, denied, approved, cached or limited.

    A misspelt tool in a deny list is not denied.
    """
    del subject
    if probe.error is not None:
        return
    for at, tool in named_tools(entry):
        if tool not in probe.tools and "*" not in tool:
            yield _unknown_tool(at, tool, entry, probe)


def _unknown_tool(at: KeyPath, tool: str, entry: Entry, probe: Probe) -> Finding:
    better = nearest(tool, probe.tools)
    return Finding(
        at=at,
        message=f"`{entry.name}` has no tool `{tool}`",
        hint=f"did you mean `{better}`?"
        if better
        else f"it has {len(probe.tools)}: see `mcpctl tools {entry.name}`",
    )


def named_tools(entry: Entry) -> Iterator[tuple[KeyPath, str]]:
    """Every tool that an entry names, and where."""
    for name in ("allow_tools", "deny_tools", "auto_approve", "always_allow"):
        listed = entry.get(name)
        for index, each in enumerate(listed if isinstance(listed, list) else []):
            if isinstance(each, str):
                yield (*entry.at(name), index), each
    for name, below in (("cache", "tools"), ("rate_limit", "tools"), ("tool_truncate", "")):
        table = entry.get(name)
        inner = table.get(below) if isinstance(table, dict) and below else table
        if isinstance(inner, dict):
            for tool in inner:
                yield (*entry.at(name), *((below,) if below else ()), tool), str(tool)
