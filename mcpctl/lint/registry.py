"""The table of all rules: a code that never changes, how bad it is, when to ask, and the page that explains it.

A rule is one function. Its docstring is its page: the first line says what, the rest says why. Its examples are
executed by the tests, so that no page can promise what the rule does not do.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from mcpctl.config.hosts.facts import HostFacts
from mcpctl.model.lint import Platform, Severity
from mcpctl.model.value import NamedTuple

Scope = Literal["syntax", "file", "server", "set", "environment", "connect"]
"""What a rule looks at: a fault of syntax, one file, one server of it, several files, this machine, a live server."""


class Example(NamedTuple):
    """A configuration that a page shows and a test runs.

    `text` is one server's entry, put under the host's root key, or a `whole` file.
    """

    text: str
    host: str = "claude-code"
    whole: bool = False
    server: str = "files"
    also: tuple[tuple[str, str], ...] = ()
    """Further files beside it: name and text."""
    target: Platform | None = None
    mode: int | None = None
    """Permission bits of the file."""
    name: str | None = None
    """What the file is called, where that matters."""


class Rule(NamedTuple):
    code: str
    name: str
    severity: Severity
    scope: Scope
    since: str
    check: Callable[..., Any]
    traits: tuple[str, ...]
    """Asked only about what has one of these: a field by mcpctl's name, or a trait; see `traits`."""
    also: tuple[str, ...]
    """And one of these."""
    gate: Callable[[Any], bool] | None
    """Asked only about files of which this is true."""
    mentions: tuple[str, ...]
    """Asked only where the file's text, in lower case, has one of these."""
    about: Callable[[HostFacts], bool] | None
    """Asked only about files of hosts of which this is true."""
    bad: Example
    good: Example

    @property
    def hosts(self) -> tuple[str, ...]:
        """The hosts that it is about; none where it is about all."""
        from mcpctl.config.hosts.table import rows

        return tuple(host.id for host in rows().values() if self.about(host)) if self.about else ()

    @property
    def summary(self) -> str:
        return (self.check.__doc__ or self.name).strip().partition("\n")[0].strip()

    @property
    def page(self) -> str:
        """Why the rule exists, as prose."""
        _, _, rest = (self.check.__doc__ or "").strip().partition("\n")
        return "\n".join(line.strip() for line in rest.strip().splitlines())


_RULES: dict[str, Rule] = {}

Check = Callable[..., Any]


def rule(
    code: str,
    name: str,
    *,
    severity: Severity,
    bad: Example,
    good: Example,
    scope: Scope = "server",
    since: str = "0.1.0",
    traits: tuple[str, ...] = (),
    also: tuple[str, ...] = (),
    gate: Callable[[Any], bool] | None = None,
    mentions: tuple[str, ...] = (),
    about: Callable[[HostFacts], bool] | None = None,
) -> Callable[[Check], Check]:
    """Enter a function into the table."""

    def enter(check: Check) -> Check:
        _RULES[code] = Rule(
            code=code,
            name=name,
            severity=severity,
            scope=scope,
            since=since,
            check=check,
            traits=traits,
            also=also,
            gate=gate,
            mentions=mentions,
            about=about,
            bad=bad,
            good=good,
        )
        return check

    return enter


def entered() -> dict[str, Rule]:
    """The rules whose modules were loaded so far; `catalogue.all_rules` loads them all."""
    return _RULES


def is_selected(code: str, name: str, selector: str) -> bool:
    """Whether words such as `MCP2`, `MCP204`, `ALL` or `hard-coded-secret` mean a rule."""
    upper = selector.upper()
    return upper == "ALL" or code.startswith(upper) or name == selector.lower()
