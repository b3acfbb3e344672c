"""The sample configurations, and what each says of itself."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from tests.support import ROOT

SAMPLES = ROOT / "sample-configs"

SAYS = re.compile(r"^(?:#|//) validate: (.+)$")

CHECKED = ("hosts", "features", "invalid")
"""Folders of configurations; the others hold what belongs around one."""


def configurations() -> list[Path]:
    found = [path for folder in CHECKED for path in (SAMPLES / folder).rglob("*") if path.is_file()]
    return [SAMPLES / "everything.toml", *sorted(found)]


def promised(sample: Path) -> list[str]:
    """The codes that `validate --strict` must find; none for `ok`."""
    first = SAYS.match(sample.read_text(encoding="utf-8").partition("\n")[0])
    index = tomllib.loads((SAMPLES / "index.toml").read_text(encoding="utf-8"))
    said = first[1] if first else index.get(name(sample), "ok")
    return [] if said == "ok" else sorted(said.split())


def name(sample: Path) -> str:
    return sample.relative_to(SAMPLES).as_posix()
