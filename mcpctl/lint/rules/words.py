"""Faults inside words of the text: quotes, escapes, numbers, characters, and what is too much."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mcpctl.lint.registry import Example, rule
from mcpctl.lint.rules.syntax import GOOD, splice
from mcpctl.lint.subject import Subject
from mcpctl.model.lint import Fix

if TYPE_CHECKING:
    from mcpctl.config.documents.document import SyntaxFault


@rule(
    "MCP010",
    "bad-escape",
    severity="error",
    scope="syntax",
    bad=Example(r'{ "mcpServers": { "files": { "command": "C:\Program Files\files.exe" } } }', whole=True),
    good=Example(r'{ "mcpServers": { "files": { "command": "C:\\Program Files\\files.exe" } } }', whole=True),
)
def bad_escape(fault: SyntaxFault, subject: Subject) -> Fix | None:
    r"""A backslash starts an escape sequence that does not exist: mostly a path of Windows.

    A backslash is written twice. Where the letter behind it happens to be one of `\n`, `\t`, `\b`, the file parses
    and the path is wrong.
    """
    start = fault.span.offset_start
    if subject.text[start : start + 1] != "\\":
        return None
    return splice(r"write `\\`", start, start + 1, r"\\", safe=False)


@rule(
    "MCP011",
    "not-quoted",
    severity="error",
    scope="syntax",
    bad=Example("{ 'mcpServers': {} }", whole=True),
    good=GOOD,
)
def not_quoted(fault: SyntaxFault, subject: Subject) -> Fix | None:
    """A key or a text does not stand in straight double quotes.

    Single and curly quotes come from other languages and from word processors; JSON knows only `"`.
    """
    start, end = fault.span.offset_start, fault.span.offset_end
    written = subject.text[start:end]
    if fault.code == "quotes" and len(written) >= 2 and '"' not in written[1:-1] and "\\" not in written:
        return splice('write `"`', start, end, f'"{written[1:-1]}"')
    return None


@rule(
    "MCP012",
    "extra-content",
    severity="error",
    scope="syntax",
    bad=Example('{ "mcpServers": {} }\n{ "mcpServers": {} }', whole=True),
    good=GOOD,
)
def extra_content(fault: SyntaxFault, subject: Subject) -> Fix | None:
    """Something follows the end of the document, often a second one that was pasted below.

    Hosts refuse the file; merge the two by hand.
    """
    del fault, subject
    return None


@rule(
    "MCP013",
    "too-much",
    severity="error",
    scope="syntax",
    bad=Example("[" * 300, whole=True),
    good=GOOD,
)
def too_much(fault: SyntaxFault, subject: Subject) -> Fix | None:
    """The file is nested too deeply, or larger than any configuration.

    Nothing that a person wrote looks like this, and parsers of some hosts die of it.
    """
    del fault, subject
    return None


@rule(
    "MCP014",
    "half-a-character",
    severity="error",
    scope="syntax",
    bad=Example(r'{ "mcpServers": { "files": { "command": "\ud83d" } } }', whole=True),
    good=GOOD,
)
def half_a_character(fault: SyntaxFault, subject: Subject) -> Fix | None:
    r"""A text has one half of a surrogate pair, such as `\ud83d` alone, which is no character.

    It cannot be written to a pipe, a file or a header; some hosts replace it, some fail later.
    """
    del fault, subject
    return None


@rule(
    "MCP015",
    "not-a-number",
    severity="error",
    scope="syntax",
    bad=Example('{ "mcpServers": { "files": { "command": "files-server", "timeout": NaN } } }', whole=True),
    good=GOOD,
)
def not_a_number(fault: SyntaxFault, subject: Subject) -> Fix | None:
    """A number is written in a way that JSON does not have, or is larger than any number.

    `NaN`, `Infinity`, `+1`, `0x10`, `1.` and leading zeros are JavaScript, not JSON.
    """
    del fault, subject
    return None


@rule(
    "MCP016",
    "extra-comma",
    severity="error",
    scope="syntax",
    bad=Example('{ "mcpServers": {},, "x": 1 }', whole=True),
    good=GOOD,
)
def extra_comma(fault: SyntaxFault, subject: Subject) -> Fix | None:
    """There is a comma too many.

    Left behind by something that was deleted.
    """
    del subject
    return splice("remove the comma", fault.span.offset_start, fault.span.offset_end, "")


@rule(
    "MCP017",
    "odd-character",
    severity="error",
    scope="syntax",
    bad=Example('{\u00a0"mcpServers": {} }', whole=True),
    good=GOOD,
)
def odd_character(fault: SyntaxFault, subject: Subject) -> Fix | None:
    """A character stands where JSON does not allow it: a non-breaking space, a tab or a line end inside a text.

    It came along with text from a web page or a chat, and looks like a plain space.
    """
    del subject
    if fault.code != "odd_space":
        return None
    return splice("write a plain space", fault.span.offset_start, fault.span.offset_end, " ")
