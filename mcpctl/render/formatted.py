"""Markdown and code on a terminal: the only module that loads rich, and only when a view shows either in colour."""

from __future__ import annotations

import io

from rich.console import Console, RenderableType
from rich.markdown import Markdown
from rich.syntax import Syntax


def markdown(text: str, width: int) -> list[str]:
    return _lines(Markdown(text, hyperlinks=False), width)


def highlighted(text: str, language: str, width: int) -> list[str]:
    return _lines(Syntax(text, language, theme="ansi_dark", background_color="default"), width)


def _lines(renderable: RenderableType, width: int) -> list[str]:
    page = io.StringIO()
    console = Console(
        file=page,
        width=width,
        force_terminal=True,
        color_system="standard",
        highlight=False,
        legacy_windows=False,
    )
    console.print(renderable, soft_wrap=isinstance(renderable, Syntax))
    return [line.rstrip() for line in page.getvalue().splitlines()]
