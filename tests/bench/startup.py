"""How long the command takes to say the least it can say, installed as a user has it, against `python -c pass`."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

from tests.bench.frame import (
    ROOT,
    Row,
    Samples,
    available,
    compile_everything,
    environment,
    interleaved,
    process,
    ratio,
    skipped,
)

ROUNDS = 25

FORBIDDEN = ("mcp", "mcp_types", "pydantic", "rich", "anyio", "jsonschema", "tomlkit", "watchdog")
"""What importing the command line must not load: each costs more than the whole of `--help` may."""

PROBE = """
import sys
import {module}
print(*sorted(set({forbidden!r}) & set(sys.modules)))
"""


def measure() -> list[Row]:
    if not available("mcpctl.__main__"):
        return [skipped("mcpctl --help", "there is no command line yet")]
    with tempfile.TemporaryDirectory(prefix="mcpctl-bench-") as folder:
        scripts = _installed(Path(folder)) / "bin"
        compile_everything()
        compile_everything(str(scripts / "python"))
        samples = _timed(scripts)
    rows = [_row(samples, name) for name in samples if name != "pass"]
    return [*rows, *(_imports(module) for module in ("mcpctl.__main__", "mcpctl.cli") if available(module))]


def _timed(scripts: Path) -> Samples:
    python, command = scripts / "python", scripts / "mcpctl"
    candidates = {
        "pass": partial(process, [python, "-c", "pass"]),
        "mcpctl --version": partial(process, [command, "--version"]),
        "mcpctl --help": partial(process, [command, "--help"]),
        "python -m mcpctl --version": partial(process, [python, "-m", "mcpctl", "--version"], cwd=scripts),
    }
    if not command.exists():
        del candidates["mcpctl --version"], candidates["mcpctl --help"]
    return interleaved(candidates, rounds=ROUNDS)


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
    return Row(
        name=f"import {module}",
        value=len(found),
        unit="heavy modules",
        limit=0,
        note=" ".join(found),
    )


def _installed(folder: Path) -> Path:
    """A wheel of this tree in a fresh environment, which borrows the dependencies of this one."""
    wheels, home = folder / "wheels", folder / "venv"
    _quietly([sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", wheels, ROOT])
    _quietly([sys.executable, "-m", "venv", "--without-pip", home])
    (wheel,) = wheels.glob("*.whl")
    pip = [sys.executable, "-m", "pip", "--python", home / "bin" / "python"]
    _quietly([*pip, "install", "--quiet", "--no-deps", "--no-index", wheel])
    _borrow(home)
    return home


def _borrow(home: Path) -> None:
    (packages,) = home.glob("lib/python*/site-packages")
    here = [entry for entry in sys.path if entry.endswith("site-packages")]
    (packages / "borrowed.pth").write_text("\n".join(here) + "\n")


def _quietly(command: list[str | Path]) -> None:
    words = [str(word) for word in command]
    done = subprocess.run(words, env=environment(), capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
