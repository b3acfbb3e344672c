"""Changes of a configuration file that leave every byte alone which they do not mean.

A change is carried out, read back, and compared with what it should have done: what comes out is right, or nothing
does. A file that does not parse gets splices only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mcpctl.config.documents import Syntax, parse
from mcpctl.config.edit.refusal import EditError, needs_rewriting
from mcpctl.model.keypath import KeyPath
from mcpctl.model.lint import Change


def apply(text: str, syntax: Syntax, changes: Sequence[Change], *, file: str = "") -> str:
    """The text with all changes made, in order; raises `EditError` where one cannot be made cleanly."""
    for change in changes:
        text = _apply_one(text, syntax, change, file)
    return text


def _apply_one(text: str, syntax: Syntax, change: Change, file: str) -> str:
    if change.kind == "splice":
        return text[: change.start] + str(change.value) + text[change.end :]
    before = parse(text.encode("utf-8", "replace"), syntax, file)
    if before.faults:
        fault = before.faults[0]
        raise EditError(
            f"`{file}` is not edited, because it does not parse: {fault.message}",
            hint=f"run `mcpctl validate {file}`",
            file=file,
            line=fault.span.line,
            column=fault.span.column,
        )
    if change.kind == "rename" and before.span((*change.at[:-1], str(change.value))) is not None:
        raise EditError(f"`{file}` has a `{change.value}` here already", file=file, hint="change it by hand")
    expected = changed(before.value, change)
    edited: str = _editor(syntax)(before, change)
    after = parse(edited.encode(), syntax, file)
    accepted = [_plain(expected)]
    if syntax == "toml" and change.kind == "remove":
        accepted.append(_without_empty(accepted[0], change.at[:-1]))
    if after.faults or _plain(after.value) not in accepted:
        place = before.nearest(change.at)
        raise needs_rewriting(file, line=place.line, column=place.column)
    return edited


def _editor(syntax: Syntax) -> Any:
    if syntax == "toml":
        from mcpctl.config.edit.toml_edit import edit_toml

        return edit_toml
    if syntax == "yaml":
        from mcpctl.config.edit.yaml_edit import edit_yaml

        return edit_yaml
    from mcpctl.config.edit.json_edit import edit_json

    return edit_json


def changed(value: Any, change: Change) -> Any:
    """What a value is after a change: the meaning that the edited text must have."""
    if not change.at:
        return change.value if change.kind == "set" else value
    return _changed_below(value, change.at, change)


def _changed_below(value: Any, path: KeyPath, change: Change) -> Any:
    head, rest = path[0], path[1:]
    if isinstance(value, list) and isinstance(head, int):
        items = list(value)
        if rest:
            items[head] = _changed_below(items[head], rest, change)
        elif change.kind == "remove":
            del items[head]
        elif change.kind == "insert" or head == len(items):
            items.insert(head, change.value)
        else:
            items[head] = change.value
        return items
    table = dict(value) if isinstance(value, dict) else {}
    if rest:
        table[head] = _changed_below(table.get(head, {}), rest, change)
    elif change.kind == "remove":
        table.pop(head, None)
    elif change.kind == "rename":
        table = {change.value if key == head else key: each for key, each in table.items()}
    else:
        table[head] = change.value
    return table


def _without_empty(value: Any, path: KeyPath) -> Any:
    """A table of TOML that only had headers of others is gone with the last of them."""
    if not path or not isinstance(value, dict):
        return value
    below = _without_empty(value.get(path[0]), path[1:])
    rest = {key: each for key, each in value.items() if key != path[0]}
    return {**value, path[0]: below} if below else rest


def _plain(value: Any) -> Any:
    """Containers of whatever library as those of the language; a number keeps its type."""
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, float) and value != value:  # noqa: PLR0124 - NaN is the one number unlike itself
        return "nan"
    return value
