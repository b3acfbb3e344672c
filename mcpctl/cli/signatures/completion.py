"""What can be typed to teach a shell the words of mcpctl."""

from __future__ import annotations

from typing import Annotated

import typer


def completion(
    words: Annotated[list[str] | None, typer.Argument(metavar="[install] [SHELL]")] = None,
) -> None:
    """Print or install the script that completes command lines in a shell.

    SHELL is `bash`, `zsh`, `fish` or `powershell`; without it, the one that `$SHELL` names. Completed are verbs, options,
    servers, tools, their arguments and values, and files. No server is started for it.

    Examples:
      mcpctl completion bash
      mcpctl completion install
    """
