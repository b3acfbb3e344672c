"""What a reader writes down while it reads: offsets in columns, faults, comments. It does not know lines or columns.

One object per value would cost hundreds of megabytes for a large file; arrays of offsets cost 24 bytes.
"""

from __future__ import annotations

from array import array
from typing import Any

MAX_FAULTS = 100
"""More in one file help nobody, and a binary file would have millions."""

MAX_DEPTH = 200
"""Configurations nest ten deep; consumers may recurse safely below this."""

NOWHERE = -1
"""In place of a node or an offset that does not exist."""

FOLDED = -2
"""In place of the first child of a container whose insides have not been looked for yet; `flat.unfold` does."""


class EnoughFaultsError(Exception):
    """Ends the reading of a file that cannot be read any further; what was found so far counts."""


class Nodes:
    """Every value of a file and its key, in the order of their discovery.

    Children of a node form a chain from the last to the first (`firsts`, then `nexts`), so that nothing has to be
    known about a parent but its number.
    """

    __slots__ = ("ends", "firsts", "key_ends", "key_starts", "keys", "nexts", "starts")

    def __init__(self) -> None:
        self.keys: list[str | int] = []
        self.key_starts = array("i")
        self.key_ends = array("i")
        self.starts = array("i")
        self.ends = array("i")
        self.firsts = array("i")
        self.nexts = array("i")

    def add(
        self,
        parent: int,
        key: str | int,
        *,
        name: tuple[int, int],
        place: tuple[int, int],
        folded: bool = False,
    ) -> int:
        """Write down one value and return its number."""
        node = len(self.keys)
        self.keys.append(key)
        self.key_starts.append(name[0])
        self.key_ends.append(name[1])
        self.starts.append(place[0])
        self.ends.append(place[1])
        self.firsts.append(FOLDED if folded else NOWHERE)
        if parent < 0:
            self.nexts.append(NOWHERE)
        else:
            self.nexts.append(self.firsts[parent])
            self.firsts[parent] = node
        return node

    def children(self, node: int) -> dict[str | int, int]:
        """By key; of two with the same key the later one, as every reader of JSON has it."""
        found: dict[str | int, int] = {}
        child = self.firsts[node]
        while child >= 0:
            found.setdefault(self.keys[child], child)
            child = self.nexts[child]
        return found


class Draft:
    """Filled by `decode` and then by exactly one reader."""

    def __init__(self) -> None:
        self.text = ""
        self.encoding = "utf-8"
        self.bom = False
        self.value: Any = None
        self.nodes = Nodes()
        self.faults: list[tuple[str, str, int, int, str | None]] = []
        self.comments = array("i")
        self.trailing_commas = array("i")
        self.repeats: list[tuple[tuple[str | int, ...], int]] = []
        """The path of a key that was there before, and the number of its parent."""

    def fault(self, code: str, place: tuple[int, int], message: str, hint: str | None = None) -> None:
        self.faults.append((code, message, *place, hint))
        if len(self.faults) >= MAX_FAULTS:
            raise EnoughFaultsError

    def give_up(self, code: str, place: tuple[int, int], message: str, hint: str | None = None) -> None:
        """A fault behind which nothing can be trusted."""
        self.fault(code, place, message, hint)
        raise EnoughFaultsError
