"""Where the socket of a configuration is: found by walking up, without reading what is in the files.

Used by the client before anything is imported, and by the supervisor, so that both always agree. What is hashed is
which files decide, never what they say.
"""

import os

TYPE_CHECKING = False  # `typing` and `__future__` would be files to load
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NAMES = (
    "mcpctl.toml",
    "mcpctl.json",
    "pyproject.toml",
    ".mcp.json",
    "mcp.json",
    ".vscode/mcp.json",
    ".cursor/mcp.json",
    "children_config.toml",
    "children_config.json",
)
"""As `config.discovery` looks for them; a test compares the two."""

LONGEST = 103
"""Bytes of a socket's path that every system takes."""

OWN = len("/0123456789abcdef.sock")


def folder(env: "Mapping[str, str]") -> str:
    """The folder of sockets and run files; whoever creates it checks that it is closed to others."""
    named = env.get("XDG_RUNTIME_DIR", "")
    path = named + "/mcpctl"
    if named.startswith("/") and len(path) + OWN <= LONGEST:
        return path
    return "/tmp/mcpctl-%d" % os.getuid()  # noqa: S108, UP031 - a short path; its owner and mode are checked


def name(
    cwd: str, env: "Mapping[str, str]", configs: "Sequence[str]" = (), profile: str | None = None
) -> str:
    """The name of the socket, without its ending, of the configuration that counts here."""
    named = configs or [each for each in [env.get("MCPCTL_CONFIG", "")] if each]
    files = [os.path.normpath(os.path.join(cwd, each)) for each in named] or [found(cwd, env)]  # noqa: PTH118 - pathlib costs too much here
    chosen = profile or env.get("MCPCTL_PROFILE") or env.get("ENVIRONMENT") or ""
    try:
        from _blake2 import blake2s
    except ImportError:
        from hashlib import blake2s
    return blake2s(os.fsencode("\0".join([*files, chosen])), digest_size=8).hexdigest()


def found(cwd: str, env: "Mapping[str, str]") -> str:
    """The file that discovery takes; nothing where there is none."""
    last = _last(cwd, env.get("HOME", ""))
    at = cwd
    while True:
        for each in NAMES:
            path = os.path.join(at, each)  # noqa: PTH118 - see above
            if os.path.isfile(path) and (each != "pyproject.toml" or _is_ours(path)):  # noqa: PTH113 - see above
                return path
        above = os.path.dirname(at)  # noqa: PTH120 - see above
        if at in (last, above):
            return ""
        at = above


def _last(cwd: str, home: str) -> str:
    """Where the way up ends: the repository's root, else home, else the root of the file system."""
    at = cwd
    while True:
        if os.path.exists(os.path.join(at, ".git")):  # noqa: PTH110, PTH118 - see above
            return at
        above = os.path.dirname(at)  # noqa: PTH120 - see above
        if above == at:
            return home
        at = above


def _is_ours(path: str) -> bool:
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - see above
            return b"[tool.mcpctl" in file.read()
    except OSError:
        return False
