"""Writes the help pages: one for each verb, one for each group of verbs, and the one of mcpctl itself. Plain ASCII."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import mcpctl
from mcpctl.cli.describe import Described, Parameter
from mcpctl.cli.verbs import GROUPS, HEADINGS

TOPICS = Path(mcpctl.__file__).parent / "help"
"""Pages that are written by hand. The first line of each is `Title: what it tells`."""

WIDTH = 80
"""Columns of a page: what every terminal has."""

WIDEST = 30
"""Columns that the left side may take before its text starts on a line of its own."""

EXAMPLES = "Examples:"
"""What follows it in a docstring stands at the end of the page."""

EXIT_CODES = (
    ("0", "yes"),
    ("1", "the answer is no: the tool said so, a check failed, a threshold was missed"),
    ("2", "usage: words, options, unknown tool, arguments the schema refuses"),
    ("3", "configuration, unknown server included"),
    ("4", "the server could not be started or reached"),
    ("5", "it answered, but not valid MCP"),
    ("6", "a deadline ran out"),
    ("7", "authentication needed or refused"),
    ("70", "a bug in mcpctl"),
    ("74", "the answer could not be written"),
    ("130", "interrupted"),
)

Row = tuple[str, str]


def pages(described: dict[str, Described]) -> dict[str, str]:
    """By words; the page of mcpctl itself by the empty name."""
    texts = {name: _verb(each) for name, each in described.items() if name}
    texts |= {group: _group(group, described) for group in GROUPS}
    texts[""] = _root(described)
    return {name: "\n".join(line.rstrip() for line in lines) + "\n" for name, lines in texts.items()}


def topics() -> list[Row]:
    """By name, with what each tells."""
    titles = {page.stem: page.read_text(encoding="utf-8").partition("\n")[0] for page in TOPICS.glob("*.txt")}
    return [(name, title.partition(": ")[2]) for name, title in sorted(titles.items())]


def _verb(verb: Described) -> list[str]:
    tail = " [OPTION...]" if verb.options else ""
    about, examples, shown = verb.body.partition(EXAMPLES)
    sections = [
        [verb.summary],
        _wrapped(about),
        [f"Usage: {verb.usage}{tail}"],
        _section("Arguments", [(each.metavar, each.help) for each in verb.arguments if each.help]),
        *_options(verb.options),
        (examples + shown).splitlines(),
        [f"`mcpctl help {verb.name}` tells more."] if (TOPICS / f"{verb.name}.txt").exists() else [],
        ["`mcpctl --help` lists the options that every verb takes."],
    ]
    return _joined(sections)


def _wrapped(text: str) -> list[str]:
    """Paragraphs are filled; what is indented stays as it is."""
    lines: list[str] = []
    for paragraph in filter(None, text.strip("\n").split("\n\n")):
        lines += [""] if lines else []
        lines += paragraph.splitlines() if paragraph.startswith(" ") else textwrap.wrap(paragraph, WIDTH)
    return lines


def _group(group: str, described: dict[str, Described]) -> list[str]:
    verbs = [each for each in described.values() if each.name.startswith(f"{group} ")]
    rows = [(each.name.removeprefix(f"{group} "), each.summary) for each in verbs]
    return _joined(
        [
            [GROUPS[group]],
            [f"Usage: mcpctl {group} VERB ..."],
            _section("Verbs", rows),
            [f"`mcpctl {group} VERB --help` explains one."],
        ]
    )


def _root(described: dict[str, Described]) -> list[str]:
    root = described[""]
    by_heading = {
        heading: [each for each in described.values() if each.heading == heading] for heading in HEADINGS
    }
    sections = [
        _section(heading, [(each.name, each.summary) for each in verbs])
        for heading, verbs in by_heading.items()
    ]
    return _joined(
        [
            [f"mcpctl: {root.summary[0].lower()}{root.summary[1:]}"],
            ["Usage: mcpctl [OPTION...] VERB ..."],
            *sections,
            _section("Options of every verb, before it or after it", map(_option, root.options)),
            _section("Exit codes", EXIT_CODES),
            _section("Topics of `mcpctl help TOPIC`", topics()),
            ["`mcpctl VERB --help` explains one verb. Try `mcpctl call demo echo text=hello`."],
        ]
    )


def _options(options: Sequence[Parameter]) -> Iterator[list[str]]:
    """Under their titles, with one margin for all."""
    titles = dict.fromkeys(["", *(each.title for each in options)])
    left = _margin(map(_option, options))
    for title in titles:
        yield _section(title or "Options", [_option(each) for each in options if each.title == title], left)


def _option(option: Parameter) -> Row:
    flags = sorted((*option.spellings, *option.negations), key=len)
    left = (
        ", ".join(flags)
        if flags[0].startswith("-") and not flags[0].startswith("--")
        else "    " + ", ".join(flags)
    )
    if option.takes_value:
        left += f" {option.metavar}"
    return left, option.help + (" Repeatable." if option.many else "")


def _section(title: str, rows: Iterable[Row], left: int | None = None) -> list[str]:
    rows = list(rows)
    if not rows:
        return []
    left = _margin(rows) if left is None else left
    return [f"{title}:", *(line for row in rows for line in _row(row, left))]


def _margin(rows: Iterable[Row]) -> int:
    return max((len(label) for label, _ in rows if len(label) <= WIDEST), default=0)


def _row(row: Row, left: int) -> Iterator[str]:
    label, text = row
    lines = textwrap.wrap(text, WIDTH - left - 4) or [""]
    if len(label) > left:
        yield f"  {label}"
    else:
        yield f"  {label:<{left}}  {lines.pop(0)}"
    for line in lines:
        yield f"  {'':<{left}}  {line}"


def _joined(sections: Iterable[list[str]]) -> list[str]:
    lines: list[str] = []
    for section in filter(None, sections):
        lines += ["", *section] if lines else section
    return lines
