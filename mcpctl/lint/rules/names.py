"""Names of servers: what hosts reserve, refuse, cut off or mix up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from mcpctl.lint.entry import Entry
from mcpctl.lint.finding import Finding
from mcpctl.lint.registry import Example, rule
from mcpctl.lint.subject import Subject
from mcpctl.lint.traits import TYPICAL_TOOL
from mcpctl.model.lint import Change, Fix


@rule(
    "MCP118",
    "reserved-name",
    severity="error",
    about=lambda host: bool(host.reserved_names),
    traits=("odd name",),
    bad=Example('{ "command": "files-server" }', server="workspace"),
    good=Example('{ "command": "files-server" }', server="workspace-files"),
)
def reserved_name(entry: Entry, subject: Subject) -> Iterator[Finding]:
    """The host keeps this name for a server of its own.

    Claude Code leaves such an entry out, without a word in the conversation.
    """
    reserved = subject.host.reserved_names
    if entry.name in reserved:
        yield Finding(
            at=entry.path,
            part="key",
            message=f"{subject.host.title} keeps the name `{entry.name}` for itself and leaves this server out",
            hint=f"rename it, such as `my-{entry.name.lower().replace(' ', '-')}`",
        )


@rule(
    "MCP119",
    "server-name-characters",
    severity="warning",
    traits=("odd name",),
    bad=Example('{ "command": "files-server" }', server="my files/v2"),
    good=Example('{ "command": "files-server" }', server="my-files-v2"),
)
def server_name_characters(entry: Entry, subject: Subject) -> Iterator[Finding]:
    """A server's name has characters that hosts do not take.

    The name becomes part of every tool's name, for which providers of models allow letters, digits, `_` and `-`
    only. Hosts replace the rest, refuse the server, or cannot find its tools later. In Gemini CLI `_` separates
    server and tool in policies.
    """
    name = entry.name
    if not name:
        yield Finding(
            at=entry.path,
            part="key",
            severity="error",
            message="a server has an empty name",
            hint="give it a name",
        )
        return
    allowed = _allowed(subject.host.name_pattern)
    if not allowed.fullmatch(name):
        clean = re.sub(r"[^A-Za-z0-9_\-]+", "-", name).strip("-") or "server"
        if not allowed.fullmatch("_"):
            clean = clean.replace("_", "-")
        wrong = next((each for each in name if not allowed.fullmatch(each)), name)
        shown = "a space" if wrong == " " else f"`{wrong}`"
        yield Finding(
            at=entry.name_at,
            part="value" if entry.name_is_value else "key",
            message=f"{shown} in the name `{name}` does not survive in the names of its tools in {subject.host.title}",
            hint=f"call it `{clean}`",
            fix=_rename(entry, clean, subject),
        )


def _rename(entry: Entry, clean: str, subject: Subject) -> Fix | None:
    if entry.name_is_value or any(other.name == clean for other in subject.entries):
        return None
    return Fix(
        title=f"rename to `{clean}`", changes=(Change(kind="rename", at=entry.path, value=clean),), safe=False
    )


@cache
def _allowed(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


@rule(
    "MCP120",
    "tool-names-too-long",
    severity="warning",
    traits=("odd name",),
    bad=Example('{ "command": "files-server" }', server="the-files-of-our-whole-department-in-the-north"),
    good=Example('{ "command": "files-server" }', server="department-files"),
)
def tool_names_too_long(entry: Entry, subject: Subject) -> Iterator[Finding]:
    """The server's name leaves too little room for the names of its tools.

    Hosts join both, such as `mcp__server__tool`, and providers of models take 64 characters at most. Longer names
    are cut, which makes two tools one, or the whole request is refused.
    """
    limit = subject.host.tool_name_limit
    if len(entry.name) + TYPICAL_TOOL + subject.host.tool_name_overhead <= limit:
        return
    room = max(0, limit - len(entry.name) - subject.host.tool_name_overhead)
    yield Finding(
        at=entry.name_at,
        part="value" if entry.name_is_value else "key",
        message=f"`{entry.name}` leaves {room} characters for a tool's name: {subject.host.title} allows {limit} for both",
        hint=f"keep it under {limit - TYPICAL_TOOL - subject.host.tool_name_overhead + 1} characters",
    )


@rule(
    "MCP127",
    "duplicate-server",
    severity="error",
    traits=("listed",),
    scope="file",
    bad=Example(
        "mcpServers:\n  - name: files\n    command: files-server\n  - name: files\n    command: other-server\n",
        host="continue",
        whole=True,
    ),
    good=Example(
        "mcpServers:\n  - name: files\n    command: files-server\n  - name: notes\n    command: other-server\n",
        host="continue",
        whole=True,
    ),
)
def duplicate_server(subject: Subject) -> Iterator[Finding]:
    """Two servers of a list have the same name.

    One of them hides the other, or their tools get mixed up; which one wins differs from host to host.
    """
    seen: dict[str, Entry] = {}
    for entry in subject.entries:
        first = seen.setdefault(entry.name, entry)
        if first is not entry and entry.name_is_value:
            yield Finding(
                at=entry.name_at,
                server=entry.name,
                message=f"a second server is called `{entry.name}`",
                hint="give it another name, or remove one of the two",
            )


@rule(
    "MCP224",
    "hidden-characters",
    severity="warning",
    traits=("not ascii",),
    scope="file",
    bad=Example('{ "command": "files-server", "args": ["--root", "notes\u202e"] }'),
    good=Example('{ "command": "files-server", "args": ["--root", "notes"] }'),
)
def hidden_characters(subject: Subject) -> Iterator[Finding]:
    """The file has characters that nobody can see, or that turn the order of others around.

    With them a command reads differently from what is executed. They come along with text from web pages, or were
    put there on purpose.
    """
    if subject.text.isascii():
        return
    for match in _hidden().finditer(subject.text):
        yield Finding(
            span=match.span(),
            message=f"U+{ord(match.group()):04X} stands here, which nobody can see",
            hint="remove it",
            fix=Fix(
                title="remove it",
                changes=(Change(kind="splice", start=match.start(), end=match.end(), value=""),),
                safe=False,
            ),
        )


@cache
def _hidden() -> re.Pattern[str]:
    """Zero-width and bidirectional controls, soft hyphens, tags; joiners are left out, emoji and scripts need them."""
    return re.compile(
        "[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\u00ad\ufff9-\ufffb\U000e0000-\U000e007f]"
    )
