"""The rules, a module for each kind of mistake. A new module is named in `load` or its rules do not exist."""

from __future__ import annotations


def load() -> None:
    """Enter every rule into the table."""
    from mcpctl.lint.rules import (  # noqa: F401 - importing is what enters them
        agents,
        approvals,
        connection,
        containers,
        contradictions,
        credentials,
        environment,
        fields,
        files,
        keys,
        launching,
        limits,
        manifests,
        names,
        network,
        own,
        packages,
        paths,
        refusals,
        roots,
        sets,
        syntax,
        timing,
        transports,
        variables,
        words,
    )
