"""Why a file is left as it is."""

from __future__ import annotations

from mcpctl.errors import ConfigError


class EditError(ConfigError):
    """The change cannot be made without touching more than it should."""

    default_code = "config.edit"


def needs_rewriting(file: str, *, line: int | None = None, column: int | None = None) -> EditError:
    return EditError(
        f"`{file}` cannot be changed here without rewriting it",
        file=file,
        hint="change it by hand",
        line=line,
        column=column,
    )
