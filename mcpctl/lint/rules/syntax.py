"""Faults of the text itself. The parser finds and words them; here they get a code, a page and, where sure, a fix."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mcpctl.lint.registry import Example, rule
from mcpctl.lint.subject import Subject
from mcpctl.model.lint import Change, Fix

if TYPE_CHECKING:
    from mcpctl.config.documents.document import SyntaxFault

FAULTS = {
    "missing_comma": "MCP002",
    "comment": "MCP003",
    "trailing_comma": "MCP004",
    "duplicate_key": "MCP005",
    "duplicate_table": "MCP005",
    "bom": "MCP006",
    "empty": "MCP007",
    "encoding": "MCP008",
    "unclosed": "MCP009",
    "unclosed_string": "MCP009",
    "unclosed_comment": "MCP009",
    "bad_escape": "MCP010",
    "unquoted": "MCP011",
    "quotes": "MCP011",
    "extra_data": "MCP012",
    "too_deep": "MCP013",
    "too_large": "MCP013",
    "lone_surrogate": "MCP014",
    "not_finite": "MCP015",
    "number_range": "MCP015",
    "number_form": "MCP015",
    "extra_comma": "MCP016",
    "odd_space": "MCP017",
    "control_character": "MCP017",
}
"""The rule for each kind of fault; every other kind is `MCP001`."""

BEFORE_THE_TEXT = -1
"""Where a byte order mark stands: the text that offsets count in has none."""

GOOD = Example('{ "mcpServers": { "files": { "command": "files-server" } } }', whole=True)


def splice(title: str, start: int, end: int, value: str, *, safe: bool = True) -> Fix:
    return Fix(title=title, changes=(Change(kind="splice", start=start, end=end, value=value),), safe=safe)


@rule(
    "MCP001",
    "invalid-syntax",
    severity="error",
    scope="syntax",
    bad=Example('{ "mcpServers": { "files": { "command": } } }', whole=True),
    good=GOOD,
)
def invalid_syntax(fault: SyntaxFault, subject: Subject) -> Fix | None:
    """The text is not what its ending says: JSON, TOML or YAML.

    Hosts give up at the first such place, mostly without saying where. The rest of the file is still checked here.
    """
    del fault, subject
    return None


@rule(
    "MCP002",
    "missing-comma",
    severity="error",
    scope="syntax",
    bad=Example('{ "mcpServers": { "files": { "command": "files-server" "args": [] } } }', whole=True),
    good=GOOD,
)
def missing_comma(fault: SyntaxFault, subject: Subject) -> Fix | None:
    """There is no comma between two values.

    It belongs behind the first of them, often a line above the place that other tools point at.
    """
    del subject
    at = fault.span.offset_start
    return splice("add the comma", at, at, ",")


@rule(
    "MCP003",
    "comment-not-allowed",
    severity="error",
    scope="syntax",
    bad=Example('{\n  // our servers\n  "mcpServers": {}\n}', whole=True),
    good=Example('{\n  // our servers\n  "servers": {}\n}', host="vscode", whole=True),
)
def comment_not_allowed(fault: SyntaxFault, subject: Subject) -> Fix | None:
    """A comment stands in a file that its host reads as strict JSON.

    The host refuses the whole file. VS Code, Zed, OpenCode, mcporter and Gemini CLI allow comments; Claude Code,
    Claude Desktop and Roo Code do not.
    """
    text, start, end = subject.text, fault.span.offset_start, fault.span.offset_end
    if text[start] == "#":
        newline = text.find("\n", start)
        end = len(text) if newline < 0 else newline
    line = text.rfind("\n", 0, start) + 1
    rest = text[end:].partition("\n")[0]
    if not text[line:start].strip() and not rest.strip() and "\n" in text[end:]:
        return splice("remove the comment", line, end + len(rest) + 1, "")
    blanks = len(text[line:start]) - len(text[line:start].rstrip())
    return splice("remove the comment", start - blanks, end, "")


@rule(
    "MCP004",
    "trailing-comma",
    severity="error",
    scope="syntax",
    bad=Example('{ "mcpServers": { "files": { "command": "files-server", } } }', whole=True),
    good=GOOD,
)
def trailing_comma(fault: SyntaxFault, subject: Subject) -> Fix | None:
    """A comma stands behind the last value, in a file that its host reads as strict JSON.

    The host refuses the whole file. VS Code and others that read JSON with comments allow it.
    """
    del subject
    return splice("remove the comma", fault.span.offset_start, fault.span.offset_end, "")


@rule(
    "MCP005",
    "duplicate-key",
    severity="error",
    scope="syntax",
    bad=Example('{ "mcpServers": { "files": { "command": "a" }, "files": { "command": "b" } } }', whole=True),
    good=GOOD,
)
def duplicate_key(fault: SyntaxFault, subject: Subject) -> Fix | None:
    """A key stands twice in the same object.

    In JSON the later one wins in silence and the first server never starts; TOML refuses the file.
    """
    del fault, subject
    return None


@rule(
    "MCP006",
    "byte-order-mark",
    severity="error",
    scope="syntax",
    bad=Example('\ufeff{ "mcpServers": {} }', whole=True),
    good=GOOD,
)
def byte_order_mark(fault: SyntaxFault, subject: Subject) -> Fix | None:
    """The file begins with a byte order mark, which strict JSON parsers refuse.

    Notepad and PowerShell write it, and no editor shows it.
    """
    del fault, subject
    return splice("remove the mark", BEFORE_THE_TEXT, 0, "")


@rule("MCP007", "empty-file", severity="error", scope="syntax", bad=Example("", whole=True), good=GOOD)
def empty_file(fault: SyntaxFault, subject: Subject) -> Fix | None:
    """The file is empty, or everything in it is commented out.

    An empty file is no JSON; hosts report an unexpected end.
    """
    del fault, subject
    return None


@rule(
    "MCP008",
    "not-utf8",
    severity="error",
    scope="syntax",
    bad=Example('{ "mcpServers": {} }\udcff', whole=True),
    good=GOOD,
)
def not_utf8(fault: SyntaxFault, subject: Subject) -> Fix | None:
    """The file is not UTF-8: it is binary, UTF-16, or in an old code page.

    PowerShell's `>` writes UTF-16. No host reads that.
    """
    del fault, subject
    return None


@rule(
    "MCP009",
    "never-closed",
    severity="error",
    scope="syntax",
    bad=Example('{ "mcpServers": { "files": { "command": "files-server" } }', whole=True),
    good=GOOD,
)
def never_closed(fault: SyntaxFault, subject: Subject) -> Fix | None:
    """A bracket, a quote or a comment is opened and never closed.

    What is pointed at is where it was opened; other tools point at the end of the file.
    """
    del fault, subject
    return None
