"""Credentials in files, and variables that change what a program loads."""

from __future__ import annotations

from collections.abc import Iterator

from mcpctl.config.hosts.references import write
from mcpctl.lint.entry import Entry
from mcpctl.lint.finding import Finding
from mcpctl.lint.registry import Example, rule
from mcpctl.lint.secrets import is_secret_key, secret_in_url, secret_under, secrets_in_arguments
from mcpctl.lint.subject import Subject
from mcpctl.lint.traits import INJECTING, STEERING, UNCHECKED_VARIABLES
from mcpctl.model.lint import Change, Fix


@rule(
    "MCP201",
    "hard-coded-secret",
    severity="error",
    traits=("tokens", "secret value", "secret argument", "api_key", "bearer_token", "oauth_client_secret"),
    bad=Example(
        '{ "command": "files-server", "env": { "GITHUB_TOKEN": "ghp_Ab3dEf6hIj9kLmNoPqRsTuVwXyZ0a4C7e1G5" } }'
    ),
    good=Example('{ "command": "files-server", "env": { "GITHUB_TOKEN": "${GITHUB_TOKEN}" } }'),
)
def hard_coded_secret(entry: Entry, subject: Subject) -> Iterator[Finding]:
    """A credential stands in the file in the open.

    Files like this are committed, synchronised, pasted into issues and read by every tool on the machine. Once there,
    a token must be revoked: removing the line does not remove it from the history. The value is never printed here.
    """
    forms, tokens = subject.host.variables, subject.may_hold_tokens
    for name, value in entry.env.items():
        if isinstance(value, str) and (secret := secret_under(name, value, tokens=tokens)):
            fix = _to_variable(entry, name, value, forms)
            yield _secret(entry, entry.env_at(name), secret, f"`{name}`", fix=fix, variable=name, forms=forms)
    for name, value in entry.headers.items():
        if isinstance(value, str) and (secret := secret_under(name, value, tokens=tokens)):
            where = f"the header `{name}`"
            yield _secret(entry, entry.header_at(name), secret, where, variable="TOKEN", forms=forms)
    for index, secret in secrets_in_arguments(entry.args, tokens=tokens):
        if secret_in_url(str(entry.args[index])) is None:
            yield _secret(entry, entry.arg_at(index), secret, "an argument", variable="TOKEN", forms=forms)
    for field in _OPAQUE_FIELDS & entry.names:
        value = entry.get(field)
        if isinstance(value, str) and secret_under(f"{field}_token", value, tokens=tokens):
            where = f"`{entry.key(field)}`"
            yield _secret(entry, entry.at(field), value, where, variable="TOKEN", forms=forms)


_OPAQUE_FIELDS = frozenset({"api_key", "bearer_token", "oauth_client_secret"})


def _secret(
    entry: Entry,
    at: tuple[str | int, ...],
    secret: str,
    where: str,
    *,
    variable: str,
    forms: frozenset[str],
    fix: Fix | None = None,
) -> Finding:
    written = write(variable, None, forms)
    advice = (
        f"write `{written}` and set the variable"
        if written
        else "let the server read it from its own environment"
    )
    return Finding(
        at=at,
        within=secret,
        message=f"{where} of `{entry.name}` holds a credential in the open",
        hint=f"revoke it if this file was ever shared; {advice}",
        fix=fix,
    )


def _to_variable(entry: Entry, name: str, value: str, forms: frozenset[str]) -> Fix | None:
    written = write(name, None, forms)
    if written is None or not is_secret_key(name) or any(mark in value for mark in ("://", " ")):
        return None
    change = Change(kind="set", at=entry.env_at(name), value=written)
    return Fix(title=f"write `{written}`", changes=(change,), safe=False)


def has_loaded_address(subject: Subject) -> bool:
    """Whether any address in the text has room for a credential: before an `@`, or in a query."""
    text = subject.text
    at = text.find("://")
    while at >= 0:
        end = text.find('"', at)
        address = text[at : end if end >= 0 else None]
        if "@" in address or "?" in address or subject.syntax in {"yaml", "json5"}:
            return True
        at = text.find("://", at + 3)
    return False


@rule(
    "MCP202",
    "credentials-in-url",
    severity="error",
    mentions=("://",),
    gate=has_loaded_address,
    bad=Example('{ "type": "http", "url": "https://mcp.example.com/mcp?api_key=8f3kd92jd03kfl29sk" }'),
    good=Example(
        '{ "type": "http", "url": "https://mcp.example.com/mcp", "headers": { "Authorization": "Bearer ${TOKEN}" } }'
    ),
)
def credentials_in_url(entry: Entry, subject: Subject) -> Iterator[Finding]:
    """An address carries a password or a token.

    Addresses end up in the logs of servers, proxies and crash reports, in process lists and in shell histories;
    headers and environment variables mostly do not.
    """
    del subject
    for at, text in entry.texts():
        secret = secret_in_url(text)
        if secret is not None:
            yield Finding(
                at=at,
                within=secret,
                message=f"an address of `{entry.name}` holds a credential in the open",
                hint="send it as a header, or put a variable in its place; revoke it if this file was ever shared",
            )


@rule(
    "MCP207",
    "loader-injection",
    severity="error",
    traits=("loader variable",),
    bad=Example('{ "command": "files-server", "env": { "LD_PRELOAD": "./hook.so" } }'),
    good=Example('{ "command": "files-server" }'),
)
def loader_injection(entry: Entry, subject: Subject) -> Iterator[Finding]:
    """A variable makes the loader run foreign code inside the server and everything that it starts.

    `LD_PRELOAD` and its like are how a harmless-looking entry takes over a program that people trust.
    """
    del subject
    for name in entry.env:
        if name.upper() in INJECTING:
            yield Finding(
                at=entry.env_at(name),
                part="key",
                message=f"`{name}` loads foreign code into `{entry.name}` and everything that it starts",
                hint="remove it",
            )


@rule(
    "MCP208",
    "search-path-override",
    severity="info",
    traits=("loader variable",),
    bad=Example('{ "command": "files-server", "env": { "PYTHONPATH": "./src" } }'),
    good=Example('{ "command": "files-server" }'),
)
def search_path_override(entry: Entry, subject: Subject) -> Iterator[Finding]:
    """A variable changes where the server looks for code: `PATH`, `PYTHONPATH`, `NODE_OPTIONS` and their like.

    Often meant so. It is also how a folder that somebody else can write to gets to say which code runs.
    """
    del subject
    for name in entry.env:
        if name.upper() in STEERING:
            yield Finding(
                at=entry.env_at(name),
                part="key",
                message=f"`{name}` changes where `{entry.name}` finds its code",
                hint="install the package instead, where that is possible",
            )


@rule(
    "MCP220",
    "certificate-check-off",
    severity="warning",
    traits=("unchecked variable", "insecure argument"),
    bad=Example('{ "command": "files-server", "env": { "NODE_TLS_REJECT_UNAUTHORIZED": "0" } }'),
    good=Example('{ "command": "files-server", "env": { "NODE_EXTRA_CA_CERTS": "/etc/ssl/company.pem" } }'),
)
def certificate_check_off(entry: Entry, subject: Subject) -> Iterator[Finding]:
    """The check of TLS certificates is switched off.

    Anybody on the way can then read and change what the server says and hears, its credentials included.
    """
    del subject
    for name, value in entry.env.items():
        if str(value).lower() in UNCHECKED_VARIABLES.get(name.upper(), ()):
            yield Finding(
                at=entry.env_at(name),
                message=f"`{name}` switches the check of certificates off for `{entry.name}`",
                hint="name the certificate of your own authority instead, such as with `NODE_EXTRA_CA_CERTS`",
            )
    for index, argument in enumerate(entry.args):
        if argument in ("--insecure", "--no-check-certificate"):
            yield Finding(
                at=entry.arg_at(index),
                message=f"`{argument}` switches the check of certificates off for `{entry.name}`",
                hint="remove it",
            )


def runs_commands(subject: Subject) -> bool:
    helped = any("headers_helper" in entry.names for entry in subject.entries)
    return helped or "command" in subject.forms


@rule(
    "MCP223",
    "executed-value",
    severity="warning",
    gate=runs_commands,
    bad=Example('{ "type": "http", "url": "https://mcp.example.com/mcp", "headersHelper": "./headers.sh" }'),
    good=Example(
        '{ "type": "http", "url": "https://mcp.example.com/mcp", "headers": { "Authorization": "Bearer ${TOKEN}" } }'
    ),
)
def executed_value(entry: Entry, subject: Subject) -> Iterator[Finding]:
    """A value is the output of a program that the host runs: `headersHelper`, `${cmd: …}`.

    Opening the folder is enough to run it. In a file that others can change, read it as you would read a script.
    """
    if entry.has("headers_helper"):
        yield Finding(
            at=entry.at("headers_helper"),
            message=f"{subject.host.title} runs this program whenever it connects to `{entry.name}`",
            hint="use `headers` with a variable, where the token does not change all the time",
        )
    for at, text in entry.texts():
        for mark in ("${cmd:", "${command:"):
            if mark in text:
                yield Finding(
                    at=at,
                    within=mark,
                    message=f"a value of `{entry.name}` is the output of a command",
                    hint="use a variable of the environment",
                )
