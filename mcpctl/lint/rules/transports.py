"""How a server is reached, as this host sees it: by its words, its defaults, and what it does when both are there."""

from __future__ import annotations

from collections.abc import Iterator

from mcpctl.lint.entry import Entry
from mcpctl.lint.finding import Finding
from mcpctl.lint.registry import Example, rule
from mcpctl.lint.rules.faults import lost
from mcpctl.lint.subject import Subject
from mcpctl.model.lint import Change, Fix

_MEANT = {
    "http": "http", "streamable-http": "http", "streamablehttp": "http", "streamable_http": "http", "remote": "http",
    "https": "http", "streamable": "http", "http-stream": "http", "url": "http", "sse": "sse", "http+sse": "sse",
    "server-sent-events": "sse", "stdio": "stdio", "local": "stdio", "command": "stdio", "process": "stdio",
    "ws": "ws", "websocket": "ws",
}  # fmt: skip
"""What people mean by the words that some host or other uses."""


@rule(
    "MCP110",
    "remote-without-type",
    severity="error",
    traits=("untyped",),
    about=lambda host: host.takes_remote and host.url_alone in {"broken", "error"},
    bad=Example('{ "url": "https://docs.example.com/mcp" }', server="docs"),
    good=Example('{ "type": "http", "url": "https://docs.example.com/mcp" }', server="docs"),
)
def remote_without_type(entry: Entry, subject: Subject) -> Iterator[Finding]:
    """A remote server does not say its transport, and this host does not guess.

    Claude Code takes it for a process without a command and leaves it out; Roo Code shows an error. Other hosts
    guess, each in its own way: HTTP in VS Code and Cursor, SSE in Cline and Gemini CLI.
    """
    if entry.word is not None or entry.has("type") or entry.command is not None or entry.url is None:
        return
    host = subject.host
    path = entry.url.partition("?")[0].rstrip("/")
    meant = "sse" if path.endswith("/sse") and "sse" in host.transports else "http"
    if entry.url.startswith(("ws://", "wss://")) and "ws" in host.transports:
        meant = "ws"
    words: dict[str, str] = {kind: said for said, kind in reversed(host.type_words)}
    word = words.get(meant, words["http"])
    key = entry.key("type")
    result = "will skip" if host.bad_entry == "skipped" else "cannot use"
    reason = (
        f'no "{key}", so {host.title} treats this as a stdio server and finds no "{entry.key("command")}"'
        if host.url_alone == "broken"
        else f'no "{key}", and {host.title} does not guess'
    )
    yield Finding(
        at=entry.at("url"),
        part="key",
        message=f'{host.title} {result} `{entry.name}`: remote server without "{key}"',
        label=reason,
        hint=f'add `"{key}": "{word}"`',
        fix=Fix(
            title=f'add `"{key}": "{word}"`', changes=(Change(kind="set", at=entry.at("type"), value=word),)
        ),
    )


@rule(
    "MCP111",
    "unknown-transport",
    severity="error",
    traits=("odd word",),
    bad=Example('{ "type": "streamableHttp", "url": "https://mcp.example.com/mcp" }'),
    good=Example('{ "type": "http", "url": "https://mcp.example.com/mcp" }'),
)
def unknown_transport(entry: Entry, subject: Subject) -> Iterator[Finding]:
    """The transport is named by a word that this host does not know.

    The same transport is `http` in Claude Code and VS Code, `streamable-http` in Roo Code and Continue,
    `streamableHttp` in Cline, `streamable_http` in Goose and `remote` in OpenCode.
    """
    host, word = subject.host, entry.word
    known = dict(host.type_words)
    if word is None or not known or word[1] in known or not host.confident:
        return
    field, said = word
    if field in subject.layout.fields and said in subject.layout.fields[field].choices:
        return  # a server that the host brings along, or a transport that it has given up
    meant = _MEANT.get(said.lower())
    better = next((each for each, kind in host.type_words if kind == meant), None)
    words = ", ".join(f"`{each}`" for each in known)
    change = Change(kind="set", at=entry.at(field), value=better)
    yield Finding(
        at=entry.at(field),
        message=f"{host.title} knows no transport `{said}`: {lost(entry, subject)}",
        hint=f"write `{better}`" if better else f"write one of {words}",
        fix=Fix(title=f"write `{better}`", changes=(change,)) if better else None,
    )


@rule(
    "MCP112",
    "transport-not-supported",
    severity="error",
    traits=("url", "type", "type_alias", "transport_word"),
    gate=lambda subject: not {"stdio", "http", "sse"} <= set(subject.host.transports),
    bad=Example('{ "type": "http", "url": "https://mcp.example.com/mcp" }', host="claude-desktop"),
    good=Example(
        '{ "command": "npx", "args": ["-y", "mcp-remote@0.1.30", "https://mcp.example.com/mcp"] }',
        host="claude-desktop",
    ),
)
def transport_not_supported(entry: Entry, subject: Subject) -> Iterator[Finding]:
    """The host cannot reach servers in this way.

    Claude Desktop starts processes only and takes remote servers through its own settings; Codex and Goose speak
    streamable HTTP, not the older SSE; proxies such as mcp-proxy and MCPgateway start processes only.
    """
    host = subject.host
    word = entry.word
    meant = _MEANT.get(word[1].lower()) if word else None
    if entry.url is not None and entry.command is None and not host.takes_remote:
        yield Finding(
            at=entry.at("url"),
            part="key",
            message=f"{host.title} starts processes only: {lost(entry, subject)}",
            hint="use a bridge such as `npx -y mcp-remote URL`"
            + (f", or add it {host.remote_elsewhere}" if host.remote_elsewhere else ""),
        )
    elif meant == "sse" and "sse" not in host.transports and word is not None:
        yield Finding(
            at=entry.at(word[0]),
            message=f"{host.title} does not speak SSE: {lost(entry, subject)}",
            hint="use the server's streamable HTTP address, mostly `/mcp` instead of `/sse`",
        )
    elif entry.url is not None and "sse" not in host.transports and _ends_in_sse(entry.url):
        yield Finding(
            at=entry.at("url"),
            within="/sse",
            severity="warning",
            message=f"{host.title} does not speak SSE, and this looks like an SSE address",
            hint="use the server's streamable HTTP address, mostly `/mcp` instead of `/sse`",
        )


@rule(
    "MCP106",
    "command-and-url",
    severity="warning",
    traits=("both",),
    bad=Example('{ "command": "files-server", "url": "https://mcp.example.com/mcp" }'),
    good=Example('{ "type": "http", "url": "https://mcp.example.com/mcp" }'),
)
def command_and_url(entry: Entry, subject: Subject) -> Iterator[Finding]:
    """A server has both a command and an address.

    VS Code, Cursor and Zed start the process, Gemini CLI takes the address, Claude Code goes by `type`, Roo Code and
    Codex refuse. None of them says which one it took.
    """
    if entry.command is None or entry.url is None:
        return
    host = subject.host
    word = entry.word
    kind = dict(host.type_words).get(word[1]) if word else None
    if host.both == "error":
        lost = "the whole file" if host.bad_entry == "file refused" else f"`{entry.name}`"
        message = f"{host.title} refuses {lost}: a server has a command or an address, not both"
    elif host.both == "type":
        taken = "the command" if kind in {None, "stdio"} else "the address"
        message = f"{host.title} uses {taken} of `{entry.name}` and ignores the other"
    else:
        taken = "starts the command" if host.both == "stdio" else "uses the address"
        message = f"{host.title} {taken} of `{entry.name}`; other hosts do the opposite"
    yield Finding(
        at=entry.at("url"),
        part="key",
        severity="error" if host.both == "error" else None,
        message=message,
        hint="keep the one that is meant",
    )


@rule(
    "MCP128",
    "implied-sse",
    severity="warning",
    traits=("untyped",),
    about=lambda host: host.url_alone == "sse",
    bad=Example('{ "url": "https://mcp.example.com/mcp" }', host="cline"),
    good=Example('{ "type": "streamableHttp", "url": "https://mcp.example.com/mcp" }', host="cline"),
)
def implied_sse(entry: Entry, subject: Subject) -> Iterator[Finding]:
    """An address without a transport means SSE in this host, which most servers have given up.

    In Cline and Gemini CLI `url` alone is the older SSE transport. A server that only speaks streamable HTTP answers
    with an error that does not name the reason.
    """
    host = subject.host
    if entry.word is not None or entry.has("type") or entry.command is not None:
        return
    if entry.url is None or _ends_in_sse(entry.url):
        return
    if host.tells_by_key:
        better = entry.key("url")
        if entry.url_name != "sse_url" or better in entry.raw:
            return
        hint, change = f"call the key `{better}`", Change(kind="rename", at=entry.at("url"), value=better)
    else:
        word = next(said for said, kind in host.type_words if kind == "http")
        hint = f'add `"{entry.key("type")}": "{word}"`'
        change = Change(kind="set", at=entry.at("type"), value=word)
    yield Finding(
        at=entry.at("url"),
        part="key",
        message=f"{host.title} takes `{entry.name}` for an SSE server, because nothing says otherwise",
        hint=hint,
        fix=Fix(title=hint, changes=(change,), safe=False),
    )


@rule(
    "MCP133",
    "sse-transport",
    severity="info",
    traits=("url",),
    mentions=("sse",),
    bad=Example('{ "type": "sse", "url": "https://mcp.example.com/sse" }'),
    good=Example('{ "type": "http", "url": "https://mcp.example.com/mcp" }'),
)
def sse_transport(entry: Entry, subject: Subject) -> Iterator[Finding]:
    """The server is reached over SSE, which the protocol replaced in March 2025.

    New servers do not offer it, and Codex and Goose do not speak it any more.
    """
    if entry.url is None or entry.command is not None or "sse" not in subject.host.transports:
        return
    word = entry.word
    if word is not None and word[1].lower() == "sse":
        at, within = entry.at(word[0]), None
    elif word is None and _ends_in_sse(entry.url):
        at, within = entry.at("url"), "/sse"
    else:
        return
    yield Finding(
        at=at,
        within=within,
        message=f"`{entry.name}` uses SSE, which streamable HTTP replaced in March 2025",
        hint="ask for its streamable HTTP address, mostly `/mcp`",
    )


def _ends_in_sse(url: str) -> bool:
    return url.partition("?")[0].rstrip("/").lower().endswith("/sse")
