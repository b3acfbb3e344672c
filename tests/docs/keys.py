"""The table of keys in the README, made from the schema."""

from __future__ import annotations

from mcpctl.cli.references import keys

BEGIN, END = "<!-- begin keys -->\n", "<!-- end keys -->\n"


def with_keys(text: str) -> str:
    """The document with its table as the schema has it now; one without the marks stays as it is."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    return f"{before}{begin}{table()}{end}{after}" if end else text


def table() -> str:
    rows = [f"| `{key}` | {_cell(kind)} | {_cell(meaning)} |" for key, kind, meaning in keys("server")]
    return "\n".join(["| key of a server | holds | meaning |", "|---|---|---|", *rows, ""])


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
