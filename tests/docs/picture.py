"""`python -m tests.docs.picture`: the picture of a terminal in the README, drawn from what commands print on a real one.

The commands run in a pseudo-terminal, in the folder and the home that documents run in; rich makes an SVG of the screen.
"""

from __future__ import annotations

import io
import re
import tempfile
from pathlib import Path
from typing import Any

from tests.docs.console import HOME, home, surroundings, work
from tests.support import ROOT
from tests.terminal.emulator import shown

PICTURE = ROOT / ".github" / "terminal.svg"

COLUMNS = 92
"""As wide as a page shows without scrolling."""

BROKEN = """{
  "mcpServers": {
    "files": { "comand": "npx", "args": ["-y", "server-files"] }
  }
}
"""

COMMANDS = (
    "mcpctl validate",
    "mcpctl call demo add a=1 b=41",
    "mcpctl loadtest demo echo text=hello -c 8 -d 2s --threshold 'p99<500ms'",
    "mcpctl call demo fail || echo exit code $?",
)

FONTS = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
"""Taken out: a picture asks no other machine for anything."""


def main() -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        env = surroundings(place)
        (work(place) / ".mcp.json").write_text(BROKEN)
        for command in COMMANDS:
            console.print(Text.assemble(("$ ", "bold green"), (command, "bold")))
            seen = shown(command, folder=work(place), env=env, columns=COLUMNS)
            for row in range(len(seen.lines)):
                console.print(_line(seen.screen.buffer[row], str(home(place))))
    svg = console.export_svg(title="mcpctl", unique_id="mcpctl")
    PICTURE.write_text(FONTS.sub("", svg), encoding="utf-8")


def _line(cells: Any, real_home: str) -> Any:
    """One row of the emulator as a text of rich."""
    from rich.text import Text

    line = Text()
    for column in range(COLUMNS):
        cell = cells[column]
        colour = {"default": "", "brown": "yellow"}.get(cell.fg, cell.fg)
        line.append(cell.data, style=" ".join(filter(None, ("bold" if cell.bold else "", colour))))
    line.rstrip()
    if real_home in line.plain:
        return Text(line.plain.replace(real_home, HOME))
    return line


if __name__ == "__main__":
    main()
