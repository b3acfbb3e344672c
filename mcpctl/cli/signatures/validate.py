"""What can be typed to check configurations, and to read about a rule."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

Host = Annotated[
    str | None, typer.Option(metavar="HOST", help="Take the files for this host's, such as `vscode`.")
]
FailOn = Annotated[
    Literal["error", "warning", "info", "never"] | None,
    typer.Option(metavar="SEVERITY", help="Exit 1 from this severity on: error, warning, info or never."),
]
Select = Annotated[
    list[str] | None, typer.Option(metavar="RULE", help="Ask only these rules, such as `MCP2`.")
]
Ignore = Annotated[
    list[str] | None,
    typer.Option(metavar="RULE", help="Do not ask these, such as `MCP116` or `MCP204:server`."),
]


def validate(
    paths: Annotated[
        list[str] | None, typer.Argument(metavar="PATH", help="Files, folders, or `-` for stdin.")
    ] = None,
    *,
    host: Host = None,
    user: Annotated[
        bool, typer.Option("--user", help="Check what hosts keep for you on this machine.")
    ] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Let warnings fail too.")] = False,
    fail_on: FailOn = None,
    select: Select = None,
    ignore: Ignore = None,
    fix: Annotated[bool, typer.Option("--fix", help="Mend what can be mended without doubt.")] = False,
    unsafe_fixes: Annotated[
        bool,
        typer.Option("--unsafe-fixes", help="With `--fix` or `--diff`: also what somebody should look at."),
    ] = False,
    diff: Annotated[
        bool, typer.Option("--diff", help="Show what `--fix` would change, and change nothing.")
    ] = False,
    baseline: Annotated[
        str | None, typer.Option(metavar="FILE", help="Do not tell what this file knows already.")
    ] = None,
    update_baseline: Annotated[
        bool, typer.Option("--update-baseline", help="Write all findings of today into the baseline.")
    ] = False,
    connect: Annotated[
        bool, typer.Option("--connect", help="Start and reach the servers too, and judge their answers.")
    ] = False,
    target: Annotated[
        Literal["windows"] | None,
        typer.Option(metavar="PLATFORM", help="Also ask whether it works on `windows`."),
    ] = None,
    stdin_name: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="What the text on stdin is called, such as `.mcp.json`."),
    ] = None,
    watch: Annotated[bool, typer.Option("--watch", help="Check again whenever a file is saved.")] = False,
) -> None:
    """Check MCP configurations of any host: syntax, shape, safety, portability.

    Without a path: every configuration that is found here and above. Formats: human, json, concise, jsonl, github,
    sarif, junit.

    Examples:
      mcpctl validate
      mcpctl validate .mcp.json --fix
      mcpctl validate . --format sarif > findings.sarif
    """


def explain(
    rule: Annotated[
        str | None, typer.Argument(metavar="RULE", help="A code or a name; none lists all rules.")
    ] = None,
) -> None:
    """Explain a rule of `validate`: what it means, why, a bad and a good example.

    Examples:
      mcpctl explain MCP110
      mcpctl explain hard-coded-secret
    """
