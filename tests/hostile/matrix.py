"""Every verb that meets a server against every hostile one, as a user would: processes, exit codes, both streams.

A cell is good when the command ended in time with a documented exit code, told no traceback, no bug and no secret, drew
nothing on the terminal, printed one JSON object with sorted keys, and left no process behind.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import pty
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple, TypeAlias

from tests.control.places import alive
from tests.hostile.foretold import foretold
from tests.hostile.judging import Ended, children_of, fault, living_in, session_of
from tests.hostile.verbs import COLD, CONVERSATION, SCREEN, STREAMS, WARM
from tests.security.scene import VARIABLES
from tests.support import PYTHON, ROOT

SERVERS = Path(__file__).parent / "servers"

TIMEOUT = 3
"""Seconds that each command is given by `--timeout`."""

STOPPING = 5
"""Seconds that servers may take to be stopped, and a command to end after its deadline."""

BUSY = 20
"""Seconds for a machine that does other things as well."""

SMALLER = {
    "giant_line": "40",
    "stderr_flood": "10",
    "garbage_flood": "20000",
    "slow_init": "1",
    "spin": "2",
    "tools_10k": "2000",
    "ping_flood": "3000",
    "memory_hog": "50",
}
"""Arguments that keep a mode's point and spare the machine."""

Entry: TypeAlias = Mapping[str, object]
"""Of a configuration."""


class Cell(NamedTuple):
    verb: str
    server: str
    code: int
    fault: str
    """Empty where all is well."""
    seconds: float = 0.0


def modes(script: str) -> list[str]:
    listed = subprocess.run(
        [PYTHON, str(SERVERS / script), "--list"], capture_output=True, text=True, check=True
    )
    return [line.split()[0] for line in listed.stdout.splitlines() if line.strip()]


def verbs() -> list[str]:
    return [*COLD, *SCREEN, *WARM]


def matrix(chosen: Iterable[str], servers: Mapping[str, Entry], *, at_once: int = 2) -> Iterator[Cell]:
    """Cells come as they are done, server by server; what is warm comes last, in the order of `WARM`."""
    chosen = set(chosen)
    cold = [verb for verb in (*COLD, *SCREEN) if verb in chosen]
    warmed = [verb for verb in WARM if verb in chosen]
    tasks: list[Callable[[], list[Cell]]] = []
    for server, entry in servers.items():
        tasks += [functools.partial(cells, [verb], server, entry) for verb in cold]
        if warmed:
            tasks.append(functools.partial(warm, warmed, server, entry))
    with ThreadPoolExecutor(at_once) as pool:
        for done in pool.map(lambda task: task(), tasks):
            yield from done


def stdio_servers(script: str, names: Iterable[str]) -> dict[str, Entry]:
    small = SMALLER if script == "stdio.py" else {}
    return {
        name: {
            "command": sys.executable,
            "args": ["-S", str(SERVERS / script), name, *([small[name]] if name in small else [])],
            "env": {"CANARY_TOKEN": "${CANARY_TOKEN}"},
        }
        for name in names
    }


def http_servers(address: str, names: Iterable[str]) -> dict[str, Entry]:
    return {f"http:{name}": {"url": f"{address}/{name}", "bearer_env": "CANARY_BEARER"} for name in names}


def cell(verb: str, server: str, entry: Entry) -> Cell:
    (only,) = cells([verb], server, entry)
    return only


def cells(chosen: Iterable[str], server: str, entry: Entry) -> list[Cell]:
    """Each in a folder of its own."""
    done = []
    for verb in chosen:
        with tempfile.TemporaryDirectory() as name:
            done.append(_cell(verb, server, _prepared(Path(name), entry)))
    return done


def warm(chosen: Iterable[str], server: str, entry: Entry) -> list[Cell]:
    """All through one supervisor, which must be gone at the end with all that it started."""
    with tempfile.TemporaryDirectory() as name:
        folder = _prepared(Path(name), entry)
        supervisors: list[int] = []
        done = []
        for verb in (
            "run --detach",
            *(verb for verb in chosen if verb not in {"run --detach", "stop --all"}),
        ):
            done.append(_cell(verb, server, folder))
            supervisors += [pid for pid in _supervisors(folder) if pid not in supervisors]
        last = _cell("stop --all", server, folder)
        left = _gone([*supervisors])
        return [*done, last._replace(fault=last.fault or (f"left {left}" if left else ""))]


def _prepared(folder: Path, entry: Entry) -> Path:
    (folder / "run").mkdir(mode=0o700)
    servers = {"bad": entry, "worse": {key: value for key, value in entry.items() if key != "bearer_env"}}
    (folder / "mcpctl.json").write_text(json.dumps({"servers": servers}))
    return folder


def _cell(verb: str, server: str, folder: Path) -> Cell:
    screen, relay = verb in SCREEN, verb == "run --stdio"
    words = SCREEN[verb] if screen else (WARM.get(verb) or COLD[verb])
    ended = _ended([*words, "--timeout", f"{TIMEOUT}s", "-v"], folder, screen=screen, relay=relay)
    if ended is None:
        return Cell(verb, server, -1, f"did not end within {TIMEOUT + STOPPING + BUSY} s")
    if verb == "run --detach":
        ended = ended._replace(left=[])
    found = fault(ended, streams=words[0] in STREAMS and verb != "run --detach", screen=screen, relay=relay)
    wanted = foretold(verb, server)
    if not found and ended.code not in wanted:
        found = f"exit code {ended.code}, and not {' or '.join(map(str, sorted(wanted)))}: {ended.out[-300:]}"
    return Cell(verb, server, ended.code, found, ended.seconds)


def _ended(words: list[str], folder: Path, *, screen: bool, relay: bool) -> Ended | None:
    """Nothing for a command that would not end."""
    home = {**VARIABLES, "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder / "run"), "TERM": "xterm"}
    keys = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PAGER": "cat", "COLUMNS": "100"}
    argv = [PYTHON, "-m", "mcpctl", *words, *(() if screen or relay else ("--json",))]
    warmed = any((folder / "run").rglob("*.sock"))  # what a supervisor started is to stay
    began = time.monotonic()
    with _terminal() if screen else contextlib.nullcontext((subprocess.PIPE, None)) as (out, shown):
        child = subprocess.Popen(
            argv,
            cwd=folder,
            env={**home, **keys},
            stdin=subprocess.PIPE if relay else subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT if screen else subprocess.PIPE,
            start_new_session=True,
        )
        try:
            told = child.communicate(CONVERSATION if relay else None, TIMEOUT + STOPPING + BUSY)
        except subprocess.TimeoutExpired:
            child.kill()
            child.communicate()
            return None
    seconds = time.monotonic() - began
    left = sorted({*children_of([child.pid]), *session_of(child.pid), *(() if warmed else living_in(folder))})
    texts = (b"".join(shown or ()), b"") if screen else told
    out, err = (text.decode("utf-8", "backslashreplace") for text in texts)
    return Ended(child.returncode, out, err, seconds, left)


@contextlib.contextmanager
def _terminal() -> Iterator[tuple[int, list[bytes]]]:
    """Where a command writes, and what it wrote, which is whole when this ends."""
    ours, theirs = pty.openpty()
    shown: list[bytes] = []

    def read() -> None:
        with contextlib.suppress(OSError):  # nobody has the other end any more
            while data := os.read(ours, 65536):
                shown.append(data)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        yield theirs, shown
    finally:
        os.close(theirs)
        reader.join(STOPPING)
        os.close(ours)


def _supervisors(folder: Path) -> list[int]:
    found = []
    for file in (folder / "run").rglob("*.json"):
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            found.append(int(json.loads(file.read_text())["pid"]))
    return found


def _gone(pids: list[int]) -> list[str]:
    """Supervisors and servers of theirs that are still there after the time they have to stop."""
    until = time.monotonic() + STOPPING + BUSY
    while True:
        left = [*children_of(pids), *(str(pid) for pid in pids if alive(pid))]
        if not left or time.monotonic() > until:
            return left
        time.sleep(0.05)
