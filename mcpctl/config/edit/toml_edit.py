"""Changes of TOML through tomlkit, which keeps comments, order and quotes; refused where it would not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mcpctl.config.documents.document import Document
    from mcpctl.model.lint import Change


def edit_toml(document: Document, change: Change) -> str:
    """The text of a document that parses, with one change made."""
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    from mcpctl.config.edit import EditError

    try:
        tree = tomlkit.parse(document.text)
        if tomlkit.dumps(tree) != document.text:
            raise EditError(
                f"`{document.file}` cannot be changed without touching other lines", file=document.file
            )
        _carry_out(tree, change)
        return tomlkit.dumps(tree)
    except (TOMLKitError, KeyError, IndexError, TypeError, ValueError) as error:
        raise EditError(f"`{document.file}` cannot be changed here: {error}", file=document.file) from error


def _carry_out(tree: Any, change: Change) -> None:
    import tomlkit

    parent = tree
    for index, part in enumerate(change.at[:-1]):
        if isinstance(part, str) and part not in parent:
            innermost = index == len(change.at) - 2
            parent.add(part, tomlkit.table(is_super_table=not innermost))
        parent = parent[part]
    last = change.at[-1]
    if change.kind == "remove":
        del parent[last]
    elif change.kind == "insert":
        parent.insert(last, change.value)
    elif change.kind == "rename":
        _rename(parent, str(last), str(change.value))
    else:
        _set(parent, last, change.value)


def _set(parent: Any, key: Any, value: Any) -> None:
    import tomlkit
    from tomlkit.items import InlineTable

    if isinstance(value, dict) and not isinstance(parent, InlineTable | list):
        table = _table(value)
        if isinstance(key, str) and key in parent:
            parent[key] = table
        else:
            parent.add(key, table)
        return
    parent[key] = tomlkit.item(value)


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


def _rename(parent: Any, old: str, new: str) -> None:
    """There is no renaming in tomlkit: the key's own text is replaced, wherever its header or its pair stands."""
    value = parent[old]
    items = list(parent.items())
    for key, _ in items[[key for key, _ in items].index(old) :]:
        del parent[key]
    for key, each in items[[key for key, _ in items].index(old) :]:
        parent.add(new if key == old else key, value if key == old else each)
