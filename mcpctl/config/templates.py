"""Texts with variables in mcpctl's own notation, taken apart; nothing is looked up here.

`${NAME}`, `${NAME:-default}`, `${env:NAME}`, `${input:id}`, `${keyring:service/name}`; `$${` is a plain `${`. What
does not look like a variable, such as `${#array}` of a shell, is text.
"""

from __future__ import annotations

from mcpctl.model.value import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    kind: str
    """`env`, `input`, `keyring`, `folder`, or whatever stood before a colon."""
    name: str
    default: str | None
    text: str
    """As it is written."""


_DEEPEST = 10
"""Defaults inside of defaults; whoever nests deeper means something else."""

FOLDERS = frozenset({"workspaceFolder", "workspaceFolderBasename", "userHome", "pathSeparator", "/"})
"""What editors know without being told."""


def split(text: str) -> list[str | Reference]:
    """Literal pieces and references, in order."""
    pieces: list[str | Reference] = []
    literal, at = "", 0
    last = text.rfind("}")
    braces = _Braces(text)
    while 0 <= (start := text.find("${", at)) < last:
        literal += text[at:start]
        if text[start - 1 : start] == "$" and start > at:  # an escape: drop one of the dollars
            literal, at = f"{literal[:-1]}${{", start + 2
            continue
        end = _closing(text, start + 2, braces)
        reference = _reference(text[start:end]) if end else None
        if reference is None:
            literal, at = f"{literal}${{", start + 2
            continue
        pieces += [literal, reference] if literal else [reference]
        literal, at = "", end
    literal += text[at:].replace("$${", "${")
    return [*pieces, literal] if literal else pieces


class _Braces:
    """Where the next brace closes, looked for once and not again by every opener before it."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._after = 0
        self._found = text.find("}")

    def next(self, at: int) -> int:
        if at < self._after or 0 <= self._found < at:
            self._after, self._found = at, self._text.find("}", at)
        return self._found


def _closing(text: str, at: int, braces: _Braces) -> int:
    """The offset behind the brace that closes the one before `at`; 0 if there is none. Defaults may nest."""
    depth = 1
    while 0 < depth < _DEEPEST:
        opened, closed = text.find("${", at), braces.next(at)
        if closed < 0:
            return 0
        inner = 0 <= opened < closed
        depth += 1 if inner else -1
        at = opened + 2 if inner else closed + 1
    return 0 if depth else at


def _reference(text: str) -> Reference | None:
    inside = text[2:-1]
    name, mark, default = inside.partition(":-")
    kind, colon, rest = name.partition(":")
    if name in FOLDERS:
        kind, rest = "folder", name
    elif not colon:
        kind, rest = "env", name
    if kind == "env" and not _is_name(rest):
        return None
    if not (kind.isalnum() and rest):
        return None
    return Reference(kind=kind, name=rest.strip(), default=default if mark else None, text=text)


def _is_name(name: str) -> bool:
    return (name[:1].isalpha() or name[:1] == "_") and all(char.isalnum() or char in "_.-" for char in name)
