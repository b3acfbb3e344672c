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
from mcpctl.cli.verbs import GROUPS, VERBS
from mcpctl.commands.shells import SHELLS

FOLDER = Path(__file__).parent / "generated"

COMPLETIONS = Path(__file__).parents[2] / "completions"
"""At the top of the source tree, where packagers look for them."""

SCRIPT_NAMES = {"bash": "mcpctl.bash"}
"""Where a name that the shell looks for would not say which shell it is."""

NOTICE = "Written by `python -m mcpctl.cli.generate`: edit the signatures instead."


def files() -> dict[str, str]:
    """Every generated file by its name."""
    described = describe()
    texts = {page_name(words): text for words, text in pages(described).items()}
    texts["table.py"] = _table(described)
    texts["completion.tsv"] = "".join(f"{line}\n" for line in _completion(described))
    return texts


def scripts() -> dict[str, str]:
    """Every file of `completions/` by its name."""
    return {SCRIPT_NAMES.get(name, shell.file): shell.script for name, shell in SHELLS.items()}


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
    for name, text in scripts().items():
        (COMPLETIONS / name).write_text(text, encoding="utf-8")


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
        yield f"{name}\t\t{_follows(each)}\t{each.summary}"
        for parameter in each.options:
            follows = parameter.metavar if parameter.takes_value else ""
            for flag in (*parameter.spellings, *parameter.negations):
                yield f"{name}\t{flag}\t{follows}\t{parameter.help}"
        formats = VERBS[name].load_view().formats if name else ()
        if formats:
            choices = "|".join(VERBS[name].load_view().choices)
            yield f"{name}\t--format\t{choices}\t{_help_of_format(described)}"
    for name, about in GROUPS.items():
        yield f"{name}\t\tVERB\t{about}"


def _follows(verb: Described) -> str:
    """The words of its usage behind its own."""
    return verb.usage.removeprefix("mcpctl").strip().removeprefix(verb.name).strip()


def _help_of_format(described: dict[str, Described]) -> str:
    return next(each.help for each in described[""].options if "--format" in each.spellings)


if __name__ == "__main__":
    main()
