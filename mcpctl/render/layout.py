"""Blocks become lines: plain on a pipe, coloured and fitted to its width on a terminal.

Every text passes through `Cleaner` here, so that no view can forget to make it safe.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from mcpctl.render.blocks import (
    Block,
    Cell,
    Code,
    Fields,
    Flow,
    Line,
    Prose,
    Screenful,
    Table,
    Verbatim,
    Words,
)
from mcpctl.render.safe import Cleaner
from mcpctl.render.screen import Screen
from mcpctl.render.width import columns_of, elide, pad, share, wrapped

GAP = "  "

HOME, CLEAR_LINE, CLEAR_BELOW = "\x1b[H", "\x1b[K", "\x1b[J"
"""Drawing over what is there flickers less than clearing it first."""

PIECE = 1 << 20
"""Characters of a long text that are encoded at a time."""

LEAST = 6
"""A name cut shorter than this says nothing; below it a table is shown as records."""

READABLE = 20
"""A column of prose that is narrower than this is hard to read; below it a table is shown as records."""


def laid_out(blocks: Iterable[Block], screen: Screen, clean: Cleaner) -> Iterator[bytes]:
    """One chunk a block, so that a long answer starts to show before it is complete."""
    for block in blocks:
        if isinstance(block, Verbatim):
            yield from _verbatim(block.data, screen, clean)
        elif isinstance(block, Screenful):
            yield screen.encode(_screenful(block, screen, clean))
        else:
            yield screen.encode("".join(f"{line}\n" for line in _lines(block, screen, clean)))


def _verbatim(data: bytes | str, screen: Screen, clean: Cleaner) -> Iterator[bytes]:
    """Cleaned as a whole, since a secret may stand anywhere; encoded a piece at a time, since it may be huge."""
    if isinstance(data, bytes):
        yield from clean.verbatim(data, terminal=screen.terminal)
        return
    text = clean.text(data) if screen.terminal else clean.secrets(data)
    for start in range(0, len(text), PIECE):
        yield text[start : start + PIECE].encode("utf-8", "replace")


def _lines(block: Block, screen: Screen, clean: Cleaner) -> Iterable[str]:
    match block:
        case str():
            return [clean.line(block)]
        case Line(parts) | Flow(parts):
            return _parts([_cell(part, clean) for part in parts], screen, breaks=isinstance(block, Flow))
        case Table():
            return _table(block, screen, clean)
        case Fields():
            return _fields(block, screen, clean)
        case Prose():
            return _prose(block, screen, clean)
        case Code():
            return _code(block, screen, clean)
    raise TypeError(f"{type(block).__name__} is no block")


def _screenful(screenful: Screenful, screen: Screen, clean: Cleaner) -> str:
    lines = [line for block in screenful.blocks for line in _lines(block, screen, clean)]
    if not screen.terminal:
        return "".join(f"{line}\n" for line in lines)
    return HOME + "".join(f"{line}{CLEAR_LINE}\r\n" for line in lines) + CLEAR_BELOW


def _parts(cells: Sequence[Cell], screen: Screen, *, breaks: bool) -> Iterator[str]:
    lines: Iterable[Sequence[Cell]] = [cells]
    if breaks and screen.width is not None and sum(columns_of(cell.text) for cell in cells) > screen.width:
        from mcpctl.render.flow import flowed

        lines = flowed(cells, screen.width)
    for line in lines:
        yield "".join(screen.paint(cell.text, cell.style) for cell in line)


def _table(table: Table, screen: Screen, clean: Cleaner) -> Iterable[str]:
    rows = [[_cell(words, clean) for words in row] for row in table.rows]
    natural = [
        max(columns_of(title), *(columns_of(row[index].text) for row in rows), 1)
        for index, title in enumerate(table.columns)
    ]
    if screen.width is None:
        return _grid(table.columns, rows, natural, screen)
    available = screen.width - len(GAP) * (len(natural) - 1)
    if table.prose and sum(natural) > available:
        room = available - sum(natural[:-1])
        if room < READABLE:
            return _readable_records(table.columns, rows, screen)
        return _grid(table.columns, list(_broken(rows, room)), [*natural[:-1], room], screen)
    widths = share(natural, available=available, least=LEAST)
    if widths is None:
        return _records(table.columns, rows, screen)
    return _grid(table.columns, rows, widths, screen)


def _cell(words: Words, clean: Cleaner) -> Cell:
    return Cell(clean.line(words.text), words.style) if isinstance(words, Cell) else Cell(clean.line(words))


def _grid(
    titles: Sequence[str], rows: Sequence[Sequence[Cell]], widths: list[int], screen: Screen
) -> Iterator[str]:
    for row in [[Cell(title, "dim") for title in titles], *rows]:
        cells = [
            screen.paint(pad(elide(cell.text, width), width), cell.style)
            for cell, width in zip(row[:-1], widths[:-1], strict=True)
        ]
        last = row[-1]
        yield GAP.join([*cells, screen.paint(elide(last.text, widths[-1]), last.style)]).rstrip()


def _records(titles: Sequence[str], rows: Sequence[Sequence[Cell]], screen: Screen) -> Iterator[str]:
    """For terminals too narrow for a table."""
    for index, row in enumerate(rows):
        if index:
            yield ""
        for title, cell in zip(titles, row, strict=True):
            yield f"{screen.paint(title, 'dim')} {screen.paint(elide(cell.text, screen.room(title)), cell.style)}"


def _broken(rows: Iterable[Sequence[Cell]], room: int) -> Iterator[Sequence[Cell]]:
    """Rows whose last column takes as many lines as it needs."""
    for *others, last in rows:
        first, *rest = wrapped(last.text, room)
        yield [*others, Cell(first, last.style)]
        yield from ([*(Cell("") for _ in others), Cell(line, last.style)] for line in rest)


def _readable_records(titles: Sequence[str], rows: Sequence[Sequence[Cell]], screen: Screen) -> Iterator[str]:
    for index, row in enumerate(rows):
        if index:
            yield ""
        for title, cell in zip(titles, row, strict=True):
            cells = [Cell(title, "dim"), *([Cell(" "), cell] if cell.text else ())]
            yield from _parts(cells, screen, breaks=True)


def _fields(fields: Fields, screen: Screen, clean: Cleaner) -> Iterator[str]:
    widest = max((columns_of(label) for label, _ in fields.rows), default=0)
    for label, words in fields.rows:
        cells = (Cell(pad(label, widest), "dim"), Cell(GAP), _cell(words, clean))
        for line in _parts(cells, screen, breaks=True):
            yield line.rstrip()


def _prose(prose: Prose, screen: Screen, clean: Cleaner) -> Iterable[str]:
    text = clean.text(prose.text)
    if screen.width is None:
        return text.splitlines()
    if prose.markdown and screen.colour:
        from mcpctl.render.formatted import markdown

        return markdown(text, screen.width)
    import textwrap

    width = max(screen.width, 1)
    return [part for line in text.splitlines() for part in textwrap.wrap(line, width) or [""]]


def _code(code: Code, screen: Screen, clean: Cleaner) -> Iterable[str]:
    text = clean.text(code.text)
    if not screen.colour or screen.width is None or code.language == "text":
        return text.splitlines()
    from mcpctl.render.formatted import highlighted

    return highlighted(text, code.language, screen.width)
