"""A supervisor in a process of its own, and clients of it: real processes, since they are the point."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.supervisor.places import write_build
from tests.support import PYTHON, ROOT


def environment(home: Path, **more: str) -> dict[str, str]:
    run = home.parent / "run"
    run.mkdir(exist_ok=True, mode=0o700)
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "XDG_CACHE_HOME": str(home / ".cache"),
        "XDG_STATE_HOME": str(home / ".state"),
        "XDG_RUNTIME_DIR": str(run),
        "PYTHONPATH": str(ROOT),
        **more,
    }


class Project:
    """A folder with a configuration, and command lines that are typed in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.home.mkdir()
        self.server = folder / "server.py"
        write_build(self.server, "v1", tools=("extra",))
        self.configure()

    def configure(self, more: str = "", **keys: str) -> None:
        lines = [f"{key} = {json.dumps(value)}" for key, value in keys.items()]
        text = f'[servers.build]\ncommand = "{PYTHON}"\nargs = ["-S", "server.py"]\n' + "\n".join(lines)
        (self.folder / "mcpctl.toml").write_text(f"{text}\n{more}")

    def start(self, *words: str, env: Mapping[str, str] = {}, **keys: Any) -> subprocess.Popen[bytes]:
        for stream in ("stdout", "stderr"):
            keys.setdefault(stream, subprocess.PIPE)
        keys.setdefault("stdin", subprocess.DEVNULL)
        keys.setdefault("cwd", self.folder)
        return subprocess.Popen(
            [PYTHON, "-m", "mcpctl", *words], env={**environment(self.home), **env}, **keys
        )

    def type(
        self, *words: str, stdin: bytes = b"", timeout: float = 60, **keys: Any
    ) -> subprocess.CompletedProcess[bytes]:
        child = self.start(*words, stdin=subprocess.PIPE, **keys)
        try:
            out, err = child.communicate(stdin, timeout)
        except subprocess.TimeoutExpired:
            child.kill()
            child.communicate()
            raise
        return subprocess.CompletedProcess(words, child.returncode, out, err)

    def data(self, *words: str, **keys: Any) -> Any:
        done = self.type(*words, "--json", **keys)
        envelope = json.loads(done.stdout.splitlines()[-1])
        assert envelope["exit_code"] == done.returncode
        return envelope

    def servers(self) -> dict[str, Any]:
        return {each["name"]: each for each in self.data("ps")["data"]["servers"]}

    @contextlib.contextmanager
    def running(self, *words: str) -> Iterator[int]:
        """A supervisor in the background; its pid."""
        done = self.data("run", "--detach", *words)
        assert done["status"] == "ok", done
        try:
            yield done["data"]["pid"]
        finally:
            self.type("stop", "--all")
            eventually(lambda: not alive(done["data"]["pid"]))


def eventually(condition: Any, seconds: float = 60.0) -> Any:
    """What the condition says at last; a bounded wait for another process."""
    until = time.monotonic() + seconds
    while not (said := condition()):
        if time.monotonic() > until:
            raise AssertionError("it never came")
        time.sleep(0.01)
    return said


def alive(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"
