"""What can be told of a server or a file at a glance: rules name the traits without which they have nothing to say.

A trait may be there for nothing; it must never be missing where a rule that names it would find something.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from mcpctl.config.hosts.facts import HostFacts
from mcpctl.lint.launch import RUNNERS, SHELLS, base_name
from mcpctl.lint.secrets import is_secret_key, secret_in_url, secret_under
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

_WHOLE = frozenset(
    {"/", "\\", "~", "~/", "$HOME", "${HOME}", "${env:HOME}", "${userHome}", "{env:HOME}", "%USERPROFILE%"}
)

_WINDOWS = frozenset({"cmd", "cmd.exe", "powershell.exe", "wsl.exe"})

_SHELL_WORDS = frozenset(";|&<>`$")


@lru_cache(maxsize=256)
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


@lru_cache(maxsize=256)
def of_env(variables: tuple[tuple[str, object], ...]) -> Traits:
    """Whether variables mean something to loaders and to TLS libraries, or hold a credential."""
    found = set()
    upper = {name.upper() for name, _ in variables}
    if not upper.isdisjoint(LOADER_VARIABLES):
        found.add("loader variable")
    if not upper.isdisjoint(UNCHECKED_VARIABLES):
        found.add("unchecked variable")
    if any(isinstance(value, str) and secret_under(name, value, tokens=False) for name, value in variables):
        found.add("secret value")
    return frozenset(found)


@lru_cache(maxsize=256)
def of_headers(headers: tuple[tuple[str, object], ...]) -> Traits:
    """Whether headers have names and values that HTTP allows, and whether one holds a credential."""
    found = set()
    for name, value in headers:
        plain = name.isascii() and name.replace("-", "").isalnum()
        if not plain or not isinstance(value, str) or "\n" in value or "\r" in value:
            found.add("odd header")
        if isinstance(value, str) and secret_under(name, value, tokens=False):
            found.add("secret value")
    return frozenset(found)


@lru_cache(maxsize=512)
def of_argument(argument: str) -> Traits:
    """What an argument may mean to any of the rules about command lines; most mean nothing."""
    found = set()
    name, mark, value = argument.partition("=")
    if argument[:1] == "-":
        if is_secret_key(name):
            found.add("secret argument")
        if name in {"--insecure", "--no-check-certificate"}:
            found.add("insecure argument")
        if mark and name in {"--from", "--spec", "--package"} and _is_loose(value):
            found.add("loose package")
    elif _is_loose(argument):
        found.add("loose package")
    if mark and is_secret_key(name.strip()):
        found.add("secret argument")
    if ":" in argument and (is_secret_key(argument.partition(":")[0].strip()) or secret_in_url(argument)):
        found.add("secret argument")
    if _may_be_whole(argument):
        found.add("whole path")
    return frozenset(found) if found else NONE


def is_whole(path: str) -> bool:
    """Whether a path means a whole disk or a whole home folder."""
    bare = path.rstrip("/\\") or path[:1]
    if path in _WHOLE or bare in _WHOLE:
        return True
    if len(bare) == 2 and bare[1] == ":" and bare[0].isalpha():
        return True
    parts = [part for part in bare.replace("\\", "/").split("/") if part]
    if bare.startswith("/") and parts[:1] in (["home"], ["Users"]):
        return len(parts) <= 2
    if len(parts) >= 2 and parts[0].endswith(":") and parts[1].lower() == "users":
        return len(parts) <= 3
    return bare == "/root"


def _may_be_whole(argument: str) -> bool:
    """Whether a whole disk or home folder could be meant, alone or behind an option's name or a mount's colon."""
    begins = argument[:1] in _BEGINNINGS or argument[1:2] == ":"
    inside = "=/" in argument or "=~" in argument or "=$" in argument or "={" in argument or "=%" in argument
    if not begins and not inside and ":/" not in argument and ",/" not in argument:
        return "=" in argument and argument.partition("=")[2][1:2] == ":"
    return is_whole(argument) or any(is_whole(piece) for piece in re.split(r"[=,:]", argument))


_BEGINNINGS = frozenset("/~\\$%{")


def _is_loose(word: str) -> bool:
    """Whether a word could be the name of a package without a version."""
    if word[:1] in {"$", "{", "/", ".", ""}:
        return False
    ranged = "^" in word or "~" in word or ">" in word or "*" in word
    return ranged or not _PINNED.search(word, 1)


_PINNED = re.compile(r"(?:@|==)v?\d")


@lru_cache(maxsize=256)
def of_url(url: str) -> Traits:
    """Whether an address is anything but a plain one on the web."""
    beginning = url[8:9] if url.startswith("https://") else url[7:8] if url.startswith("http://") else ""
    plain = (beginning.isalnum() or beginning == "[") and url.split() == [url]
    return NONE if plain else _ODD_URL


_ODD_URL: Traits = frozenset({"odd url"})


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
