"""mcpctl as a user has it: a wheel of this tree in an environment of its own, made once for all benchmarks."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from functools import lru_cache
from pathlib import Path

from tests.bench.frame import ROOT, compile_everything, environment


class NotInstalledError(Exception):
    """Why this tree does not make a wheel that installs, in words."""


@lru_cache
def scripts() -> Path:
    """The folder with `python` and `mcpctl`; dependencies are borrowed from the environment that runs this."""
    folder = Path(tempfile.mkdtemp(prefix="mcpctl-bench-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    wheels, home = folder / "wheels", folder / "venv"
    _quietly([sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", wheels, ROOT])
    _quietly([sys.executable, "-m", "venv", "--without-pip", home])
    (wheel,) = wheels.glob("*.whl")
    pip = [sys.executable, "-m", "pip", "--python", home / "bin" / "python"]
    _quietly([*pip, "install", "--quiet", "--no-deps", "--no-index", wheel])
    if not os.access(home / "bin" / "mcpctl", os.X_OK):
        raise NotInstalledError("the wheel's `mcpctl` is not executable: its source file must be")
    _borrow(home)
    compile_everything()
    compile_everything(str(home / "bin" / "python"))
    return home / "bin"


def _borrow(home: Path) -> None:
    (packages,) = home.glob("lib/python*/site-packages")
    here = [entry for entry in sys.path if entry.endswith("site-packages")]
    (packages / "borrowed.pth").write_text("\n".join(here) + "\n")


def _quietly(command: list[str | Path]) -> None:
    words = [str(word) for word in command]
    done = subprocess.run(words, env=environment(), capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stderr or done.stdout).strip().rpartition("\n")[2]
        raise NotInstalledError(f"`{' '.join(words[1:5])} …` failed: {said}")
