"""Documents that are programs too: `python -m tests.docs` runs them and writes down what came out."""

from __future__ import annotations

from pathlib import Path

from tests.support import ROOT

HELP = ROOT / "mcpctl" / "help"


def documents() -> list[Path]:
    return [ROOT / "README.md", *sorted(HELP.glob("*.txt"))]
