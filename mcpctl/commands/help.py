"""`mcpctl help` and `mcpctl version`: about mcpctl itself. Help pages are generated; here they are only found."""

from __future__ import annotations

import sys
from pathlib import Path

import mcpctl
from mcpctl.commands.context import Context
from mcpctl.errors import UsageError
from mcpctl.model.help import HelpOptions, HelpReport, VersionOptions, VersionReport

PAGES = Path(mcpctl.__file__).parent / "cli" / "generated"

LIBRARIES = ("mcp", "typer", "rich", "msgspec", "httptools", "jsonschema", "jsonschema-rs")
"""What bug reports are usually about."""


def show(options: HelpOptions, ctx: Context) -> HelpReport:
    del ctx
    words = [word for topic in options.topic for word in topic.split()]
    names = {page.stem: page for page in PAGES.glob("*.txt")}
    page = names.get("-".join(words) or "mcpctl")
    if page is None:
        raise UsageError(
            f"there is no help on `{' '.join(words)}`",
            code="usage.unknown_topic",
            hint="`mcpctl help` lists what there is",
        )
    return HelpReport(topic=tuple(words), text=page.read_text(encoding="utf-8"))


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
