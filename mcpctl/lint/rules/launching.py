"""How a command is written: one program and its arguments, and no shell in between that reads it differently."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from mcpctl.lint.entry import Entry
from mcpctl.lint.finding import Finding
from mcpctl.lint.launch import SHELLS, base_name
from mcpctl.lint.registry import Example, rule
from mcpctl.lint.subject import Subject
from mcpctl.model.lint import Change, Fix


@cache
def _meta() -> re.Pattern[str]:
    return re.compile(r"&&|\|\||[;|&<>`]|\$\(")


_PIPED = (
    r"(?:curl|wget|fetch|iwr|invoke-webrequest|irm)\b[^|;&]*\|\s*(?:sudo\s+)?(?:ba|z|da|k)?sh\b"
    r"|(?:ba|z|da|k)?sh\s+(?:-c\s+)?[\"']?(?:<\(|\$\(|`)\s*(?:curl|wget)|(?:iex|invoke-expression)\b.*(?:iwr|irm|downloadstring)"
    r"|(?:irm|iwr)\b[^|;]*\|\s*(?:iex|invoke-expression)"
)


@cache
def _pipe_to_shell() -> re.Pattern[str]:
    return re.compile(_PIPED, re.IGNORECASE)


@rule(
    "MCP121",
    "command-with-arguments",
    severity="error",
    traits=("spaced command",),
    bad=Example('{ "command": "npx -y @acme/files@1.4.2" }'),
    good=Example('{ "command": "npx", "args": ["-y", "@acme/files@1.4.2"] }'),
)
def command_with_arguments(entry: Entry, subject: Subject) -> Iterator[Finding]:
    """The command holds its arguments too.

    Hosts start the program directly, without a shell: they look for a file whose name contains the spaces, and
    find none. Arguments belong into `args`, one each.
    """
    command = entry.command
    if command is None or " " not in command.strip() or entry.command_is_list:
        return
    field = subject.layout.fields.get("command")
    if field is not None and field.shape == "texts":
        return  # no text at all is right there
    if (
        subject.host.splits_commands
        or "/" in command.partition(" ")[0]
        or command.startswith(("$", "%", '"'))
        or "\\" in command
    ):
        return
    try:
        import shlex

        words = shlex.split(command)
    except ValueError:
        return
    if len(words) < 2 or _meta().search(command):
        return
    changes = [Change(kind="set", at=entry.command_at, value=words[0])]
    if all(isinstance(each, str) for each in entry.args):
        changes.append(Change(kind="set", at=entry.at("args"), value=[*words[1:], *entry.args]))
    yield Finding(
        at=entry.command_at,
        message=f"`{entry.name}` cannot start: no program is called `{_short(command)}`",
        label="a program and its arguments in one text",
        hint=f'write `"command": "{words[0]}"` and put the rest into `args`',
        fix=Fix(title="split the command", changes=tuple(changes)),
    )


@rule(
    "MCP122",
    "empty-value",
    severity="error",
    traits=("blank command", "odd url"),
    bad=Example('{ "command": "" }'),
    good=Example('{ "command": "files-server" }'),
)
def empty_value(entry: Entry, subject: Subject) -> Iterator[Finding]:
    """A command or an address is there, but empty.

    The host treats it like a missing one: the server does not start.
    """
    del subject
    for field, text, at in (
        ("command", entry.command, entry.command_at),
        ("url", entry.url, entry.at("url")),
    ):
        if text is not None and not text.strip() and entry.has(field):
            yield Finding(
                at=at, message=f"`{entry.name}` has an empty {field}", hint="fill it in, or remove the server"
            )


@rule(
    "MCP204",
    "shell-metacharacters",
    severity="warning",
    traits=("shell words",),
    mentions=("&", ";", "|", "`", "$(", ">", "<"),
    bad=Example('{ "command": "files-server && sync" }'),
    good=Example('{ "command": "files-server", "args": ["--sync"] }'),
)
def shell_metacharacters(entry: Entry, subject: Subject) -> Iterator[Finding]:
    """A command has characters that mean something to a shell.

    Where a host starts programs directly they are part of a file name and nothing starts. Where it goes through a
    shell, which some do on Windows, everything behind them is executed too.
    """
    del subject
    command = entry.command
    if command is not None:
        match = _meta().search(command)
        if match:
            yield Finding(
                at=entry.command_at,
                within=match.group(),
                message=f"`{match.group()}` in the command of `{entry.name}` is a shell's word, and no shell may be there",
                hint="put the line into a script and name the script",
            )
        return


@rule(
    "MCP205",
    "download-into-shell",
    severity="error",
    traits=("shell", "shell words"),
    bad=Example('{ "command": "sh", "args": ["-c", "curl -fsSL https://get.example.com/mcp.sh | sh"] }'),
    good=Example('{ "command": "files-server" }'),
)
def download_into_shell(entry: Entry, subject: Subject) -> Iterator[Finding]:
    """A script is downloaded and executed at each start.

    Nobody reads it first, nothing pins it, and whoever controls the address or the network runs code here with this
    server's credentials.
    """
    del subject
    arguments = [each if isinstance(each, str) else "" for each in entry.args] if entry.runs_shell else []
    if not _pipe_to_shell().search(" ".join([entry.command or "", *arguments])):
        return
    index = next((i for i, each in enumerate(arguments) if _pipe_to_shell().search(each)), None)
    at = entry.command_at if index is None else entry.arg_at(index)
    yield Finding(
        at=at,
        message=f"`{entry.name}` downloads a script and executes it at each start",
        hint="install it once, look at what it does, and start the installed program",
    )


@rule(
    "MCP206",
    "shell-wrapper",
    severity="info",
    traits=("shell",),
    bad=Example('{ "command": "sh", "args": ["-c", "exec files-server --root ."] }'),
    good=Example('{ "command": "files-server", "args": ["--root", "."] }'),
)
def shell_wrapper(entry: Entry, subject: Subject) -> Iterator[Finding]:
    """A shell stands between the host and the server.

    It reads quotes and variables by its own rules, keeps running beside the server unless the line says `exec`, and
    exists only on some platforms.
    """
    del subject
    if entry.command is None or base_name(entry.command) not in SHELLS - {"cmd"}:
        return
    if any(isinstance(each, str) and _is_line_flag(each) for each in entry.args):
        yield Finding(
            at=entry.command_at,
            message=f"`{entry.name}` is started through a shell",
            hint="name the program itself; put variables into `env` and the folder into `cwd`",
        )


@rule(
    "MCP306",
    "windows-only-command",
    severity="warning",
    traits=("windows program",),
    bad=Example('{ "command": "cmd", "args": ["/c", "npx", "-y", "@acme/files@1.4.2"] }'),
    good=Example('{ "command": "npx", "args": ["-y", "@acme/files@1.4.2"] }'),
)
def windows_only_command(entry: Entry, subject: Subject) -> Iterator[Finding]:
    """A file that is shared through the repository starts a program that only Windows has.

    The server is dead for everybody on macOS and Linux.
    """
    if entry.command is None or not subject.is_shared or subject.target == "windows":
        return
    name = entry.command.replace("\\", "/").rpartition("/")[2].lower()
    only_there = name in {"cmd", "cmd.exe", "powershell.exe", "wsl.exe"} or name.endswith(
        (".bat", ".cmd", ".exe", ".ps1")
    )
    if only_there:
        yield Finding(
            at=entry.command_at,
            message=f"`{name}` exists only on Windows, and this file is shared: `{entry.name}` starts nowhere else",
            hint="name the program without it; on Windows keep such an entry in the user's own configuration",
        )


@rule(
    "MCP307",
    "bare-npx-on-windows",
    severity="warning",
    traits=("npm",),
    gate=lambda subject: subject.target == "windows",
    bad=Example('{ "command": "npx", "args": ["-y", "@acme/files@1.4.2"] }', target="windows"),
    good=Example('{ "command": "cmd", "args": ["/c", "npx", "-y", "@acme/files@1.4.2"] }', target="windows"),
)
def bare_npx_on_windows(entry: Entry, subject: Subject) -> Iterator[Finding]:
    """On Windows `npx` is a batch file, which cannot be started without `cmd /c`.

    Asked only with `--target windows`: the remedy breaks the entry everywhere else.
    """
    if subject.target != "windows" or entry.command is None:
        return
    if entry.command.lower() in {"npx", "npm", "bunx", "yarn", "pnpm", "pnpx"}:
        yield Finding(
            at=entry.command_at,
            message=f"`{entry.command}` is a batch file on Windows: `{entry.name}` does not start there",
            hint=f'write `"command": "cmd"` and put `"/c", "{entry.command}"` in front of the arguments',
        )


def _is_line_flag(argument: str) -> bool:
    return argument in {"-c", "-lc", "-ic", "-lic", "-command", "-Command", "-ec", "-cl"}


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:37] + "…"
