"""Paths: whose machine they are from, and what they are relative to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from mcpctl.lint.entry import Entry
from mcpctl.lint.finding import Finding
from mcpctl.lint.registry import Example, rule
from mcpctl.lint.subject import Subject

_NOBODY = frozenset(
    {
        "you",
        "user",
        "username",
        "me",
        "yourname",
        "your-name",
        "your_name",
        "your-username",
        "your_username",
        "name",
        "<user>",
    }
    | {
        "node",
        "app",
        "vscode",
        "codespace",
        "runner",
        "shared",
        "public",
        "linuxbrew",
        "ubuntu",
        "dev",
        "coder",
        "someone",
    }
)
"""Home folders of examples, containers and CI machines, which are the same for everybody who uses them."""


@rule(
    "MCP301",
    "machine-specific-path",
    severity="warning",
    mentions=("home", "users"),
    bad=Example('{ "command": "/Users/ada/.local/bin/files-server" }'),
    good=Example('{ "command": "files-server" }'),
)
def machine_specific_path(entry: Entry, subject: Subject) -> Iterator[Finding]:
    """A file that is shared through the repository names a folder of one person's machine.

    The server starts for nobody else. Asked only about files of a project: in your own configuration such paths are
    right.
    """
    if not subject.is_shared:
        return
    folder = _folder_variable(subject)
    for at, text in entry.texts():
        owner = home_owner(text)
        if owner is None or owner.lower() in _NOBODY:
            continue
        yield Finding(
            at=at,
            message=f"`{entry.name}` needs a folder that exists only on the machine of `{owner}`",
            hint="name the program alone, so that each machine finds its own"
            if at == entry.command_at
            else f"write it relative to `{folder}`"
            if folder
            else "use a relative path",
        )


def home_owner(text: str) -> str | None:
    """Whose home folder a text points into."""
    match = _home().search(text)
    return match.group(1) if match else None


@cache
def _home() -> re.Pattern[str]:
    """The beginning of a path, or one behind `=`, a quote or a separator; not the middle of an address."""
    return re.compile(
        r"(?:^|(?<=[=:,; \"']))(?:[a-z]:|/mnt/[a-z])?[\\/]+(?:home|users)[\\/]+([^\\/\s\"',:${<%]+)",
        re.IGNORECASE,
    )


def _folder_variable(subject: Subject) -> str | None:
    if "folder" in subject.host.variables:
        return "${workspaceFolder}"
    return subject.host.folder_variable or None


@rule(
    "MCP302",
    "relative-path",
    severity="warning",
    traits=("command",),
    gate=lambda subject: not subject.host.project_folder,
    bad=Example('{ "command": "./bin/files-server" }', host="claude-desktop"),
    good=Example('{ "command": "/opt/files/bin/files-server" }', host="claude-desktop"),
)
def relative_path(entry: Entry, subject: Subject) -> Iterator[Finding]:
    """A path is relative, and the host starts servers in a folder of its own.

    Claude Desktop, Kiro and LM Studio start servers from their installation or from `/`: the path points nowhere.
    """
    if subject.host.project_folder or entry.has("cwd") or entry.runs_shell:
        return
    command = entry.command or ""
    if command.startswith(("./", "../", ".\\", "..\\")):
        yield _relative(entry.command_at, command, entry, subject)
    for index, argument in enumerate(entry.args):
        if isinstance(argument, str) and _is_relative(argument):
            yield _relative(entry.arg_at(index), argument, entry, subject)


def _is_relative(argument: str) -> bool:
    if argument.startswith(("./", "../", ".\\", "..\\")):
        return True
    script = (
        argument.endswith((".js", ".py", ".ts", ".mjs")) and "://" not in argument and "=" not in argument
    )
    return (
        script and not argument.startswith(("/", "-", "~", "$", "%", "{", "<", "@")) and argument[1:2] != ":"
    )


def _relative(at: tuple[str | int, ...], path: str, entry: Entry, subject: Subject) -> Finding:
    return Finding(
        at=at,
        within=path,
        message=f"{subject.host.title} does not start `{entry.name}` in this folder: `{path}` points elsewhere",
        hint="write the whole path",
    )
