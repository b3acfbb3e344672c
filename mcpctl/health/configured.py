"""What can be known of a server without starting anything: its command, folder, variables and address."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from mcpctl.config.variables import Resolved
from mcpctl.errors import ConfigError, McpctlError
from mcpctl.health.findings import found
from mcpctl.model.health import Check
from mcpctl.model.server import ServerSpec

STEP = "config"

_UNSET = frozenset({"config.unset_variable", "config.missing_input"})
"""Codes with which a value that nobody gave is told."""


def look(spec: ServerSpec, resolve: Callable[[ServerSpec], Resolved], folder: Path) -> list[Check]:
    """What is wrong with the entry; nothing where it could work. `folder` is what relative paths mean."""
    try:
        resolved = resolve(spec)
    except ConfigError as error:
        return [_refused(each) for each in (error, *error.related)]
    if spec.transport == "stdio":
        return list(_program(resolved, folder))
    return list(_address(resolved.spec))


def _refused(error: McpctlError) -> Check:
    code = "H102" if error.code in _UNSET else "H106"
    return found(code, STEP, error.message, hint=error.hint)


def _program(resolved: Resolved, folder: Path) -> Iterator[Check]:
    spec = resolved.spec
    if spec.cwd is not None:
        folder = folder / spec.cwd
        if not folder.is_dir():
            yield found("H103", STEP, f"the working folder `{spec.cwd}` does not exist")
            return
    if not spec.command:
        yield found("H106", STEP, "the entry names no command to run", hint="write a `command`, or a `url`")
    elif "/" in spec.command:
        path = folder / spec.command
        if not path.is_file():
            yield found("H101", STEP, f"`{spec.command}` does not exist")
        elif not os.access(path, os.X_OK):
            hint = f"make it so: `chmod +x {spec.command}`"
            yield found("H101", STEP, f"`{spec.command}` may not be executed", hint=hint)
    elif shutil.which(spec.command, path=resolved.env.get("PATH")) is None:
        hint = "install it, or write its whole path into `command`"
        yield found("H101", STEP, f"the command `{spec.command}` was not found on `PATH`", hint=hint)


def _address(spec: ServerSpec) -> Iterator[Check]:
    from mcpctl.wire.address import parse_address

    if spec.url is None:
        yield found("H104", STEP, "the entry has no address", hint="write a `url`, or a `command`")
        return
    try:
        parse_address(spec.url)
    except McpctlError as error:
        yield found("H104", STEP, error.message, hint=error.hint)
