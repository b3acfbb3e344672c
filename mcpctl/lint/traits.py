"""What can be told of a server or a file at a glance: rules name the traits without which they have nothing to say.

A trait may be there for nothing; it must never be missing where a rule that names it would find something.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from mcpctl.config.hosts.facts import HostFacts
from mcpctl.lint.launch import RUNNERS, SHELLS, base_name
from mcpctl.lint.secrets import is_secret_key
from mcpctl.lint.vocabulary import ALIASES, METADATA

Traits = frozenset[str]

NONE: Traits = frozenset()

TYPICAL_TOOL = 24
"""Characters of an ordinary tool name: the median of public servers is 17, nine in ten stay under this."""

FILE_PROGRAMS = (
    "filesystem",
    "file-system",
    "file_system",
    "files",
    "-fs",
    "desktop-commander",
    "fileserver",
)
"""What servers call themselves that read and write whatever folder they are given."""

INJECTING = frozenset({"LD_PRELOAD", "LD_AUDIT", "DYLD_INSERT_LIBRARIES", "DYLD_FRAMEWORK_PATH"})
"""Make the loader run somebody's code inside every program that the server starts."""

STEERING = frozenset(
    {
        "PATH",
        "LD_LIBRARY_PATH",
        "DYLD_LIBRARY_PATH",
        "DYLD_FALLBACK_LIBRARY_PATH",
        "NODE_OPTIONS",
        "NODE_PATH",
    }
    | {"PYTHONPATH", "PYTHONSTARTUP", "PYTHONHOME", "RUBYOPT", "RUBYLIB", "PERL5OPT", "PERL5LIB"}
    | {"JAVA_TOOL_OPTIONS", "BASH_ENV", "ENV", "GIT_SSH_COMMAND", "NODE_EXTRA_CA_CERTS"}
)
"""Change where a program looks for code, often for a good reason."""

LOADER_VARIABLES = INJECTING | STEERING

UNCHECKED_VARIABLES = {
    "NODE_TLS_REJECT_UNAUTHORIZED": ("0", "false"),
    "PYTHONHTTPSVERIFY": ("0", "false"),
    "GIT_SSL_NO_VERIFY": ("1", "true"),
    "SSL_VERIFY": ("0", "false"),
    "VERIFY_SSL": ("0", "false"),
}
"""Switch the check of certificates off, with the values that do."""

_WINDOWS = frozenset({"cmd", "cmd.exe", "powershell.exe", "wsl.exe"})

_SHELL_WORDS = frozenset(";|&<>`$")


@lru_cache(maxsize=1024)
def of_command(command: str) -> Traits:
    """The kind of program, and what is odd about how it is written."""
    found: set[str] = set()
    program = base_name(command)
    if program in RUNNERS:
        found.add(RUNNERS[program])
    if program in SHELLS:
        found.add("shell")
    if program in {"cmd", "env"}:
        found.update(("npm", "pypi", "docker", "shell"))
    name = command.replace("\\", "/").rpartition("/")[2].lower()
    if name in _WINDOWS or name.endswith((".bat", ".cmd", ".exe", ".ps1")):
        found.add("windows program")
    if " " in command:
        found.add("spaced command")
    if not command.strip():
        found.add("blank command")
    if not _SHELL_WORDS.isdisjoint(command):
        found.add("shell words")
    if command.startswith(("/", "./")):
        found.add("program by path")
    if any(word in program for word in FILE_PROGRAMS):
        found.add("file program")
    return frozenset(found)


@lru_cache(maxsize=1024)
def of_env(names: tuple[str, ...]) -> Traits:
    """Whether variables have names that mean something to loaders and to TLS libraries."""
    found = set()
    upper = {name.upper() for name in names}
    if not upper.isdisjoint(LOADER_VARIABLES):
        found.add("loader variable")
    if not upper.isdisjoint(UNCHECKED_VARIABLES):
        found.add("unchecked variable")
    if any(is_secret_key(name) for name in names):
        found.add("secret variable")
    return frozenset(found)


@lru_cache(maxsize=1024)
def of_name(name: str, host: HostFacts) -> Traits:
    """Whether a server's name suits its host: its characters, and the room that it leaves for tools."""
    short = len(name) <= room_for_names(host)
    if not short or not _compiled(host.name_pattern).fullmatch(name) or name in host.reserved_names:
        return frozenset({"odd name"})
    return NONE


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def room_for_names(host: HostFacts) -> int:
    """How long a server's name may be without getting in the way of its tools."""
    return host.tool_name_limit - host.tool_name_overhead - TYPICAL_TOOL


def of_keys(keys: tuple[str, ...], names: set[str], host: HostFacts) -> set[str]:
    """What follows from the keys of an entry alone, values unseen; `names` are what mcpctl calls the known ones."""
    found: set[str] = set()
    local, remote = "command" in names, "url" in names
    if not local and not remote:
        found.add("unreachable")
    if local and remote:
        found.add("both")
    if remote and "type" not in names:
        found.add("untyped")
    known = {field.path[0] for field in host.fields}
    if any(key not in known or key in ALIASES or key in METADATA for key in keys):
        found.add("stray key")
    if any(key in keys for key, _ in host.ignored):
        found.add("ignored key")
    kind = "stdio" if local else "remote"
    if any(field.on not in {"any", kind} and field.path[0] in keys for field in host.fields):
        found.add("misplaced key")
    return found
