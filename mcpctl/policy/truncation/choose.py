"""Which members of an array or object are shown, and how much room each of them gets.

Members come from the beginning, the end or both, as the window says. Memory is bounded by what can be shown: members
that are only counted are passed in batches, and short ones are shown in batches.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from mcpctl.model.value import NamedTuple
from mcpctl.policy.truncation.measure import Measure
from mcpctl.policy.truncation.scan import Batch, Member, Scanner

MOST_PIECES = 20_000
"""From each side. Nobody looks at more, and each of them costs memory."""

ITEMS_WORTH = 8
"""A long item may take this part of the room before it is cut: so at least so many items are seen."""

LEAST_ITEM = (120, 3)
"""Characters and lines that an item gets before others are dropped for it: less says nothing."""

LEAST_VALUE = 3
"""Characters for a value of an object, enough for `"…"`: keys say more than values."""


class Piece(NamedTuple):
    """One member, or several short items in a row: then `value` is empty and all of them stand before it."""

    start: int
    value: int
    end: int
    members: int


class Selection(NamedTuple):
    front: list[Piece]
    back: list[Piece]
    left_out: int


def select(scanner: Scanner, measure: Measure, start: int, *, room: int, sides: tuple[int, int]) -> Selection:
    head, tail = sides
    front_room = room * head // (head + tail)
    chooser = _Chooser(scanner, measure, room, in_object=scanner.text[start] == "{")
    first = _First(chooser, front_room)
    last = _Last(chooser, room - front_room)
    total = 0
    for batch in scanner.batches(start):
        total += batch.members
        if not first.add(batch) and tail > 0:
            last.add(batch)
    back = last.taken(behind=first.taken[-1].end if first.taken else start)
    shown = sum(piece.members for piece in first.taken) + sum(piece.members for piece in back)
    return Selection(first.taken, back, total - shown)


def fair_share(costs: Sequence[int], room: int) -> int:
    """The room for each such that small ones are whole and large ones share what is left evenly."""
    waiting = len(costs)
    for cost in sorted(costs):
        share = max(room, 0) // waiting
        if cost > share:
            return share
        room -= cost
        waiting -= 1
    return max(costs, default=0)


class _Chooser:
    """Weighs members: what it takes to show each of them at all."""

    def __init__(self, scanner: Scanner, measure: Measure, room: int, *, in_object: bool) -> None:
        self._scanner = scanner
        self._measure = measure
        self._in_object = in_object
        self._least = (
            measure.cost_of(LEAST_VALUE)
            if in_object
            else max(measure.cost_of(*LEAST_ITEM), room // ITEMS_WORTH)
        )

    def pieces(self, batch: Batch) -> list[Piece]:
        """Items that are short even together need not be told apart; pairs always are, each key counts."""
        if (
            batch.members > 1
            and not self._in_object
            and self._measure.cost(batch.start, batch.end) <= self._least
        ):
            return [Piece(batch.start, batch.end - 1, batch.end - 1, batch.members)]
        return [self._piece(member) for member in self._scanner.members(batch, in_object=self._in_object)]

    def weight(self, piece: Piece) -> int:
        value = min(self._measure.cost(piece.value, piece.end), self._least)
        return self._measure.cost(piece.start, piece.value) + self._measure.cost_of(1) + value

    def least_weight(self, batch: Batch) -> int:
        """What all members of a batch weigh at least."""
        each = batch.members * self._measure.cost_of(1)
        return max(each, min(self._measure.cost(batch.start, batch.end), self._least))

    @staticmethod
    def _piece(member: Member) -> Piece:
        return Piece(member.start, member.value, member.end, 1)


class _First:
    """Pieces from the beginning while there is room."""

    def __init__(self, chooser: _Chooser, room: int) -> None:
        self._chooser = chooser
        self._room = room
        self._full = room <= 0
        self.taken: list[Piece] = []

    def add(self, batch: Batch) -> bool:
        """False where not all of it was taken."""
        if self._full:
            return False
        for piece in self._chooser.pieces(batch):
            self._room -= self._chooser.weight(piece)
            if self._room < 0 or len(self.taken) >= MOST_PIECES:
                self._full = True
                return False
            self.taken.append(piece)
        return True


class _Last:
    """The batches at the end that may be shown; those before them are forgotten."""

    def __init__(self, chooser: _Chooser, room: int) -> None:
        self._chooser = chooser
        self._room = room
        self._batches: deque[tuple[Batch, int]] = deque()
        self._weight = 0

    def add(self, batch: Batch) -> None:
        weight = self._chooser.least_weight(batch)
        self._batches.append((batch, weight))
        self._weight += weight
        while len(self._batches) > 1 and (
            self._weight - self._batches[0][1] > self._room or len(self._batches) > MOST_PIECES
        ):
            self._weight -= self._batches.popleft()[1]

    def taken(self, *, behind: int) -> list[Piece]:
        """Pieces from the end while there is room, none of which stands before `behind`."""
        taken: list[Piece] = []
        room = self._room
        while self._batches:
            for piece in reversed(self._chooser.pieces(self._batches.pop()[0])):
                room -= self._chooser.weight(piece)
                if piece.start < behind or room < 0 or len(taken) >= MOST_PIECES:
                    return taken[::-1]
                taken.append(piece)
        return taken[::-1]
