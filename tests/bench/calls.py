"""One cold call from the shell to the shell, against `python -c pass`, the floor beneath it, and other tools."""

from __future__ import annotations

import shlex
import shutil
import sys
from functools import partial
from pathlib import Path

from tests.bench.frame import Row, Samples, interleaved, process, ratio, skipped
from tests.bench.installation import NotInstalledError, scripts

ROUNDS = 15

SERVERS = Path(__file__).parent / "servers"
ECHO = [sys.executable, "-I", "-S", str(SERVERS / "echo.py")]
"""Without `site` it is up before any client is, so that the row shows the client."""

PEERS = {
    "mcporter": ["mcporter", "call", "--stdio", shlex.join(ECHO), "echo", "text=hi"],
    "mcp2cli": ["mcp2cli", "--mcp-stdio", shlex.join(ECHO), "echo", "--text", "hi"],
    "fastmcp": [
        "fastmcp", "call", "--command", shlex.join(ECHO), "--target", "echo", "--input-json", '{"text":"hi"}',
    ],
}  # fmt: skip


def measure() -> list[Row]:
    try:
        python, command = scripts() / "python", scripts() / "mcpctl"
    except NotInstalledError as reason:
        return [skipped("mcpctl call, cold", str(reason))]
    call = [command, "call", "--stdio", shlex.join(ECHO)]
    present = {name: words for name, words in PEERS.items() if shutil.which(words[0])}
    samples = interleaved(
        {
            "pass": partial(process, [python, "-c", "pass"]),
            "the floor: a raw script": partial(process, [python, SERVERS / "raw_call.py", *ECHO]),
            "mcpctl call, cold": partial(process, [*call, "--cold", "echo", "text=hi"]),
            "mcpctl call --json, cold": partial(process, [*call, "--cold", "--json", "echo", "text=hi"]),
            **{name: partial(process, words) for name, words in present.items()},
        },
        rounds=ROUNDS,
    )
    rows = [_row(samples, name) for name in samples if name != "pass"]
    absent = [skipped(name, f"`{name}` is not on PATH") for name in PEERS if name not in present]
    return [*rows, *absent]


def _row(samples: Samples, name: str) -> Row:
    ours = name.startswith("mcpctl")
    return Row(
        name=name,
        value=ratio(samples, name, "pass"),
        reference="python -c pass",
        goal=10 if ours else None,
        limit=15 if ours else None,
        note=f"CPU {ratio(samples, name, 'pass', kind='cpu'):.2f} x",
    )
