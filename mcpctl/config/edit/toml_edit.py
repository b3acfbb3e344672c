"""Changes of TOML: splices where a place is enough, else tomlkit, which keeps comments, order and quotes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from mcpctl.config.edit.flow_edit import edit_inline, is_flow, written_key
from mcpctl.config.edit.refusal import EditError, needs_rewriting
from mcpctl.config.edit.style import Style
from mcpctl.model.keypath import KeyPath, value_at

if TYPE_CHECKING:
    from mcpctl.config.documents.document import Document
    from mcpctl.model.lint import Change


_PART = re.compile(r'"(?:\\.|[^"\\])*"|\'[^\']*\'|[A-Za-z0-9_-]+')
"""One part of a key with dots."""


def edit_toml(document: Document, change: Change) -> str:
    """The text of a document that parses, with one change made."""
    if is_flow(document, change.at[:-1]):
        return edit_inline(document, change)
    headers = _headers(document.value, document, ())
    if change.kind == "rename":
        return _renamed(document, headers, change.at, str(change.value))
    if any(_is_below(path, change.at) for path in headers):
        if change.kind == "remove":
            return _with_tables(document.text, headers, change.at, "")
        if change.kind == "set" and isinstance(change.value, dict) and isinstance(change.at[-1], str):
            from mcpctl.config.documents import parse

            table = _by_tomlkit(parse(b"", "toml", document.file), change)
            return _with_tables(document.text, headers, change.at, table)
    if change.kind == "set" and change.at[:-1] in headers and not isinstance(change.value, dict):
        table = value_at(document.value, change.at[:-1])
        if change.at[-1] not in table:
            return _with_key(document, headers, change, table)
    return _by_tomlkit(document, change)


def _headers(value: Any, document: Document, path: KeyPath) -> dict[KeyPath, int]:
    """Where the tables begin that have a line of their own, `[a.b]` or `[[a]]`."""
    span = document.span(path) if path and isinstance(value, dict) else None
    found = {}
    if span is not None and document.text[span.offset_start : span.offset_start + 1] == "[":
        found[path] = span.offset_start
    below: Any = value.items() if isinstance(value, dict) else enumerate(value)
    for key, each in below:
        if isinstance(each, dict | list):
            found.update(_headers(each, document, (*path, key)))
    return found


def _is_below(path: KeyPath, at: KeyPath) -> bool:
    return path[: len(at)] == at


def _renamed(document: Document, headers: dict[KeyPath, int], at: KeyPath, name: str) -> str:
    """With another key, in front of its value and in the headers of all tables below it."""
    part = sum(isinstance(each, str) for each in at) - 1
    places = {
        list(_PART.finditer(document.text, offset + 1))[part].span()
        for path, offset in headers.items()
        if _is_below(path, at)
    }
    key = document.key_span(at)
    if key is not None:
        places.add((key.offset_start, key.offset_end))
    text = document.text
    for start, end in sorted(places, reverse=True):
        text = text[:start] + written_key(name) + text[end:]
    return text


def _with_tables(text: str, headers: dict[KeyPath, int], at: KeyPath, instead: str) -> str:
    """Another table, or none, in the place of one and of those below it.

    A comment right above the next table is about that one, and stays.
    """
    style = Style(text)
    starts = sorted({style.line_start(offset) for offset in headers.values()})
    gone = sorted({style.line_start(offset) for path, offset in headers.items() if _is_below(path, at)})
    for start in reversed(gone):
        end = next((each for each in starts if each > start), len(text))
        begins = instead.replace("\n", style.newline) if start == gone[0] else ""
        while end < len(text) and _line_before(text, end).strip().startswith("#"):
            end -= len(_line_before(text, end))
        while begins and end > start and not _line_before(text, end).strip():
            end -= len(_line_before(text, end))
        kept = text[:start]
        if (
            end >= len(text) and not begins
        ):  # beyond it, where what followed is gone with the blank line above
            kept = kept.rstrip() + style.newline if kept.strip() else ""
        text = kept + begins + text[end:]
    return text


def _with_key(document: Document, headers: dict[KeyPath, int], change: Change, table: Any) -> str:
    """A new line behind the last key of a table: comments further down are about something else."""
    import tomlkit

    text, style = document.text, Style(document.text)
    *at, key = change.at
    header = headers[tuple(at)]
    spans = [
        document.span((*at, name))
        for name in table
        if not any(_is_below(path, (*at, name)) for path in headers)
    ]
    last, start = max(
        [(each.offset_end, each.offset_start) for each in spans if each], default=(header, header)
    )
    end = text.find("\n", last) + 1 or len(text)
    ended = "" if text[:end].endswith("\n") else style.newline
    value = tomlkit.item(change.value).as_string()
    line = f"{style.indent_at(start)}{written_key(str(key))} = {value}{style.newline}"
    return f"{text[:end]}{ended}{line}{text[end:]}"


def _line_before(text: str, offset: int) -> str:
    return text[text.rfind("\n", 0, offset - 1) + 1 : offset]


def _by_tomlkit(document: Document, change: Change) -> str:
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        tree = tomlkit.parse(document.text)
        if tomlkit.dumps(tree) != document.text:
            raise EditError(
                f"`{document.file}` cannot be changed without touching other lines", file=document.file
            )
        _carry_out(tree, change)
        written = tomlkit.dumps(tree)
        return re.sub(r"(?<!\r)\n", "\r\n", written) if _ends_lines_as_windows(document.text) else written
    except (TOMLKitError, AttributeError, KeyError, IndexError, TypeError, ValueError) as error:
        raise needs_rewriting(document.file) from error


def _ends_lines_as_windows(text: str) -> bool:
    return "\r\n" in text and "\n" not in text.replace("\r\n", "")


def _carry_out(tree: Any, change: Change) -> None:
    import tomlkit

    parent = tree
    for index, part in enumerate(change.at[:-1]):
        if isinstance(part, str) and part not in parent:
            holds_values = index == len(change.at) - 2 and not isinstance(change.value, dict)
            inline = holds_values and index > 1  # `env = { … }` is how people write what belongs to a server
            parent.add(
                part, tomlkit.inline_table() if inline else tomlkit.table(is_super_table=not holds_values)
            )
        parent = parent[part]
    last = change.at[-1]
    if change.kind == "remove":
        del parent[last]
    elif change.kind == "insert":
        parent.insert(last, change.value)
    else:
        _set(parent, last, change.value)


def _set(parent: Any, key: Any, value: Any) -> None:
    import tomlkit
    from tomlkit.items import AoT

    if not isinstance(value, dict):
        parent[key] = tomlkit.item(value)
    elif isinstance(parent, AoT):
        table = _table(value)
        table.trivia.indent = "\n"
        parent.insert(key, table)
    elif key in parent:
        parent[key] = _table(value)
    else:
        parent.add(key, _table(value))


def _table(value: dict[str, Any]) -> Any:
    """A table whose tables stand inline: `env = { … }` is how people write servers."""
    import tomlkit

    table = tomlkit.table()
    for key, each in value.items():
        if isinstance(each, dict) and not any(isinstance(inner, dict | list) for inner in each.values()):
            inline = tomlkit.inline_table()
            inline.update(each)
            table.add(key, inline)
        elif isinstance(each, dict):
            table.add(key, _table(each))
        else:
            table.add(key, each)
    return table
