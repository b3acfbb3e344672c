"""`mcpctl config init`: a first configuration, with comments that say what to change. Overwrites nothing."""

from __future__ import annotations

from mcpctl.commands.config_file import NEW
from mcpctl.commands.context import Context
from mcpctl.errors import UsageError
from mcpctl.model.events import Noticed
from mcpctl.model.initial import InitOptions, InitReport

STARTER = """\
# Servers that mcpctl knows by name: `mcpctl ls` lists them, `mcpctl health` checks them.
# `mcpctl help configuration` explains this file, `mcpctl config schema` prints its JSON Schema.

# The server that is built into mcpctl, to try things out: `mcpctl call first echo text=hello`
[servers.first]
command = "mcpctl"
args = ["demo"]

# A server that is started here, and gets a secret from your environment.
# [servers.files]
# command = "npx"
# args = ["-y", "@modelcontextprotocol/server-filesystem@2026.7.10", "."]
# env = { API_KEY = "${API_KEY}" }

# A server elsewhere.
# [servers.docs]
# url = "https://example.com/mcp"
# bearer_env = "DOCS_TOKEN"
"""


def init(options: InitOptions, ctx: Context) -> InitReport:
    name = options.path or (ctx.options.config[-1] if ctx.options.config else NEW)
    path = ctx.world.cwd / name
    if path.suffix != ".toml":
        raise UsageError(
            f"`{name}` is not a TOML file", code="usage.invalid_value", hint="name it `mcpctl.toml`"
        )
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(STARTER)
    except FileExistsError as error:
        raise UsageError(
            f"`{name}` exists already",
            code="usage.exists",
            hint="add to it with `mcpctl config add NAME -- COMMAND`",
        ) from error
    except OSError as error:
        raise UsageError(
            f"cannot write `{name}`: {(error.strerror or str(error)).lower()}",
            code="usage.file",
            hint="choose a folder that can be written",
        ) from error
    _tell_whether_it_is_found(ctx)
    return InitReport(path=str(path))


def _tell_whether_it_is_found(ctx: Context) -> None:
    """Who typed the whole path of mcpctl got this far without it, and `first` would not."""
    import shutil

    if shutil.which("mcpctl", path=ctx.world.env.get("PATH")) is None:
        ctx.emit(
            Noticed(
                message="`mcpctl` is not on the PATH, where `first` looks for it",
                hint="activate the environment that it is installed in, or link it into a folder of the PATH",
            )
        )
