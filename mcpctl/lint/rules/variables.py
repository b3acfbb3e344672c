"""Variables: every host has its own notation, and passes on literally what it does not know."""

from __future__ import annotations

from collections.abc import Iterator

from mcpctl.config.hosts.references import Reference, references, write
from mcpctl.lint.entry import Entry
from mcpctl.lint.finding import Finding
from mcpctl.lint.placeholders import MENTIONS as PLACEHOLDERS
from mcpctl.lint.placeholders import placeholder_in
from mcpctl.lint.registry import Example, rule
from mcpctl.lint.subject import Subject
from mcpctl.model.keypath import KeyPath
from mcpctl.model.lint import Change, Fix


def has_foreign_notation(subject: Subject) -> bool:
    """Whether anything in the text is a variable that this host does not expand."""
    text, known = subject.text, subject.host.variables
    if "%" in text or (("{env:" in text or "{file:" in text) and "opencode-env" not in known):
        return True
    return not subject.forms <= known


_SURE = frozenset(
    {"env-colon", "opencode-env", "opencode-file", "continue", "command", "input", "braces-default", "folder"}
)
"""Notations that nobody writes by accident; a bare `$X` or `%X%` may be meant for the program itself."""


@rule(
    "MCP303",
    "variable-not-expanded",
    severity="error",
    mentions=("$", "{env:", "{file:", "%"),
    gate=has_foreign_notation,
    bad=Example('{ "command": "files-server", "env": { "TOKEN": "${env:FILES_TOKEN}" } }'),
    good=Example('{ "command": "files-server", "env": { "TOKEN": "${FILES_TOKEN}" } }'),
)
def variable_not_expanded(entry: Entry, subject: Subject) -> Iterator[Finding]:
    """A variable is written in a notation that this host does not expand.

    The server gets the text itself, such as `${env:TOKEN}`, and fails later with a message about a bad token. The
    notations: `${X}` and `${X:-default}` in Claude Code, `${env:X}` in VS Code, Cursor and Windsurf, `{env:X}` in
    OpenCode, `${{ secrets.X }}` in Continue; none at all in Claude Desktop, Codex, Goose and Zed.
    """
    known = subject.host.variables
    for at, text in entry.expandable():
        for reference in references(text):
            if reference.form in known or (reference.text == "${HOME}" and "bundle" in known):
                continue
            if _belongs_to_program(reference, entry, text, subject):
                continue
            replacement = (
                write(reference.variable, reference.default, known) if reference.is_environment else None
            )
            yield Finding(
                at=at,
                within=reference.text,
                severity=None if reference.form in _SURE or reference.form == "braces" else "warning",
                message=f"{subject.host.title} does not expand `{reference.text}`: `{entry.name}` gets it as it stands",
                hint=_remedy(reference, replacement, subject),
                fix=_rewrite(at, text, reference, replacement),
            )


def _belongs_to_program(reference: Reference, entry: Entry, text: str, subject: Subject) -> bool:
    """A shell reads its own variables; a template of the server's own looks like one."""
    if entry.runs_shell and reference.form in {"bare", "braces", "braces-default", "percent"}:
        return True
    if reference.form in {"bare", "percent"}:
        return (
            not (reference.text == text and reference.name.upper() == reference.name)
            or not subject.host.confident
        )
    return not subject.host.confident and reference.form == "braces"


def _remedy(reference: Reference, replacement: str | None, subject: Subject) -> str:
    if replacement:
        return f"write `{replacement}`"
    if reference.form == "input":
        return "only VS Code asks for inputs: name an environment variable instead"
    if not subject.host.variables:
        return subject.host.instead_of_variables
    return "write the value, or let the server read it from its own environment"


def _rewrite(
    at: tuple[str | int, ...], text: str, reference: Reference, replacement: str | None
) -> Fix | None:
    if replacement is None or (reference.default is not None and reference.default not in replacement):
        return None
    changed = text[: reference.start] + replacement + text[reference.end :]
    return Fix(
        title=f"write `{replacement}`", changes=(Change(kind="set", at=at, value=changed),), safe=False
    )


@rule(
    "MCP304",
    "tilde-not-expanded",
    severity="warning",
    mentions=("~",),
    bad=Example('{ "command": "files-server", "args": ["--root", "~/notes"] }'),
    good=Example('{ "command": "files-server", "args": ["--root", "${HOME}/notes"] }'),
)
def tilde_not_expanded(entry: Entry, subject: Subject) -> Iterator[Finding]:
    """`~` is expanded by shells, and hosts start servers without one.

    Most programs then look for a folder that is really called `~`, below whatever the working folder is.
    """
    if entry.runs_shell or subject.host.expands_tilde:
        return
    home = write("HOME", None, subject.host.variables)
    for at, text in entry.expandable():
        value = text.rpartition("=")[2]
        if value == "~" or value.startswith(("~/", "~\\")):
            yield Finding(
                at=at,
                within=value,
                severity="error" if at == entry.command_at else None,
                message=f"nothing expands `~` here: `{entry.name}` gets a path that does not exist",
                hint=f"write `{home}{value[1:]}`" if home else "write the whole path",
            )


@rule(
    "MCP309",
    "placeholder-left",
    severity="warning",
    mentions=PLACEHOLDERS,
    bad=Example('{ "command": "files-server", "env": { "FILES_TOKEN": "YOUR_TOKEN_HERE" } }'),
    good=Example('{ "command": "files-server", "env": { "FILES_TOKEN": "${FILES_TOKEN}" } }'),
)
def placeholder_left(entry: Entry, subject: Subject) -> Iterator[Finding]:
    """A value was copied from a README and never filled in.

    The server starts with it and fails later, at its first request, with a message about a wrong key.
    """
    del subject
    for at, text in entry.texts():
        found = placeholder_in(text)
        if found is not None:
            yield Finding(
                at=at,
                message=f"{_what(at, entry)} still has a placeholder",
                hint="put in the real value, best as a variable",
            )


def _what(at: KeyPath, entry: Entry) -> str:
    """What a value is called in a message: the server alone where it has no name of its own."""
    last = at[-1]
    return f"`{entry.name}`" if isinstance(last, int) else f"`{last}` of `{entry.name}`"


@rule(
    "MCP125",
    "undefined-input",
    severity="error",
    about=lambda host: host.asks_inputs,
    mentions=("${input:",),
    bad=Example(
        '{ "inputs": [], "servers": { "files": { "command": "files-server", "env": { "TOKEN": "${input:token}" } } } }',
        host="vscode",
        whole=True,
    ),
    good=Example(
        '{ "inputs": [{ "type": "promptString", "id": "token", "description": "Token", "password": true }],\n'
        '  "servers": { "files": { "command": "files-server", "env": { "TOKEN": "${input:token}" } } } }',
        host="vscode",
        whole=True,
    ),
)
def undefined_input(entry: Entry, subject: Subject) -> Iterator[Finding]:
    """`${input:id}` names an input that the file does not define.

    The host cannot ask for it, and the server does not start.
    """
    known = subject.input_ids()
    for at, text in entry.texts():
        for reference in references(text):
            if reference.form == "input" and reference.name not in known:
                yield Finding(
                    at=at,
                    within=reference.text,
                    message=f"no input is called `{reference.name}`: {subject.host.title} cannot ask for it",
                    hint=f'add {{"type": "promptString", "id": "{reference.name}", "description": "…"}} to `inputs`',
                )


@rule(
    "MCP126",
    "unused-input",
    severity="info",
    scope="file",
    about=lambda host: host.asks_inputs,
    mentions=("inputs",),
    bad=Example(
        '{ "inputs": [{ "type": "promptString", "id": "token", "description": "Token" }],\n'
        '  "servers": { "files": { "command": "files-server" } } }',
        host="vscode",
        whole=True,
    ),
    good=Example(
        '{ "inputs": [{ "type": "promptString", "id": "token", "description": "Token", "password": true }],\n'
        '  "servers": { "files": { "command": "files-server", "env": { "TOKEN": "${input:token}" } } } }',
        host="vscode",
        whole=True,
    ),
)
def unused_input(subject: Subject) -> Iterator[Finding]:
    """An input is defined that no server uses.

    Harmless, but often the other half of a misspelt `${input:id}`.
    """
    for identifier, at in subject.inputs():
        if f"${{input:{identifier}}}" not in subject.text:
            yield Finding(
                at=at,
                message=f"no server uses the input `{identifier}`",
                hint="remove it, or check the spelling",
            )
