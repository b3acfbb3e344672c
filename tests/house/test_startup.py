"""What a command line may load before it has work to do: start-up time is a feature, and imports are what it is made of."""

from __future__ import annotations

import subprocess

import pytest

from tests.support import PYTHON, ROOT

NEVER = {"mcp", "mcp_types", "pydantic", "anyio", "watchdog", "prometheus_client"}
FRAMEWORKS = {"typer", "rich", "click"}
PARSERS = {"jsonschema", "jsonschema_rs", "tomlkit", "ruamel"}


def loaded(code: str) -> set[str]:
    """Top-level modules that are there after `code`, besides those Python starts with."""
    script = f"import sys; before = set(sys.modules)\n{code}\nsys.stderr.write(' '.join(set(sys.modules) - before))"
    done = subprocess.run(
        [PYTHON, "-c", script],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
        stdin=subprocess.DEVNULL,
    )
    return {name.split(".")[0] for name in done.stderr.split()} | set(done.stderr.split())


@pytest.mark.parametrize(
    "argv",
    [["--help"], ["-h"], ["--version"], [], ["ls", "--help"], ["config", "show", "-h"], ["help", "ls"]],
)
def test_help_and_version_load_nothing(argv: list[str]) -> None:
    names = loaded(f"sys.argv[1:] = {argv!r}\nfrom mcpctl.__main__ import main\nassert main() == 0")
    assert {name for name in names if "." not in name} == {"mcpctl"}
    assert {name for name in names if name.startswith("mcpctl.")} == {"mcpctl.__main__"}


def test_the_front_loads_no_framework_and_no_protocol() -> None:
    names = loaded("import mcpctl.cli.entry")
    assert names & (NEVER | FRAMEWORKS | PARSERS | {"asyncio", "msgspec"}) == set()


@pytest.mark.parametrize(
    "argv", [["version"], ["version", "--json"], ["ls", "--nope"], ["frobnicate", "--json"]]
)
def test_a_verb_on_a_pipe_loads_no_framework(argv: list[str]) -> None:
    names = loaded(f"sys.argv[1:] = {argv!r}\nfrom mcpctl.__main__ import main\nmain()")
    assert names & (NEVER | FRAMEWORKS | PARSERS | {"asyncio"}) == set()


def test_no_verb_loads_a_framework_before_it_runs() -> None:
    rows = "[(row.load_options(), row.load_command(), row.load_view()) for row in VERBS.values()]"
    names = loaded(f"from mcpctl.cli.verbs import VERBS\n{rows}")
    assert names & (NEVER | FRAMEWORKS | PARSERS) == set()
