"""`tomli` has the last word on what is valid TOML: it is what reads the same file at start-up."""

from __future__ import annotations

from mcpctl.config.documents.draft import Draft

_JUDGED_SIZE = 4 << 20
"""Larger files are judged by our own reader alone: a second reading would double the time."""


def judge(draft: Draft, before: int) -> None:
    """Replace the value by that of `tomli`, and its faults from number `before` on by none, if it finds none."""
    if len(draft.text) > _JUDGED_SIZE:
        return
    import tomli

    try:
        draft.value = tomli.loads(draft.text)
        del draft.faults[before:]
    except tomli.TOMLDecodeError as error:
        if len(draft.faults) == before:
            _repeat(draft, error.msg, error.lineno, error.colno)
    except (ValueError, RecursionError):
        return


def _repeat(draft: Draft, message: str, line: int, column: int) -> None:
    """A fault that only `tomli` has found, in its words."""
    lines = draft.text.split("\n")
    at = min(sum(len(text) + 1 for text in lines[: line - 1]) + column - 1, len(draft.text))
    draft.fault("toml", (at, min(at + 1, len(draft.text))), message[:1].lower() + message[1:])
