"""Which table a TOML key belongs to, and what may not be defined twice."""

from __future__ import annotations

from typing import Any, Literal

from mcpctl.config.documents.draft import MAX_DEPTH, NOWHERE, Draft
from mcpctl.model.value import NamedTuple

Place = tuple[int, int]

_UNNAMED = (NOWHERE, NOWHERE)

Kind = Literal["implied", "header", "dotted", "closed"]
"""`implied` by the header of a table inside it; `closed` is inline and cannot be added to."""


class KeyPart(NamedTuple):
    name: str
    place: Place


class Table:
    """A table that is being filled; `inner` has what may still grow."""

    __slots__ = ("depth", "inner", "kind", "node", "value")

    def __init__(self, node: int, kind: Kind, depth: int) -> None:
        self.node = node
        self.kind = kind
        self.depth = depth
        self.value: dict[str, Any] = {}
        self.inner: dict[str, Table | Rows] = {}


class Rows:
    """A list of tables, written as `[[name]]`."""

    __slots__ = ("last", "node", "value")

    def __init__(self, node: int) -> None:
        self.node = node
        self.value: list[Any] = []
        self.last: Table


class Tables:
    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        everything = (0, len(draft.text))
        self.root = Table(draft.nodes.add(NOWHERE, "", name=_UNNAMED, place=everything), "header", 0)
        draft.value = self.root.value
        self.current = self.root

    def open(self, parts: list[KeyPart], place: Place, *, repeated: bool) -> None:
        """A header: `[a.b]`, or `[[a.b]]` when repeated. What it opens is current from now on."""
        table = self.root
        for part in parts[:-1]:
            inner = table.inner.get(part.name)
            if inner is None:
                inner = (
                    self._refuse(part)
                    if part.name in table.value
                    else self._add(table, part, "implied", place)
                )
            table = inner.last if isinstance(inner, Rows) else inner
        last = parts[-1]
        self.current = self._append(table, last, place) if repeated else self._header(table, last, place)

    def slot(self, base: Table, parts: list[KeyPart], place: Place) -> Table | None:
        """The table that the last part of a dotted key is set in, or nothing where that is not allowed."""
        table = base
        for part in parts[:-1]:
            inner = table.inner.get(part.name)
            if inner is None and part.name not in table.value:
                inner = self._add(table, part, "dotted", place)
            if isinstance(inner, Table) and inner.kind == "implied":
                inner.kind = "dotted"  # named here for the first time: only what is inside it had a header
            if not isinstance(inner, Table) or inner.kind != "dotted":
                self.draft.fault("duplicate_key", part.place, f"`{part.name}` is already defined")
                return None
            table = inner
        last = parts[-1]
        if last.name in table.value:
            self.draft.fault(
                "duplicate_key", last.place, f"`{last.name}` is already defined", "remove one of them"
            )
            return None
        return table

    def _header(self, table: Table, last: KeyPart, place: Place) -> Table:
        inner = table.inner.get(last.name)
        if inner is None:
            return self._refuse(last) if last.name in table.value else self._add(table, last, "header", place)
        if isinstance(inner, Rows):
            return self._refuse(last)
        if inner.kind != "implied":
            self.draft.fault("duplicate_table", place, "this table is already defined", "join the two")
            return inner
        inner.kind = "header"
        self._move(inner, last, place)
        return inner

    def _append(self, table: Table, last: KeyPart, place: Place) -> Table:
        rows = table.inner.get(last.name)
        if rows is None and last.name not in table.value:
            rows = Rows(self.draft.nodes.add(table.node, last.name, name=last.place, place=place))
            table.inner[last.name] = rows
            table.value[last.name] = rows.value
        if not isinstance(rows, Rows):
            return self._refuse(last)
        index = len(rows.value)
        node = self.draft.nodes.add(rows.node, index, name=_UNNAMED, place=place)
        rows.last = Table(node, "header", table.depth + 2)
        rows.value.append(rows.last.value)
        return rows.last

    def _add(self, table: Table, part: KeyPart, kind: Kind, place: Place) -> Table:
        if table.depth >= MAX_DEPTH:
            message = f"tables are nested more than {MAX_DEPTH} deep"
            self.draft.give_up("too_deep", part.place, message)
        node = self.draft.nodes.add(table.node, part.name, name=part.place, place=place)
        added = Table(node, kind, table.depth + 1)
        table.value[part.name] = added.value
        table.inner[part.name] = added
        return added

    def _move(self, table: Table, part: KeyPart, place: Place) -> None:
        nodes = self.draft.nodes
        nodes.key_starts[table.node], nodes.key_ends[table.node] = part.place
        nodes.starts[table.node], nodes.ends[table.node] = place

    def _refuse(self, part: KeyPart) -> Table:
        self.draft.fault("duplicate_key", part.place, f"`{part.name}` is already defined as something else")
        node = self.draft.nodes.add(NOWHERE, part.name, name=part.place, place=part.place)
        return Table(node, "header", 0)
