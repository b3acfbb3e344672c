"""Documents as programs: the files that they show, the commands that they type, and what they say came out.

Markdown marks blocks with fences: `console` is typed, and a word behind the language names a file. Help pages mark them by indentation:
a block that begins with `$ ` is typed, and one behind a line that ends in "`NAME`:" is a file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

PROMPT = "$ "
FENCE = re.compile(r"^ {0,3}(`{3,})(\S*) *(\S*)")
NAMES_A_FILE = re.compile(r"`([\w./-]+\.\w+)`[^`]*:$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Lines `first` to `last` of a document, counted from 0, the last one excluded."""

    first: int
    last: int
    lines: tuple[str, ...]
    file: str = ""
    """What to write the lines into; empty where they are typed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    command: str
    expected: tuple[str, ...]


def blocks(document: Path) -> list[Block]:
    """What is typed and what is written, in its order."""
    lines = document.read_text(encoding="utf-8").splitlines()
    found = _fenced(lines) if document.suffix == ".md" else _indented(lines)
    return [block for block in found if block.file or is_typed(block)]


def is_typed(block: Block) -> bool:
    return not block.file and bool(block.lines) and block.lines[0].startswith(PROMPT)


def steps(block: Block) -> list[Step]:
    """Each command, with what stands below it up to the next one."""
    found: list[Step] = []
    for line in block.lines:
        if line.startswith(PROMPT):
            found.append(Step(command=line.removeprefix(PROMPT), expected=()))
        elif found[-1].command.endswith("\\"):
            found[-1] = replace(found[-1], command=f"{found[-1].command}\n{line}")
        else:
            found[-1] = replace(found[-1], expected=(*found[-1].expected, line))
    return found


def _fenced(lines: list[str]) -> Iterator[Block]:
    opened: tuple[int, re.Match[str]] | None = None
    for number, line in enumerate(lines):
        fence = FENCE.match(line)
        if opened is None:
            opened = (number, fence) if fence else None
        elif fence and fence[1] == opened[1][1] and not fence[2]:
            first, start = opened
            opened = None
            inner = tuple(lines[first + 1 : number])
            if start[2] == "console" or start[3]:
                yield Block(first=first + 1, last=number, lines=inner, file=start[3])


def _indented(lines: list[str]) -> Iterator[Block]:
    number, above = 0, ""
    while number < len(lines):
        line = lines[number]
        if not line.startswith("    "):
            above = line or above
            number += 1
            continue
        last = number
        while last < len(lines) and (lines[last].startswith("    ") or not lines[last]):
            last += 1
            if not lines[last - 1] and lines[last : last + 1] and lines[last].startswith(f"    {PROMPT}"):
                break
        while not lines[last - 1]:
            last -= 1
        inner = tuple(each.removeprefix("    ") for each in lines[number:last])
        named = NAMES_A_FILE.search(above)
        typed = inner[0].startswith(PROMPT)
        yield Block(first=number, last=last, lines=inner, file=named[1] if named and not typed else "")
        number, above = last, ""
