"""Why a program could not be started, in words that say what to change. Loaded when it happened."""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from pathlib import Path

from mcpctl.errors import ConnectError

_COMES_WITH = {
    "npx": "install Node.js, which brings `npx`",
    "npm": "install Node.js, which brings `npm`",
    "node": "install Node.js",
    "uvx": "install uv, which brings `uvx`",
    "uv": "install uv",
    "bunx": "install Bun, which brings `bunx`",
    "bun": "install Bun",
    "deno": "install Deno",
    "docker": "install Docker",
    "python": "write `python3`",
}
"""Commands that most servers are started with, and that a fresh machine lacks."""


def refusal(
    error: OSError | ValueError, command: str, *, env: Mapping[str, str], cwd: str | None, server: str | None
) -> ConnectError:
    if cwd is not None and not Path(cwd).is_dir():
        return ConnectError(
            f"the working folder `{cwd}` does not exist", code="connect.spawn", kind="spawn", server=server
        )
    number = error.errno if isinstance(error, OSError) else None
    if number in (errno.ENOENT, errno.ENOTDIR):
        message, hint = _missing(command, env, cwd)
    elif number == errno.EACCES:
        message, hint = _forbidden(command, env, cwd)
    elif number == errno.ENOEXEC:
        message = f"`{command}` is no program that this machine can run"
        hint = "name its interpreter as the command, or start the file with a `#!` line"
    else:
        hint = None
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        message = f"`{command}` could not be started: {why.lower()}"
    return ConnectError(message, code="connect.spawn", kind="spawn", hint=hint, server=server)


def _missing(command: str, env: Mapping[str, str], cwd: str | None) -> tuple[str, str | None]:
    if "/" in command:
        path = Path(cwd or "", command)
        if path.exists():
            return f"the interpreter that `{command}` asks for does not exist", _shebang(path)
        if command.startswith("~"):
            return f"`{command}` does not exist", "write the path in full: only a shell knows `~`"
        return f"`{command}` does not exist", None
    message = f"the command `{command}` was not found"
    if " " in command.strip():
        return message, "put the program into `command` and every argument into `args`"
    if command in _COMES_WITH:
        return message, _COMES_WITH[command]
    near = _nearest(command, env)
    return message, f"did you mean `{near}`?" if near else "install it, or give its full path"


def _forbidden(command: str, env: Mapping[str, str], cwd: str | None) -> tuple[str, str]:
    path = Path(cwd or "", command) if "/" in command else _on_path(command, env)
    if path.is_dir():
        return f"`{command}` is a folder, not a program", "name the program inside it"
    return f"`{command}` is not executable", f"run `chmod +x {path}`, or name its interpreter as the command"


def _on_path(command: str, env: Mapping[str, str]) -> Path:
    found = (Path(folder, command) for folder in os.get_exec_path(env))
    return next((path for path in found if path.exists()), Path(command))


def _shebang(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            first = file.readline(200)
    except OSError:
        return None
    if not first.startswith(b"#!"):
        return None
    return f"install `{first[2:].decode('utf-8', 'replace').strip()}`, or change the first line of the file"


def _nearest(command: str, env: Mapping[str, str]) -> str | None:
    import difflib

    names: set[str] = set()
    for folder in os.get_exec_path(env):
        try:
            names.update(path.name for path in Path(folder).iterdir())
        except OSError:
            continue
    near = difflib.get_close_matches(command, names, n=1, cutoff=0.75)
    return near[0] if near else None
