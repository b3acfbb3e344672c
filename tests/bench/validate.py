"""How much `validate` costs: one file, a thousand, one of 50 MB; against `python -c pass` and check-jsonschema."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from tests.bench.frame import ROOT, Row, environment, interleaved, process, ratio, skipped
from tests.bench.installation import NotInstalledError, scripts

FILES = 1000
SERVERS = 10
ROUNDS = 7

LARGE = 50_000_000
"""Bytes of the largest file."""

WITNESS = """
import os, sys
told = os.dup(1)
os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
child = os.spawnv(os.P_NOWAIT, sys.argv[1], sys.argv[1:])
os.write(told, b"%d" % os.wait4(child, 0)[2].ru_maxrss)
"""

RIVAL = ROOT / "build" / "check-jsonschema"
"""An environment of its own for check-jsonschema: its dependencies are not ours."""


def measure() -> list[Row]:
    try:
        python, command = scripts() / "python", scripts() / "mcpctl"
    except NotInstalledError as reason:
        return [skipped("mcpctl validate", str(reason))]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = _write_files(folder)
        return [
            _one(python, command, files[0]),
            *_thousand(command, folder, files),
            _memory(command, folder, files[0]),
            *_large(command, folder),
        ]


def _one(python: Path, command: Path, file: Path) -> Row:
    samples = interleaved(
        {
            "pass": partial(process, [python, "-c", "pass"]),
            "validate": partial(process, [command, "validate", file]),
        },
        rounds=25,
    )
    return Row(
        name=f"mcpctl validate, {SERVERS} servers",
        value=ratio(samples, "validate", "pass"),
        reference="python -c pass",
        goal=4,
        limit=9,
        note=f"CPU {ratio(samples, 'validate', 'pass', kind='cpu'):.2f} x",
    )


def _thousand(command: Path, folder: Path, files: Sequence[Path]) -> list[Row]:
    name = f"{FILES} files of {SERVERS} servers, files a second"
    rival = _rival()
    if rival is None:
        return [skipped(name, "check-jsonschema cannot be installed here")]
    schema = folder / "schema.json"
    shown = subprocess.run(
        [command, "config", "schema", "--host", "claude-code"],
        capture_output=True,
        check=True,
        env=environment(),
    )
    schema.write_bytes(shown.stdout)
    copies = []
    for number in range(FILES):
        copy = folder / "copies" / str(number) / ".mcp.json"
        copy.parent.mkdir(parents=True)
        copy.write_bytes(files[0].read_bytes())
        copies.append(copy)
    return [
        _against(rival, command, schema, files, name=f"{name}, all different"),
        _against(rival, command, schema, copies, name=f"{name}, copies"),
    ]


def _against(rival: Path, command: Path, schema: Path, files: Sequence[Path], *, name: str) -> Row:
    samples = interleaved(
        {
            "rival": partial(process, [rival, "--schemafile", schema, *files]),
            "validate": partial(process, [command, "validate", *files]),
        },
        rounds=ROUNDS,
    )
    return Row(
        name=name,
        value=ratio(samples, "rival", "validate"),
        reference="check-jsonschema, same schema",
        limit=5,
        better="more",
        note=f"CPU {ratio(samples, 'rival', 'validate', kind='cpu'):.2f} x",
    )


def _memory(command: Path, folder: Path, file: Path) -> Row:
    one, many = _peak([command, "validate", file]), _peak([command, "validate", folder])
    return Row(
        name=f"memory, {FILES} files",
        value=many / one,
        reference="one file",
        goal=1.2,
        limit=1.5,
        note=f"{many >> 20} MiB",
    )


def _large(command: Path, folder: Path) -> list[Row]:
    rows = []
    for kind, text in (("without a fault", _large_text()), ("with a fault at its end", _large_text()[:-2])):
        file = folder / "large.mcp.json"
        file.write_text(text)
        cost = process([command, "validate", file, "--fail-on", "never"])
        peak = _peak([command, "validate", file])
        rows.append(
            Row(
                name=f"{LARGE // 10**6} MB {kind}",
                value=cost.wall,
                unit="s",
                goal=10,
                note=f"{peak >> 20} MiB, {peak / LARGE:.1f} bytes a byte",
            )
        )
    return rows


def _write_files(folder: Path) -> list[Path]:
    files = []
    for number in range(FILES):
        file = folder / f"project-{number}" / ".mcp.json"
        file.parent.mkdir()
        file.write_text(json.dumps({"mcpServers": _servers(number, SERVERS)}, indent=2))
        files.append(file)
    return files


def _servers(seed: int, count: int) -> dict[str, object]:
    """Two processes to each remote server, as in public files; nothing of it is worth a finding."""
    servers: dict[str, object] = {}
    for index in range(count):
        if index % 3 == 2:
            servers[f"remote-{index}"] = {
                "type": "http",
                "url": f"https://mcp-{seed}-{index}.example.com/mcp",
                "headers": {"Authorization": f"Bearer ${{TOKEN_{index}}}"},
            }
        else:
            servers[f"local-{index}"] = {
                "command": "npx",
                "args": ["-y", f"@acme/server-{index}@1.{seed}.{index}", "--root", "${PROJECT_ROOT:-.}"],
                "env": {"API_KEY": "${API_KEY}", "MODE": "fast"},
            }
    return servers


def _large_text() -> str:
    one = len(json.dumps(_servers(0, 100), indent=2)) / 100
    return json.dumps({"mcpServers": _servers(7, int(LARGE / one * 0.97))}, indent=2)


def _peak(command: Sequence[Path | str]) -> int:
    """The most memory that a process had, in bytes. A small process starts it, for whoever does counts until then."""
    witness = [sys.executable, "-I", "-S", "-c", WITNESS, *map(str, command)]
    done = subprocess.run(
        witness, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True
    )
    return int(done.stdout) * (1 if sys.platform == "darwin" else 1024)


def _rival() -> Path | None:
    program = RIVAL / "bin" / "check-jsonschema"
    if not program.exists():
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        made = subprocess.run([sys.executable, "-m", "venv", str(RIVAL)], check=False, **quiet)  # type: ignore[call-overload]
        pip = [str(RIVAL / "bin" / "python"), "-m", "pip", "install", "check-jsonschema"]
        if made.returncode != 0 or subprocess.run(pip, check=False, **quiet).returncode != 0:  # type: ignore[call-overload]
            return None
        subprocess.run(
            [str(RIVAL / "bin" / "python"), "-m", "compileall", "-q", str(RIVAL)], check=False, **quiet
        )  # type: ignore[call-overload]
    return program if program.exists() else None
