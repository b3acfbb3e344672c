"""`python -m mcpctl.cli.generate`: from the Typer app, everything that is served before a framework could load.

Help pages, the parse table, and the table that completion reads. A test holds the files against the living app.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mcpctl.cli.describe import Described, describe
from mcpctl.cli.grammar import Grammar
from mcpctl.cli.helptext import TOPICS, pages
from mcpctl.cli.references import references

FOLDER = Path(__file__).parent / "generated"

NOTICE = "Written by `python -m mcpctl.cli.generate`: edit the signatures instead."


def files() -> dict[str, str]:
    """Every generated file by its name."""
    described = describe()
    texts = {page_name(words): text for words, text in pages(described).items()}
    texts["table.py"] = _table(described)
    texts["completion.tsv"] = "".join(f"{line}\n" for line in _completion(described))
    return texts


def page_name(words: str) -> str:
    """`config show` is in `config-show.txt`, and mcpctl itself in `mcpctl.txt`."""
    return (words or "mcpctl").replace(" ", "-") + ".txt"


def main() -> None:
    for name, text in references().items():
        (TOPICS / name).write_text(text, encoding="utf-8")
    texts = files()
    for stale in FOLDER.glob("*.t*"):
        if stale.name not in texts:
            stale.unlink()
    for name, text in texts.items():
        (FOLDER / name).write_text(text, encoding="utf-8")


def _table(described: dict[str, Described]) -> str:
    lines = [
        f'"""{NOTICE}"""',
        "from mcpctl.cli.grammar import Argument as A, Grammar as G, Option as O",
        "",
        "GRAMMARS: dict[str, G | None] = {",
    ]
    for name, each in described.items():
        lines.append(f"    {name!r}: {_source(each.grammar)},")
    return "\n".join([*lines, "}", ""])


def _source(grammar: Grammar | None) -> str:
    if grammar is None:
        return "None"
    options = ", ".join(f"{flag!r}: O{tuple(option)!r}" for flag, option in grammar.options.items())
    arguments = "".join(f"A{tuple(argument)!r}, " for argument in grammar.arguments)
    return f"G({{{options}}}, ({arguments.rstrip()}))"


def _completion(described: dict[str, Described]) -> Iterator[str]:
    """One line a word: the verb it belongs to, the word, what follows it, and its help."""
    for name, each in described.items():
        yield f"{name}\t\t\t{each.summary}"
        for parameter in each.options:
            follows = parameter.metavar if parameter.takes_value else ""
            for flag in (*parameter.spellings, *parameter.negations):
                yield f"{name}\t{flag}\t{follows}\t{parameter.help}"


if __name__ == "__main__":
    main()
