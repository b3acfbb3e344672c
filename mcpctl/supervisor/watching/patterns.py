"""Glob patterns as regular expressions, the way `watch` and `.gitignore` use them. `**` crosses folders, `*` does not."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Final

MAGIC: Final = frozenset("*?[")

_TOKEN: Final = re.compile(r"\*\*/|/\*\*$|\*\*|\*|\?|\[!?[^\]]+\]|\\.|[^*?\[\\]+|.", re.DOTALL)


@lru_cache(maxsize=4096)
def compiled(pattern: str) -> re.Pattern[str]:
    """Of a whole relative path with slashes."""
    return re.compile("".join(_part(token) for token in _TOKEN.findall(pattern)), re.DOTALL)


def matches(pattern: str, path: str) -> bool:
    return compiled(pattern).fullmatch(path) is not None


def fixed_part(pattern: str) -> str:
    """The folder that everything fitting the pattern is in."""
    parts = []
    for part in PurePosixPath(pattern).parts[:-1]:
        if MAGIC & set(part):
            break
        parts.append(part)
    return str(PurePosixPath(*parts)) if parts else "."


def _part(token: str) -> str:
    fixed = {"**/": "(?:.*/)?", "/**": "/.*", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    if token in fixed:
        return fixed[token]
    if token[0] == "[" and len(token) > 2:
        inside = token[1:-1].replace("\\", "\\\\")
        return f"[{'^' + inside[1:] if inside[0] == '!' else inside}]"
    return re.escape(token[1:] if token[0] == "\\" and len(token) > 1 else token)
