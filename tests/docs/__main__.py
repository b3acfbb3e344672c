"""`python -m tests.docs [DOCUMENT...]`: types every command of the documents anew and writes down what came out.

A block that still agrees, dots included, stays as it is. Read the difference before it is committed.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.docs import documents
from tests.docs.blocks import PROMPT, Block, Step, blocks
from tests.docs.console import play, same
from tests.docs.keys import with_keys


def main(argv: list[str]) -> None:
    for document in map(Path, argv) if argv else documents():
        refresh(document)


def refresh(document: Path) -> None:
    parts = blocks(document)
    if not parts:
        return
    with tempfile.TemporaryDirectory() as folder:
        played = play(parts, Path(folder))
    lines = document.read_text(encoding="utf-8").splitlines()
    margin = "" if document.suffix == ".md" else "    "
    for block in reversed(parts):
        if block.first in played:
            lines[block.first : block.last] = [
                f"{margin}{line}".rstrip() for line in _told(block, played[block.first])
            ]
    document.write_text(with_keys("\n".join(lines) + "\n"), encoding="utf-8")


def _told(block: Block, outcomes: list[tuple[Step, list[str]]]) -> list[str]:
    told: list[str] = []
    for step, actual in outcomes:
        told += f"{PROMPT}{step.command}".splitlines()
        told += step.expected if same(step, actual) else actual
    return told


if __name__ == "__main__":
    main(sys.argv[1:])
