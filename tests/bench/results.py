"""Big results through `mcpctl call`: how long ten megabytes take to reach a pipe, how much memory a result needs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.bench.frame import Cost, Row, environment, interleaved, median, skipped
from tests.bench.installation import NotInstalledError, scripts

ROUNDS = 9

TEN = 10_000_000
"""Bytes of the result whose way to a pipe is timed."""

HUGE = 256 << 20
"""Bytes: the most that `max_message` is raised to."""

HERE = Path(__file__).parent
SERVERS = HERE.parent / "servers"

WAYS: dict[str, tuple[str, tuple[str, ...]]] = {
    "256 MiB of lines": ("lines", ()),
    "256 MiB of lines, cut": ("lines", ("--head", "10")),
    "256 MiB of lines, --json": ("lines", ("--json",)),
    "256 MiB of JSON, cut": ("json", ("--max-chars", "1000")),
    "256 MiB of lines with emoji": ("emoji", ()),
    "256 MiB of lines with emoji, cut": ("emoji", ("--head", "10")),
    "256 MiB of lines with emoji, --json": ("emoji", ("--json",)),
    "256 MiB of JSON with emoji, cut": ("emoji_json", ("--max-chars", "1000")),
}


def measure() -> list[Row]:
    try:
        command = scripts() / "mcpctl"
    except NotInstalledError as reason:
        return [skipped("big results", str(reason))]
    with tempfile.TemporaryDirectory(prefix="mcpctl-bench-") as folder:
        place = Path(folder)
        return [_ten(command, place), *(_huge(command, place, name) for name in WAYS)]


def _ten(command: Path, place: Path) -> Row:
    """Against a client in C; what a result of two bytes takes is taken off on both sides: that is start-up."""
    name = "10 MB to a pipe, beyond the start"
    if shutil.which("cc") is None:
        return skipped(name, "there is no C compiler")
    for program in ("echo_server", "pour"):
        source = str(SERVERS / f"{program}.c")
        subprocess.run(["cc", "-O2", "-o", str(place / program), source], check=True)
    servers = {size: [str(place / "echo_server"), "stdio", "--size", str(size)] for size in (2, TEN)}
    ours = [str(command), "call", "--cold"]
    samples = interleaved(
        {
            **{
                f"ours {size}": _piped([*ours, "--stdio", " ".join(server), "echo", "text=x"], place)
                for size, server in servers.items()
            },
            **{
                f"C {size}": _piped([str(place / "pour"), *server], place) for size, server in servers.items()
            },
        },
        rounds=ROUNDS,
    )
    took = {who: median(samples, f"{who} {TEN}") - median(samples, f"{who} 2") for who in ("ours", "C")}
    note = f"{took['ours'] * 1000:.0f} ms and {took['C'] * 1000:.0f} ms here"
    return Row(name=name, value=took["ours"] / took["C"], reference="a client in C", goal=2, note=note)


def _piped(words: Sequence[str], place: Path) -> Callable[[], Cost]:
    def run() -> Cost:
        began = time.perf_counter()
        with subprocess.Popen(
            words, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, env=environment(), cwd=place
        ) as process:
            assert process.stdout is not None
            while os.read(process.stdout.fileno(), 1 << 16):
                pass
        if process.returncode:
            raise RuntimeError(f"{words[0]} ended with {process.returncode}")
        return Cost(wall=time.perf_counter() - began, cpu=0.0)

    return run


def _huge(command: Path, place: Path, name: str) -> Row:
    kind, options = WAYS[name]
    server = {"command": sys.executable, "args": [str(HERE / "servers/big.py")], "call_timeout": "300s"}
    server["limits"] = {"max_message": "300MiB"}
    (place / "mcpctl.json").write_text(json.dumps({"servers": {"big": server}}))
    began = time.perf_counter()
    process = subprocess.Popen(
        [str(command), "call", "--cold", "big", kind, f"size={HUGE}", *options],
        cwd=place,
        env={**environment(), "XDG_CACHE_HOME": str(place / "cache")},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    took = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        return skipped(name, f"ended with {process.returncode}")
    memory = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    note = f"{took / HUGE * 1e7:.2f} s for each 10 MB here"
    return Row(name=name, value=memory / HUGE, reference="its size in memory", limit=4, note=note)
