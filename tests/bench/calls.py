"""One cold call from the shell to the shell, against `python -c pass`, the floor beneath it, and other tools."""

from __future__ import annotations

import shlex
import sys
from functools import partial
from pathlib import Path

from tests.bench.frame import Row, Samples, interleaved, process, ratio, skipped
from tests.bench.installation import NotInstalledError, scripts
from tests.bench.peers import PEERS, calls, search_path

ROUNDS = 15

SERVERS = Path(__file__).parent / "servers"
COMPLETION = "mcpctl --complete, an argument"

ECHO = [sys.executable, "-I", "-S", str(SERVERS / "echo.py")]
"""Without `site` it is up before any client is, so that the row shows the client."""


def measure() -> list[Row]:
    try:
        python, command = scripts() / "python", scripts() / "mcpctl"
    except NotInstalledError as reason:
        return [skipped("mcpctl call, cold", str(reason))]
    call = [command, "call", "--stdio", shlex.join(ECHO)]
    peers = calls(ECHO, "echo", "hi")
    asked = [command, "--complete", "bash", "mcpctl call demo echo ", "=:@"]
    process([command, "tools", "demo"])  # so that completion has something to offer
    samples = interleaved(
        {
            "pass": partial(process, [python, "-c", "pass"]),
            "the floor: a raw script": partial(process, [python, SERVERS / "raw_call.py", *ECHO]),
            "mcpctl call, cold": partial(process, [*call, "--cold", "echo", "text=hi"]),
            "mcpctl call --json, cold": partial(process, [*call, "--cold", "--json", "echo", "text=hi"]),
            COMPLETION: partial(process, asked),
            **{name: partial(process, words, path=search_path()) for name, words in peers.items()},
        },
        rounds=ROUNDS,
    )
    rows = [_row(samples, name) for name in samples if name != "pass"]
    return [
        *rows,
        *(
            skipped(name, "not installed: `python -m tests.bench.peers`")
            for name in PEERS
            if name not in peers
        ),
    ]


def _row(samples: Samples, name: str) -> Row:
    goal, limit = (6, 6) if name == COMPLETION else (10, 15) if name.startswith("mcpctl") else (None, None)
    return Row(
        name=name,
        value=ratio(samples, name, "pass"),
        reference="python -c pass",
        goal=goal,
        limit=limit,
        note=f"CPU {ratio(samples, name, 'pass', kind='cpu'):.2f} x",
    )
