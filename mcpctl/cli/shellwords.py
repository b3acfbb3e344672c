"""The habits of four shells: how each hands over what was typed, and how it wants to be told what may come next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mcpctl.model.value import NamedTuple


class Candidate(NamedTuple):
    text: str
    """The whole word."""
    about: str = ""
    open: bool = False
    """Something follows in the same word: no space behind it."""


class Typed(NamedTuple):
    words: Sequence[str]
    """Complete ones, without `mcpctl` itself."""
    current: str
    kept: int = 0
    """Characters of `current` that bash holds for a word of their own, and does not want to hear again."""
    quote: str = ""
    """The quote that is still open."""


def typed(shell: str, arguments: Sequence[str]) -> Typed:
    if shell == "bash":
        line, breaks = arguments
        return split(line, breaks)
    *words, current = arguments
    # PowerShell drops an argument that is empty, so that its script marks the last one.
    return Typed(words, current.removeprefix("=") if shell == "powershell" else current)


def told(shell: str, candidates: Iterable[Candidate], asked: Typed) -> bytes:
    """One line each."""
    tell = {"bash": _bash, "zsh": _zsh, "powershell": _powershell}.get(shell, _fish)
    lines = (tell(each, asked) for each in candidates)
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogateescape")


def split(line: str, breaks: str) -> Typed:
    """A line of bash up to the cursor. What it would expand stays as it was typed."""
    words: list[str] = []
    word: str | None = None
    kept, quote = 0, ""
    pieces = iter(line)
    for piece in pieces:
        if not quote and piece in " \t\n":
            words += [] if word is None else [word]
            word, kept = None, 0
            continue
        word = word or ""
        if piece == quote:
            quote = ""
        elif not quote and piece in "'\"":
            quote, kept = piece, len(word)
        elif piece == "\\" and quote != "'":
            word += _escaped(next(pieces, ""), quote)
        else:
            if not quote and piece in breaks:
                kept = len(word) + (piece not in _BREAKS_THAT_STAY)
            word += piece
    return Typed(_without_assignments(words)[1:], word or "", kept, quote)


_BREAKS_THAT_STAY = "@$"
"""They begin a word of their own, and are part of it."""


def _escaped(piece: str, quote: str) -> str:
    return piece if not quote or piece in '"\\$`' else f"\\{piece}"


def _without_assignments(words: list[str]) -> list[str]:
    """`NAME=value mcpctl …` is a line of mcpctl."""
    while words and words[0].partition("=")[0].isidentifier() and "=" in words[0]:
        words = words[1:]
    return words


_HARMLESS = frozenset("_-./:=@%+,~^")
"""What means nothing to a shell where it stands inside a word."""


def _bash(candidate: Candidate, asked: Typed) -> str:
    text = candidate.text[asked.kept :]
    if asked.quote:
        return text
    plain = "".join(each if each.isalnum() or each in _HARMLESS else f"\\{each}" for each in text)
    return plain if candidate.open else f"{plain} "


def _zsh(candidate: Candidate, asked: Typed) -> str:
    del asked
    text = candidate.text.replace("\\", "\\\\").replace(":", "\\:")
    mark = "=" if candidate.open else " "
    return f"{mark}{text}:{candidate.about}" if candidate.about else f"{mark}{text}"


def _fish(candidate: Candidate, asked: Typed) -> str:
    del asked
    return f"{candidate.text}\t{candidate.about}" if candidate.about else candidate.text


def _powershell(candidate: Candidate, asked: Typed) -> str:
    del asked
    text = candidate.text
    plain = all(each.isalnum() or each in _HARMLESS - {"@", ","} for each in text)
    quoted = text if plain else "'" + text.replace("'", "''") + "'"
    return f"{quoted}\t{text}\t{candidate.about or text}"
