"""How long the command takes to say the least it can say, installed as a user has it, against `python -c pass`."""

from __future__ import annotations

import subprocess
import sys
from functools import partial

from tests.bench.frame import (
    ROOT,
    Row,
    Samples,
    available,
    environment,
    interleaved,
    process,
    ratio,
    skipped,
)
from tests.bench.installation import NotInstalledError, scripts

ROUNDS = 25

FORBIDDEN = ("mcp", "mcp_types", "pydantic", "rich", "anyio", "jsonschema", "tomlkit", "watchdog")
"""What importing the command line must not load: each costs more than the whole of `--help` may."""

PROBE = """
import sys
import {module}
print(*sorted(set({forbidden!r}) & set(sys.modules)))
"""


def measure() -> list[Row]:
    try:
        python, command = scripts() / "python", scripts() / "mcpctl"
    except NotInstalledError as reason:
        return [skipped("mcpctl --help", str(reason))]
    samples = interleaved(
        {
            "pass": partial(process, [python, "-c", "pass"]),
            "mcpctl --version": partial(process, [command, "--version"]),
            "mcpctl --help": partial(process, [command, "--help"]),
            "python -m mcpctl --version": partial(
                process, [python, "-m", "mcpctl", "--version"], cwd=scripts()
            ),
        },
        rounds=ROUNDS,
    )
    rows = [_row(samples, name) for name in samples if name != "pass"]
    return [*rows, *(_imports(module) for module in ("mcpctl.__main__", "mcpctl.cli") if available(module))]


def _row(samples: Samples, name: str) -> Row:
    installed = name.startswith("mcpctl")
    return Row(
        name=name,
        value=ratio(samples, name, "pass"),
        reference="python -c pass",
        goal=1.2 if installed else None,
        limit=1.7 if installed else None,
        note=f"CPU {ratio(samples, name, 'pass', kind='cpu'):.2f} x",
    )


def _imports(module: str) -> Row:
    probe = PROBE.format(module=module, forbidden=FORBIDDEN)
    found = subprocess.run(
        [sys.executable, "-c", probe], cwd=ROOT, env=environment(), capture_output=True, text=True, check=True
    ).stdout.split()
    return Row(name=f"import {module}", value=len(found), unit="heavy modules", limit=0, note=" ".join(found))
