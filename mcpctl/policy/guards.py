"""Checks of arguments that a configuration may ask for: polluting keys, paths out of bounds, dangerous SQL.

They catch mistakes and crude attacks before a server sees them. Refuses to touch the file system: links are not
followed, so a folder that others can write to is not made safe by this.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

POLLUTING_KEYS = frozenset({"__proto__", "constructor", "prototype"})
"""Merged into an object by careless JavaScript, they change every object."""

DANGEROUS_VERBS = frozenset(
    "ALTER ATTACH CALL CREATE DELETE DETACH DROP EXEC EXECUTE GRANT INSERT MERGE RENAME REVOKE TRUNCATE UPDATE VACUUM".split()
)
"""What changes data, structure or rights, or runs code."""

OPENING_VERBS = DANGEROUS_VERBS | {"COPY", "DO", "LOAD", "PRAGMA", "REPLACE", "SET"}
"""Dangerous as the first word of a statement, but a function or a common name elsewhere."""

_SQL_TOKEN = re.compile(
    r"""
      '(?:[^']|'')*+(?:'|$)         # text, with doubled quotes inside
    | "(?:[^"]|"")*+(?:"|$)         # a quoted name
    | `[^`]*+(?:`|$)
    | \[[^\]]*+(?:\]|$)
    | (?:--|\#)[^\n]*+              # comments to the end of the line
    | /\*(?!!)(?:[^*]|\*(?!/))*+(?:\*/|$)   # MySQL runs what stands in /*! … */
    | (?P<word>[A-Za-z_][A-Za-z0-9_$]*+)
    | (?P<end>;)
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Objection:
    path: str
    """JSON Pointer to the argument."""
    rule: str
    message: str


def polluting_keys(arguments: Any) -> tuple[Objection, ...]:
    return tuple(
        Objection(path=path, rule="polluting_keys", message=f"the key `{key}` is not allowed")
        for path, key, _ in _walk(arguments)
        if key in POLLUTING_KEYS
    )


def paths_outside(
    arguments: Any, *, names: Sequence[str], folders: Sequence[str], base: str = "/"
) -> tuple[Objection, ...]:
    """Arguments whose name fits one of the patterns must be paths in one of the folders."""
    return tuple(
        Objection(path=path, rule="paths", message=f"`{text}` is outside of the allowed folders")
        for path, key, value in _walk(arguments)
        if any(fnmatchcase(key, pattern) for pattern in names)
        for text in _texts(value)
        if not is_inside(text, folders, base=base)
    )


def is_inside(path: str, folders: Iterable[str], *, base: str = "/") -> bool:
    """Whether a path, taken literally, stays in one of the folders. Relative ones start at `base`."""
    if "\0" in path or path.startswith("~"):
        return False
    if path.lower().startswith("file:"):
        from urllib.parse import unquote, urlsplit

        path = unquote(urlsplit(path).path)
        if "\0" in path:
            return False
    # The server may run on another system than we do: both readings of a backslash have to be inside.
    readings = {path, path.replace("\\", "/")}
    allowed = [_absolute(folder, base) for folder in folders]
    return all(any(_under(_absolute(reading, base), folder) for folder in allowed) for reading in readings)


def dangerous_sql(text: str) -> tuple[str, ...]:
    """The dangerous words of a statement, outside of its texts, names in quotes and comments."""
    found: dict[str, None] = {}
    opening = True
    for token in _SQL_TOKEN.finditer(text):
        if token["end"]:
            opening = True
        elif token["word"]:
            word = token["word"].upper()
            if word in (OPENING_VERBS if opening else DANGEROUS_VERBS):
                found[word] = None
            opening = False
    return tuple(found)


def sql_objections(arguments: Any, *, names: Sequence[str]) -> tuple[Objection, ...]:
    return tuple(
        Objection(path=path, rule="sql", message=f"`{verb}` is not allowed")
        for path, key, value in _walk(arguments)
        if any(fnmatchcase(key, pattern) for pattern in names)
        for text in _texts(value)
        for verb in dangerous_sql(text)
    )


def _walk(value: Any) -> Iterator[tuple[str, str, Any]]:
    """Every member of every object inside, with its pointer, without recursion."""
    waiting: list[tuple[str, Any]] = [("", value)]
    while waiting:
        pointer, current = waiting.pop()
        if isinstance(current, dict):
            for key, child in current.items():
                path = f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}"
                yield path, str(key), child
                waiting.append((path, child))
        elif isinstance(current, list):
            waiting.extend((f"{pointer}/{index}", child) for index, child in enumerate(current))


def _texts(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()


def _absolute(path: str, base: str) -> str:
    # Two leading slashes are kept by POSIX and mean nothing here.
    return posixpath.normpath("/" + posixpath.join(base, path).lstrip("/"))


def _under(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")
