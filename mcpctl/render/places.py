"""A place in a file, as short as it can be said to somebody in a folder."""

from __future__ import annotations

import os

from mcpctl.model.settings import Origin


def place(origin: Origin | None, *, folder: str | None, column: bool = False, nowhere: str = "-") -> str:
    if origin is None:
        return nowhere
    file = origin.file
    if folder is not None and file.startswith(folder.rstrip(os.sep) + os.sep):
        file = os.path.relpath(file, folder)
    numbers = (origin.line, origin.column if column else None)
    return ":".join([file, *(str(number) for number in numbers if number is not None)])
