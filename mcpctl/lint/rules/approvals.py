"""What a host may do without asking, and how far a server may reach."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from mcpctl.lint.entry import Entry
from mcpctl.lint.finding import Finding
from mcpctl.lint.registry import Example, rule
from mcpctl.lint.subject import Subject
from mcpctl.lint.traits import FILE_PROGRAMS, is_whole


@rule(
    "MCP216",
    "whole-filesystem",
    severity="error",
    traits=("docker", "npm", "pypi", "file program"),
    also=("whole path",),
    bad=Example(
        '{ "command": "npx", "args": ["-y", "@modelcontextprotocol/server-filesystem@2025.8.21", "/"] }'
    ),
    good=Example(
        '{ "command": "npx", "args": ["-y", "@modelcontextprotocol/server-filesystem@2025.8.21", "./notes"] }'
    ),
)
def whole_filesystem(entry: Entry, subject: Subject) -> Iterator[Finding]:
    """A server that reads and writes files is given the whole disk or the whole home folder.

    Among it are SSH keys, browser profiles, other tools' tokens, and this very file: a tool that a language model
    drives could change which servers run.
    """
    del subject
    launch = entry.launch
    if launch is None:
        return
    if launch.runner == "docker":
        yield from _mounted(entry)
        return
    name = f"{launch.package or ''} {launch.program}".lower()
    if not _file_program().search(name):
        return
    start = (launch.package_index + 1) if launch.package_index is not None else 0
    for index, word in enumerate(launch.args[start:], start):
        value = word.rpartition("=")[2] if word.startswith("-") else word
        if is_whole(value):
            yield Finding(
                at=entry.arg_at(launch.written(index)),
                within=value,
                message=f"`{entry.name}` may read and write everything below `{value}`",
                hint="name the one folder that it is for",
            )


@cache
def _file_program() -> re.Pattern[str]:
    return re.compile("|".join(FILE_PROGRAMS))


def _mounted(entry: Entry) -> Iterator[Finding]:
    launch = entry.launch
    if launch is None:
        return
    for index, word in enumerate(launch.options):
        following = launch.options[index + 1] if index + 1 < len(launch.options) else ""
        source = None
        if word in {"-v", "--volume"}:
            source = following.rpartition(":")[0].partition(":")[0] if ":" in following else None
        elif word == "--mount" or word.startswith("--mount="):
            text = following if word == "--mount" else word.partition("=")[2]
            fields = dict(part.partition("=")[::2] for part in text.split(","))
            source = fields.get("source") or fields.get("src")
        if source and is_whole(source):
            yield Finding(
                at=entry.arg_at(launch.written(index + len(launch.args) - len(launch.args[1:]))),
                message=f"the container of `{entry.name}` gets everything below `{source}`",
                hint="mount the one folder that it is for, with `:ro` where reading is enough",
            )


@rule(
    "MCP217",
    "auto-approve",
    severity="info",
    traits=("auto_approve", "trust", "always_allow"),
    bad=Example('{ "command": "files-server", "autoApprove": ["write_file"] }', host="cline"),
    good=Example('{ "command": "files-server", "autoApprove": [] }', host="cline"),
)
def auto_approve(entry: Entry, subject: Subject) -> Iterator[Finding]:
    """The host is told to run tools of this server without asking.

    Convenient for tools that only read. A tool that writes, sends or pays then does so on the word of any text that
    the model has read.
    """
    for field in ("auto_approve", "trust", "always_allow"):
        value = entry.get(field)
        if value is None or value is False or value == []:
            continue
        everything = value is True or (isinstance(value, list) and "*" in value)
        yield Finding(
            at=entry.at(field),
            part="key",
            severity="warning" if everything else None,
            message=f"{subject.host.title} runs {'every tool' if everything else 'tools'} of `{entry.name}` without asking",
            hint="name only tools that read",
        )


@rule(
    "MCP140",
    "allowed-and-denied",
    severity="warning",
    traits=("deny_tools",),
    bad=Example(
        '[servers.files]\ncommand = "files-server"\nallow_tools = ["read"]\ndeny_tools = ["read"]\n',
        host="mcpctl",
        whole=True,
    ),
    good=Example(
        '[servers.files]\ncommand = "files-server"\nallow_tools = ["read"]\n', host="mcpctl", whole=True
    ),
)
def allowed_and_denied(entry: Entry, subject: Subject) -> Iterator[Finding]:
    """A tool is both allowed and denied.

    Deny wins everywhere, but whoever wrote the file believed something else.
    """
    allowed, denied = entry.get("allow_tools"), entry.get("deny_tools")
    if not isinstance(allowed, list) or not isinstance(denied, list):
        return
    if subject.host.one_tool_list:
        one = f"one of `{entry.key('allow_tools')}` and `{entry.key('deny_tools')}`"
        yield Finding(
            at=entry.at("deny_tools"),
            part="key",
            severity="error",
            message=f"{subject.host.title} refuses `{entry.name}`: it takes {one}",
            hint="keep one of the two",
        )
        return
    for index, tool in enumerate(denied):
        if tool in allowed:
            yield Finding(
                at=(*entry.at("deny_tools"), index),
                message=f"`{tool}` of `{entry.name}` is both allowed and denied: it is denied",
                hint="take it out of one of the two lists",
            )
