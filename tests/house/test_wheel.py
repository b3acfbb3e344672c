"""What users install: a wheel whose script starts without a wrapper, and whose pages are in it."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from mcpctl import __version__
from mcpctl.cli.generate import FOLDER
from tests.support import PYTHON, ROOT


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [PYTHON, "-m", "build", "--wheel", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_has_the_script_and_every_page(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    scripts = [name for name in names if ".data/scripts/" in name]
    assert [name.rpartition("/")[2] for name in scripts] == ["mcpctl"]
    assert zipfile.ZipFile(wheel).read(scripts[0]).startswith(b"#!python\n")
    assert {f"mcpctl/cli/generated/{page.name}" for page in FOLDER.glob("*.t*")} <= set(names)
    assert "mcpctl/py.typed" in names
    assert not [name for name in names if name.startswith("tests/") or "__pycache__" in name]


def test_the_installed_script_answers_by_itself(wheel: Path, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path)], timeout=60, check=True)
    pip = [PYTHON, "-m", "pip", "--python", str(tmp_path / "bin" / "python"), "--quiet"]
    subprocess.run([*pip, "install", "--no-deps", "--no-index", str(wheel)], timeout=120, check=True)
    script = tmp_path / "bin" / "mcpctl"
    assert os.access(script, os.X_OK)
    done = subprocess.run([script, "--version"], capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout == f"mcpctl {__version__}\n"
