"""`mcpctl help` and `mcpctl version`: about mcpctl itself. Pages of verbs are generated, those of topics are written by hand.

Here both are only found.
"""

from __future__ import annotations

import sys
from pathlib import Path

import mcpctl
from mcpctl.commands.context import Context
from mcpctl.errors import UsageError
from mcpctl.model.help import HelpOptions, HelpReport, VersionOptions, VersionReport

PACKAGE = Path(mcpctl.__file__).parent

VERBS = PACKAGE / "cli" / "generated"
TOPICS = PACKAGE / "help"

LIBRARIES = ("mcp", "typer", "rich", "msgspec", "httptools", "jsonschema", "jsonschema-rs")
"""What bug reports are usually about."""


def show(options: HelpOptions, ctx: Context) -> HelpReport:
    del ctx
    words = [word for topic in options.topic for word in topic.split()]
    name = "-".join(words) or "mcpctl"
    found = [folder / f"{name}.txt" for folder in (VERBS, TOPICS) if name in pages(folder)]
    if not found:
        raise UsageError(
            f"there is no help on `{' '.join(words)}`",
            code="usage.unknown_topic",
            hint=f"topics are {', '.join(sorted(pages(TOPICS)))}; `mcpctl help` lists the verbs too",
        )
    return HelpReport(topic=tuple(words), text="\n".join(page.read_text(encoding="utf-8") for page in found))


def pages(folder: Path) -> set[str]:
    return {page.stem for page in folder.glob("*.txt")}


def version(options: VersionOptions, ctx: Context) -> VersionReport:
    del options, ctx
    import platform
    from importlib import metadata

    libraries = {}
    for name in LIBRARIES:
        try:
            libraries[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            libraries[name] = "missing"
    return VersionReport(
        version=mcpctl.__version__,
        python=sys.version.split()[0],
        platform=f"{platform.system()} {platform.machine()}",
        libraries=libraries,
    )
