"""Files that the user names on the command line, read where the user stands."""

from __future__ import annotations

import json

from mcpctl.config.bounded import read_bounded, read_stream
from mcpctl.errors import UsageError
from mcpctl.model.world import World


def read_file(world: World, name: str) -> bytes:
    """The bytes of a file, or of stdin for `-`."""
    try:
        if name == "-":
            return read_stream(world.stdin)
        return read_bounded((world.cwd / name).expanduser())
    except OSError as error:
        reason = (
            "it is a folder"
            if isinstance(error, IsADirectoryError)
            else (error.strerror or str(error)).lower()
        )
        raise UsageError(
            f"cannot read `{name}`: {reason}", code="usage.file", hint="check the path; `-` means stdin"
        ) from error
    except ValueError as error:  # a NUL byte in the name
        raise UsageError(
            f"`{name!r}` is not a file name", code="usage.file", hint="check the path"
        ) from error


def fault_of_json(error: Exception) -> str:
    """Where a text stops being JSON, to follow `is not JSON`."""
    if not isinstance(error, json.JSONDecodeError):
        return ""
    return f": {error.msg.lower()} at line {error.lineno}, column {error.colno}"
