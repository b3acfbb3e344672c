"""The file as a whole: who may write it, what it tells twice, how new its syntax is."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator

from mcpctl.lint.entry import Entry
from mcpctl.lint.finding import Finding
from mcpctl.lint.registry import Example, rule
from mcpctl.lint.subject import Subject


@rule(
    "MCP218",
    "world-writable-file",
    severity="error",
    traits=("writable",),
    scope="file",
    bad=Example('{ "command": "files-server" }', mode=0o666),
    good=Example('{ "command": "files-server" }', mode=0o644),
)
def world_writable_file(subject: Subject) -> Iterator[Finding]:
    """Everybody on this machine may change the file, and so say which programs its host starts.

    That is a way from any account to this one.
    """
    if subject.mode is not None and subject.mode & stat.S_IWOTH:
        yield Finding(
            message="everybody on this machine may change this file, and with it what is started",
            hint=f"run `chmod o-w {subject.file}`",
        )


@rule(
    "MCP219",
    "world-writable-command",
    severity="error",
    traits=("program by path",),
    bad=Example('{ "command": "./server.sh" }', also=(("server.sh", "w"),)),
    good=Example('{ "command": "files-server" }'),
)
def world_writable_command(entry: Entry, subject: Subject) -> Iterator[Finding]:
    """Everybody on this machine may change the program that is started.

    Asked about programs and scripts that the entry names by their path.
    """
    if subject.real is None:
        return
    command = entry.command or ""
    if not command.startswith(("/", "./")):
        return
    path = os.path.join(os.path.dirname(subject.real), command)
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError):
        return
    if mode & stat.S_IWOTH and stat.S_ISREG(mode):
        yield Finding(
            at=entry.command_at,
            message=f"everybody on this machine may change the program of `{entry.name}`",
            hint=f"run `chmod o-w {command}`",
        )


@rule(
    "MCP411",
    "same-server-twice",
    severity="info",
    traits=("several",),
    scope="file",
    bad=Example(
        '{ "mcpServers": { "a": { "command": "files-server", "args": ["x"] }, "b": { "command": "files-server", "args": ["x"] } } }',
        whole=True,
    ),
    good=Example(
        '{ "mcpServers": { "a": { "command": "files-server", "args": ["x"] }, "b": { "command": "files-server", "args": ["y"] } } }',
        whole=True,
    ),
)
def same_server_twice(subject: Subject) -> Iterator[Finding]:
    """Two entries start the same server with the same arguments and variables.

    Each of its tools is then offered to the model twice.
    """
    if subject.host.manifest:
        return
    seen: dict[object, Entry] = {}
    for entry in subject.entries:
        if entry.command is None and entry.url is None:
            continue
        what = (entry.path[:-1], entry.command, entry.url, str(entry.args))
        first = seen.setdefault(what, entry)
        if first is not entry and (first.env, first.headers) == (entry.env, entry.headers):
            yield Finding(
                at=entry.name_at,
                part="value" if entry.name_is_value else "key",
                server=entry.name,
                message=f"`{entry.name}` is the same server as `{first.name}`",
                hint="remove one of the two",
            )


def may_be_newer_toml(subject: Subject) -> bool:
    r"""Whether the text has what only TOML 1.1 allows: an inline table over several lines, `\\e`, `\\xHH`."""
    if subject.syntax != "toml":
        return False
    text = subject.text
    return "{\n" in text or "{\r" in text or ",\n}" in text or ", }" in text or "\\e" in text or "\\x" in text


@rule(
    "MCP308",
    "newer-toml",
    severity="info",
    scope="file",
    gate=may_be_newer_toml,
    bad=Example(
        '[mcp_servers.files]\ncommand = "files-server"\nenv = {\n  MODE = "fast",\n}\n',
        host="codex",
        whole=True,
    ),
    good=Example(
        '[mcp_servers.files]\ncommand = "files-server"\nenv = { MODE = "fast" }\n', host="codex", whole=True
    ),
)
def newer_toml(subject: Subject) -> Iterator[Finding]:
    """The file uses TOML 1.1: an inline table over several lines, or a comma behind its last value.

    Its host reads that. Many tools do not yet, the one of Python's standard library up to 3.14 among them.
    """
    import re
    import tomllib

    if not may_be_newer_toml(subject) or (subject.has_document and subject.document.faults):
        return
    try:
        tomllib.loads(subject.text)
    except tomllib.TOMLDecodeError as error:
        match = re.search(r"line (\d+), column (\d+)", str(error))
        line, column = (int(match.group(1)), int(match.group(2))) if match else (1, 1)
        starts = [0, *(found.end() for found in re.finditer("\n", subject.text))]
        at = min(starts[min(line, len(starts)) - 1] + column - 1, max(len(subject.text) - 1, 0))
        yield Finding(
            span=(at, at + 1),
            message="this is TOML 1.1, which not every tool reads yet",
            hint="write the table on one line, without a comma at its end",
        )
    except RecursionError:
        return
