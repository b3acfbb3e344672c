"""Shortens JSON text so that it stays JSON: long arrays, strings and at last objects lose their middle or their end.

What is kept is kept to the letter, layout and numbers included; what is left out is counted where it was. Refuses to
drop a key while its value can still be hinted at.
"""

from __future__ import annotations

from mcpctl.policy.truncation.choose import Piece, Selection, fair_share, select
from mcpctl.policy.truncation.literal import literal_end, literal_length, literal_start
from mcpctl.policy.truncation.measure import Measure
from mcpctl.policy.truncation.plain import Shown
from mcpctl.policy.truncation.scan import Scanner
from mcpctl.policy.truncation.utf8 import Text, part_of, shape_of
from mcpctl.policy.truncation.window import Window

DEEPEST = 100
"""Levels that are cut inside. Whatever is deeper stays whole or goes as a whole."""

HINT = '"…"'
"""Stands for a value that has no room at all."""

LONGEST_SAID = 40
"""Characters that are set aside for the marker of an array or object."""

KEYS_FOR_MARKER = 10
"""So many short keys take no more room than a marker."""


def shorten_json(whole: Text, window: Window) -> Shown:
    """`whole` is valid JSON: an object, an array or a string."""
    if window.lines == 0 or window.chars == 0:
        return Shown("", 0, 0)
    text = shape_of(whole)
    shortener = _Shortener(whole, Measure(text, window), window.sides)
    begin, end = shortener.scanner.skip_space(0), _strip_end(text, len(text))
    shortener.value(begin, end, shortener.measure.room, depth=0)
    shown = "".join(shortener.parts)
    if window.chars is not None and len(shown) > window.chars:
        # Two characters are the least that can be JSON of the same kind; less than that cannot be.
        return Shown(f"{text[begin]}{text[end - 1]}" if window.chars >= 2 else "", 0, 0)
    return Shown(shown, shortener.chars, shortener.newlines + 1 if shortener.chars else 0)


class _Shortener:
    def __init__(self, whole: Text, measure: Measure, sides: tuple[int, int]) -> None:
        self.whole = whole
        self.text = shape_of(whole)
        self.measure = measure
        self.sides = sides
        self.scanner = Scanner(self.text)
        self.parts: list[str] = []
        self.chars = 0
        self.newlines = 0

    def value(self, start: int, end: int, room: int, *, depth: int) -> None:
        """Write the value, or as much of it as the room holds."""
        if self.measure.cost(start, end) <= room:
            self._keep(start, end)
        elif self.text[start] == '"':
            self._string(start, end, room)
        elif self.text[start] not in "[{":
            self.parts.append(HINT)
        elif depth >= DEEPEST or not self._container(start, end, room, depth=depth):
            self._collapsed(start, room)

    def _keep(self, start: int, end: int) -> None:
        self.parts.append(part_of(self.whole, start, end))
        self.chars += end - start
        self.newlines += self.text.count("\n", start, end)

    def _string(self, start: int, end: int, room: int) -> None:
        low, high = start + 1, end - 1
        content = self.measure.chars_in(room) - len(f'"… {high - low} more characters …"')
        counted = content >= 0
        if not counted:
            content = self.measure.chars_in(room) - len(HINT)
        if content < 0:
            self.parts.append(HINT)
            return
        head, tail = self.sides
        first = content * head // (head + tail)
        cut = literal_end(self.whole, low, low + first)
        on = literal_start(self.whole, low, max(cut, high - (content - first)), high)
        marker = "…"
        if counted:
            left_out = literal_length(self.text, cut, on)
            marker = f"… {left_out} more character{'s' if left_out != 1 else ''}"
            if on < high:
                marker += " …"
        self._keep(start, cut)
        self.parts.append(marker)
        self._keep(on, end)

    def _container(self, start: int, end: int, room: int, *, depth: int) -> bool:
        """False where not even one member fits."""
        text = self.text
        closing = _strip_end(text, end - 1)
        layout = self.scanner.skip_space(start + 1)
        lead = self.measure.cost(start + 1, layout)
        frame = self.measure.cost_of(2) + self.measure.cost(closing, end - 1)
        reserve = lead + self.measure.cost_of(LONGEST_SAID)
        room -= frame
        selection = self._select(start, room, reserve)
        if not (selection.front or selection.back):
            return False
        if selection.left_out:
            room -= reserve
        self._keep(start, start + 1)
        self._members(selection, room, marker=self._marker(selection, start + 1, layout), depth=depth)
        self._keep(closing, end)
        return True

    def _select(self, start: int, room: int, reserve: int) -> Selection:
        selection = select(self.scanner, self.measure, start, room=room - reserve, sides=self.sides)
        if self.text[start] == "{" and 0 < selection.left_out <= KEYS_FOR_MARKER:
            # Without a marker they may just fit.
            whole = select(self.scanner, self.measure, start, room=room, sides=self.sides)
            return whole if not whole.left_out else selection
        return selection

    def _members(self, selection: Selection, room: int, *, marker: str | None, depth: int) -> None:
        members = [*selection.front, *selection.back]
        costs = [self.measure.cost(member.value, member.end) for member in members]
        share = fair_share(costs, room - sum(self._head_cost(member) for member in members))
        spare = 0
        for place, member in enumerate(members):
            if place == len(selection.front) and marker is not None:
                self._marked(marker, first=place == 0)
            if place > 0 or (marker is not None and not selection.front):
                self.parts.append(",")
                self.chars += 1
            self._keep(member.start, member.value)
            if costs[place] <= share:
                self._keep(member.value, member.end)
                continue
            # What a value that was cut did not need is for the next one.
            written = len(self.parts)
            self.value(member.value, member.end, share + spare, depth=depth + 1)
            spare += share - self._cost_since(written)
        if marker is not None and not selection.back:
            self._marked(marker, first=False)

    def _marked(self, marker: str, *, first: bool) -> None:
        self.parts.append(marker if first else f",{marker}")

    def _cost_since(self, written: int) -> int:
        pieces = self.parts[written:]
        return self.measure.cost_of(sum(map(len, pieces)), sum(piece.count("\n") for piece in pieces))

    def _head_cost(self, member: Piece) -> int:
        return self.measure.cost(member.start, member.value) + self.measure.cost_of(1)

    def _marker(self, selection: Selection, lead: int, layout: int) -> str | None:
        if not selection.left_out:
            return None
        return self.text[lead:layout] + _said(selection.left_out, in_object=self.text[lead - 1] == "{")

    def _collapsed(self, start: int, room: int) -> None:
        """The container with nothing but the number of its members, on one line."""
        in_object = self.text[start] == "{"
        count = sum(batch.members for batch in self.scanner.batches(start))
        said = _said(count, in_object=in_object)
        whole = f"{{{said}}}" if in_object else f"[{said}]"
        self.parts.append(whole if self.measure.cost_of(len(whole)) <= room else HINT)


def _said(count: int, *, in_object: bool) -> str:
    if in_object:
        return f'"…": "{count} more key{"s" if count != 1 else ""}"'
    return f'"… {count} more item{"s" if count != 1 else ""}"'


def _strip_end(text: str, end: int) -> int:
    """Where the white space before `end` begins; there is something else before it."""
    while text[end - 1] in " \t\r\n":
        end -= 1
    return end
