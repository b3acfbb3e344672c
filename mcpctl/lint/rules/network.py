"""Addresses: what is sent in the open, where to, and whether it is an address at all."""

from __future__ import annotations

from collections.abc import Iterator

from mcpctl.lint.entry import Entry
from mcpctl.lint.finding import Finding
from mcpctl.lint.registry import Example, rule
from mcpctl.lint.subject import Subject
from mcpctl.model.lint import Change, Fix

_METADATA = ("169.254.169.254", "metadata.google.internal", "100.100.100.200", "fd00:ec2::254")
"""Where clouds hand credentials to whoever asks from inside."""


_HERE = frozenset({"localhost", "::1", "0.0.0.0", "host.docker.internal"})  # noqa: S104 - compared, nothing is bound


@rule(
    "MCP203",
    "plain-http",
    severity="warning",
    traits=("url",),
    mentions=("http://", "ws://"),
    bad=Example('{ "type": "http", "url": "http://mcp.example.com/mcp" }'),
    good=Example('{ "type": "http", "url": "https://mcp.example.com/mcp" }'),
)
def plain_http(entry: Entry, subject: Subject) -> Iterator[Finding]:
    """A server beyond this machine is reached without TLS.

    Tokens, arguments and answers can be read and changed by anybody on the way, and changed answers are instructions
    to a language model.
    """
    url = entry.url
    if url is None or not url.lower().startswith(("http://", "ws://")):
        return
    host = host_of(url)
    if is_loopback(host) or not host or "$" in host or "{" in host:
        return
    scheme = url.partition("://")[0]
    local = (
        "." not in host
        or host.endswith((".local", ".internal", ".lan"))
        or host.startswith(("10.", "192.168.", "172."))
    )
    secure = url.replace(scheme, scheme.rstrip("sS") + "s", 1)
    yield Finding(
        at=entry.at("url"),
        within=f"{scheme}://",
        severity="error" if subject.host.tls_required else "info" if local else None,
        message=f"everything to and from `{entry.name}` can be read and changed on its way",
        hint=f"use `{scheme}s://`",
        fix=Fix(
            title=f"use `{scheme}s://`",
            changes=(Change(kind="set", at=entry.at("url"), value=secure),),
            safe=False,
        ),
    )


@rule(
    "MCP221",
    "cloud-metadata",
    severity="error",
    mentions=("169.254.", "metadata.google", "100.100.100.", "fd00:ec2"),
    bad=Example('{ "type": "http", "url": "http://169.254.169.254/latest/meta-data" }'),
    good=Example('{ "type": "http", "url": "https://mcp.example.com/mcp" }'),
)
def cloud_metadata(entry: Entry, subject: Subject) -> Iterator[Finding]:
    """An address is that of a cloud's metadata service, which hands out credentials of the machine.

    No MCP server lives there: such an entry is a mistake, or an attempt to have a model fetch the credentials.
    """
    del subject
    for at, text in entry.texts():
        for address in _METADATA:
            if address in text:
                yield Finding(
                    at=at,
                    within=address,
                    message=f"`{entry.name}` points at the cloud's metadata service, which hands out credentials",
                    hint="remove it",
                )


@rule(
    "MCP132",
    "invalid-url",
    severity="error",
    traits=("odd url",),
    bad=Example('{ "type": "http", "url": "mcp.example.com/mcp" }'),
    good=Example('{ "type": "http", "url": "https://mcp.example.com/mcp" }'),
)
def invalid_url(entry: Entry, subject: Subject) -> Iterator[Finding]:
    """What should be an address is none: no scheme, a scheme that no host speaks, or spaces.

    The connection fails at once, mostly with a message that does not name the reason.
    """
    url = entry.url
    if url is None or not url.strip() or url[0] in "$%{<":
        return
    scheme, mark, rest = url.partition("://")
    problem = None
    if not mark:
        problem = "has no scheme such as `https://`"
    elif scheme.lower() not in subject.host.schemes:
        problem = f"begins with `{scheme}://`, which {subject.host.title} does not speak"
    elif not rest or (rest[0] in "/?#" and scheme.lower() in {"http", "https"}):
        problem = "names no host"
    elif len(url.split()) > 1 or url != url.strip():
        problem = "contains spaces"
    if problem is not None:
        yield Finding(
            at=entry.at("url"),
            message=f"the address of `{entry.name}` {problem}",
            hint="write the whole address, such as `https://mcp.example.com/mcp`",
        )


@rule(
    "MCP137",
    "invalid-header",
    severity="error",
    traits=("odd header",),
    bad=Example(
        '{ "type": "http", "url": "https://mcp.example.com/mcp", "headers": { "Authorization:": "Bearer ${T}" } }'
    ),
    good=Example(
        '{ "type": "http", "url": "https://mcp.example.com/mcp", "headers": { "Authorization": "Bearer ${T}" } }'
    ),
)
def invalid_header(entry: Entry, subject: Subject) -> Iterator[Finding]:
    """A header has a name or a value that HTTP does not allow.

    Most clients throw an error at the first request; some send it, and the server refuses.
    """
    del subject
    for name, value in entry.headers.items():
        plain = name.isascii() and name.replace("-", "").isalnum()
        allowed = plain or (name and all(map(_may_be_in_header, name)))
        if not allowed:
            yield Finding(
                at=entry.header_at(name),
                part="key",
                message=f"`{name}` cannot be the name of a header",
                hint="only letters, digits and `-` belong there; the colon is not part of the name",
            )
        if isinstance(value, str) and ("\n" in value or "\r" in value):
            yield Finding(
                at=entry.header_at(name),
                message=f"the header `{name}` of `{entry.name}` contains a line break",
                hint="remove it, it mostly came along when a token was pasted",
            )


@rule(
    "MCP139",
    "needless-bridge",
    severity="info",
    traits=("npm",),
    mentions=("mcp-remote", "mcp-proxy", "supergateway"),
    bad=Example('{ "command": "npx", "args": ["-y", "mcp-remote@0.1.30", "https://mcp.example.com/mcp"] }'),
    good=Example('{ "type": "http", "url": "https://mcp.example.com/mcp" }'),
)
def needless_bridge(entry: Entry, subject: Subject) -> Iterator[Finding]:
    """A bridge program connects to a remote server that this host could reach by itself.

    It costs a process and a package that sees every token, and hides errors of the connection.
    """
    launch = entry.launch
    if launch is None or launch.package is None or "http" not in subject.host.transports:
        return
    name = launch.package.partition("@")[0] if not launch.package.startswith("@") else launch.package
    if name not in {"mcp-remote", "mcp-remote-client"}:
        return
    index = launch.package_index or 0
    target = next(
        (each for each in launch.args[index + 1 :] if each.startswith(("http://", "https://"))), None
    )
    if target is not None:
        yield Finding(
            at=entry.arg_at(launch.written(index)),
            within=launch.package,
            message=f"{subject.host.title} speaks HTTP itself: `{entry.name}` needs no bridge",
            hint="write the address as `url`",
        )


def _may_be_in_header(character: str) -> bool:
    return character.isascii() and (character.isalnum() or character in "!#$%&'*+-.^_`|~{}")


def host_of(url: str) -> str:
    """The host's name in an address, lower case."""
    authority = url.partition("://")[2].partition("/")[0].partition("?")[0].rpartition("@")[2]
    if authority.startswith("["):
        return authority.partition("]")[0].lstrip("[").lower()
    return authority.partition(":")[0].lower()


def is_loopback(host: str) -> bool:
    return host in _HERE or host.startswith("127.") or host.endswith(".localhost")
