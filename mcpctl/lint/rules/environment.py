"""What this machine lacks for a server to start. Asked only with `--connect`: another machine has other things."""

from __future__ import annotations

import os
from collections.abc import Iterator

from mcpctl.config.hosts.references import references
from mcpctl.lint.entry import Entry
from mcpctl.lint.finding import Finding
from mcpctl.lint.registry import Example, rule
from mcpctl.lint.subject import Subject
from mcpctl.model.keypath import KeyPath
from mcpctl.model.world import World


@rule(
    "MCP401",
    "command-not-found",
    severity="error",
    scope="environment",
    bad=Example('{ "command": "no-such-program-anywhere" }'),
    good=Example('{ "command": "sh" }'),
)
def command_not_found(entry: Entry, subject: Subject, world: World) -> Iterator[Finding]:
    """The command does not exist on this machine.

    Looked for along `PATH` as it is here. Applications that are started from a desktop often have a shorter one.
    """
    from shutil import which

    command = entry.command
    if not command or "$" in command or "{" in command:
        return
    folder = _folder_of(entry, subject, world)
    path = os.path.join(folder, command) if "/" in command and not command.startswith("/") else command
    if which(path, path=str(entry.env.get("PATH") or world.env.get("PATH", ""))) is None:
        yield Finding(
            at=entry.command_at,
            message=f"there is no program `{command}` on this machine",
            hint="install it, or write its whole path",
        )


@rule(
    "MCP402",
    "variable-unset",
    severity="error",
    scope="environment",
    mentions=("$", "{env:"),
    bad=Example('{ "command": "true", "env": { "TOKEN": "${NOBODY_SETS_THIS}" } }'),
    good=Example('{ "command": "true", "env": { "TOKEN": "${NOBODY_SETS_THIS:-none}" } }'),
)
def variable_unset(entry: Entry, subject: Subject, world: World) -> Iterator[Finding]:
    """A variable has no value on this machine, and no default.

    Claude Code and Gemini CLI then pass on the text itself, such as `${TOKEN}`; others pass on nothing.
    """
    told: set[str] = set()
    for at, text in entry.expandable():
        for reference in references(text):
            if (
                not reference.is_environment
                or reference.form not in subject.host.variables
                or entry.runs_shell
            ):
                continue
            if (
                reference.default is None
                and reference.variable not in world.env
                and reference.variable not in told
            ):
                told.add(reference.variable)
                yield Finding(
                    at=at,
                    within=reference.text,
                    message=f"`{reference.variable}` is not set here, and `{entry.name}` needs it",
                    hint=f"set it, or give a default: `${{{reference.variable}:-…}}`"
                    if "braces-default" in subject.host.variables
                    else "set it",
                )
    for name in _named_variables(entry):
        if name not in world.env and name not in told:
            told.add(name)
            yield Finding(
                at=_at_of(entry, name),
                message=f"`{name}` is not set here, and `{entry.name}` needs it",
                hint="set it",
            )


@rule(
    "MCP403",
    "folder-missing",
    severity="error",
    scope="environment",
    mentions=("cwd",),
    bad=Example('{ "type": "stdio", "command": "sh", "cwd": "/no/such/folder" }', host="vscode"),
    good=Example('{ "type": "stdio", "command": "sh", "cwd": "/" }', host="vscode"),
)
def folder_missing(entry: Entry, subject: Subject, world: World) -> Iterator[Finding]:
    """The folder that a server should start in does not exist.

    Hosts report that as if the program were missing.
    """
    cwd = entry.get("cwd")
    if not isinstance(cwd, str) or "$" in cwd or "{" in cwd:
        return
    if not os.path.isdir(_folder_of(entry, subject, world)):
        yield Finding(
            at=entry.at("cwd"),
            message=f"the folder `{cwd}` does not exist",
            hint="create it, or correct the path",
        )


@rule(
    "MCP404",
    "env-file-missing",
    severity="error",
    scope="environment",
    mentions=("envfile", "env_file"),
    bad=Example('{ "type": "stdio", "command": "sh", "envFile": "/no/such/.env" }', host="vscode"),
    good=Example('{ "type": "stdio", "command": "sh" }', host="vscode"),
)
def env_file_missing(entry: Entry, subject: Subject, world: World) -> Iterator[Finding]:
    """The file of variables that an entry names does not exist.

    The server starts without them, or not at all.
    """
    name = entry.get("env_file")
    if not isinstance(name, str) or "$" in name or "{" in name:
        return
    base = os.path.dirname(subject.real) if subject.real else world.folder
    path = os.path.join(base, os.path.expanduser(name))
    if not os.path.isfile(path):
        yield Finding(
            at=entry.at("env_file"), message=f"there is no file `{name}`", hint="create it, or remove the key"
        )


def _folder_of(entry: Entry, subject: Subject, world: World) -> str:
    base = os.path.dirname(subject.real) if subject.real else world.folder
    cwd = entry.get("cwd")
    return os.path.join(base, os.path.expanduser(cwd)) if isinstance(cwd, str) else base


def _named_variables(entry: Entry) -> Iterator[str]:
    """Variables that a field names without a notation, as Codex does."""
    bearer = entry.get("bearer_env")
    if isinstance(bearer, str):
        yield bearer
    for field in ("env_from", "required_env"):
        listed = entry.get(field)
        for each in listed if isinstance(listed, list) else []:
            if isinstance(each, str):
                yield each
    named = entry.get("header_env")
    if isinstance(named, dict):
        yield from (each for each in named.values() if isinstance(each, str))


def _at_of(entry: Entry, name: str) -> KeyPath:
    if entry.get("bearer_env") == name:
        return entry.at("bearer_env")
    for field in ("env_from", "required_env"):
        listed = entry.get(field)
        if isinstance(listed, list) and name in listed:
            return (*entry.at(field), listed.index(name))
    named = entry.get("header_env")
    key = (
        next((key for key, value in named.items() if value == name), None)
        if isinstance(named, dict)
        else None
    )
    return (*entry.at("header_env"), key) if key is not None else entry.path
