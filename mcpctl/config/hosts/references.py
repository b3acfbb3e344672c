"""Variables inside texts, in every notation that hosts have: found, told apart, and written in another's notation.

Nothing is looked up and nothing is executed here: `${cmd: …}` is only ever a text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Literal

from mcpctl.model.value import NamedTuple

Form = Literal[
    "braces",
    "braces-default",
    "env-colon",
    "input",
    "folder",
    "command",
    "keyring",
    "config",
    "bare",
    "percent",
    "dollar-env",
    "opencode-env",
    "opencode-file",
    "continue",
    "plugin",
    "bundle",
    "template",
]
"""How it is written: `${X}`, `${X:-d}`, `${env:X}`, `${input:x}`, `${workspaceFolder}`, `${cmd: x}`, `${keyring:a/b}`,
`${config:x}`, `$X`, `%X%`, `$env:X`, `{env:X}`, `{file:x}`, `${{ secrets.X }}`, `${CLAUDE_PLUGIN_ROOT}`,
`${__dirname}`, `{x}`."""

FOLDERS = frozenset(
    {
        "workspaceFolder",
        "workspaceRoot",
        "workspaceFolderBasename",
        "userHome",
        "pathSeparator",
        "/",
        "cwd",
        "file",
    }
)
_PLUGIN = frozenset(
    {"CLAUDE_PLUGIN_ROOT", "CLAUDE_PLUGIN_DATA", "PLUGIN_ROOT", "PLUGIN_DATA", "CLAUDE_PROJECT_DIR"}
)
_BUNDLE = frozenset({"__dirname", "DESKTOP", "DOCUMENTS", "DOWNLOADS"})

_ANY = (
    r"\$\{\{\s*(?P<continue>[\w.]+)\s*\}\}"
    r"|\$\{(?P<braces>[^{}\n]*)\}"
    r"|\$env:(?P<dollar>[A-Za-z_]\w*)"
    r"|\$(?P<bare>[A-Za-z_]\w*)"
    r"|(?<![$\w{])\{(?P<opencode>env|file):(?P<what>[^{}\n]*)\}"
    r"|(?<![\w%])%(?P<percent>[A-Za-z_][\w()]*)%"
)


class Reference(NamedTuple):
    form: Form
    name: str
    text: str
    """As it is written."""
    start: int
    end: int
    default: str | None = None

    @property
    def is_environment(self) -> bool:
        """Whether it stands for an environment variable."""
        return self.form in {
            "braces", "braces-default", "env-colon", "bare", "percent", "dollar-env", "opencode-env",
        } or (self.form == "continue" and self.name.startswith("secrets."))  # fmt: skip

    @property
    def variable(self) -> str:
        """The name of the environment variable."""
        return self.name.removeprefix("secrets.").removeprefix("inputs.")


@cache
def _pattern() -> re.Pattern[str]:
    return re.compile(_ANY)


def references(text: str) -> Iterator[Reference]:
    """Every variable that some host would see in a text."""
    if "$" not in text and "{" not in text and "%" not in text:
        return
    for match in _pattern().finditer(text):
        kind = match.lastgroup or ""
        if kind == "braces":
            yield _braced(match)
            continue
        form, group = _FORMS[kind] if kind in _FORMS else _opencode(match)
        yield _reference(match, form, match.group(group))


def forms_in(text: str) -> Iterator[Form]:
    """The notations with a `$` that a text uses: quicker than looking at each reference."""
    at = text.find("$")
    while at >= 0:
        end = text.find("}", at)
        inside = text[at + 2 : end] if end >= 0 and text.startswith("{", at + 1) else "{"
        if "{" not in inside and "\n" not in inside:  # what nearly all are, told without a pattern
            yield _form_of(inside)
            at = text.find("$", end)
            continue
        match = _pattern().match(text, at)
        if match is not None:
            kind = match.lastgroup or ""
            yield _form_of(match.group("braces")) if kind == "braces" else _FORMS[kind][0]
        at = text.find("$", at + 1 if match is None else match.end())


def _form_of(inside: str) -> Form:
    if ":-" in inside:
        return "braces-default"
    prefix, mark, _ = inside.partition(":")
    return _PREFIXED[prefix] if mark and prefix in _PREFIXED else _plain_form(inside, prefix)


def _opencode(match: re.Match[str]) -> tuple[Form, str]:
    return ("opencode-env" if match.group("opencode") == "env" else "opencode-file"), "what"


def _reference(match: re.Match[str], form: Form, name: str, default: str | None = None) -> Reference:
    return Reference(
        form=form, name=name, default=default, text=match.group(), start=match.start(), end=match.end()
    )


def _braced(match: re.Match[str]) -> Reference:
    inside = match.group("braces")
    name, mark, default = inside.partition(":-")
    if mark:
        return _reference(match, "braces-default", name.removeprefix("env:"), default)
    prefix, mark, rest = inside.partition(":")
    if mark and prefix in _PREFIXED:
        return _reference(match, _PREFIXED[prefix], rest.strip())
    return _reference(match, _plain_form(inside, prefix), inside)


def _plain_form(inside: str, prefix: str) -> Form:
    if inside in FOLDERS or prefix in FOLDERS:
        return "folder"
    if inside in _PLUGIN:
        return "plugin"
    if inside.startswith("user_config.") or inside in _BUNDLE:
        return "bundle"
    return "braces"


_FORMS: dict[str, tuple[Form, str]] = {
    "continue": ("continue", "continue"),
    "dollar": ("dollar-env", "dollar"),
    "bare": ("bare", "bare"),
    "percent": ("percent", "percent"),
}
"""For each named group that is a notation of its own: what it is called, and where the name stands."""

_PREFIXED: dict[str, Form] = {
    "env": "env-colon",
    "input": "input",
    "cmd": "command",
    "command": "command",
    "keyring": "keyring",
    "config": "config",
}

_WRITTEN = {
    "braces": "${%s}",
    "env-colon": "${env:%s}",
    "opencode-env": "{env:%s}",
    "continue": "${{ secrets.%s }}",
    "bare": "$%s",
    "dollar-env": "$env:%s",
    "percent": "%%%s%%",
}


def write(name: str, default: str | None, forms: frozenset[str]) -> str | None:
    """A variable of the environment in the best of the notations that a host expands; nothing where there is none."""
    if default is not None and "braces-default" in forms:
        return f"${{{name}:-{default}}}"
    for form in ("braces", "env-colon", "opencode-env", "continue", "bare"):
        if form in forms:
            return _WRITTEN[form] % name
    return None
