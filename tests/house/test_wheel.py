"""What users install: a wheel whose script starts without a wrapper, whose pages are in it, and that works by itself."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from mcpctl import __version__
from mcpctl.cli.generate import FOLDER
from mcpctl.cli.helptext import TOPICS
from tests.support import PYTHON, ROOT

PACKAGE = ROOT / "mcpctl"

DATA = {
    "mcpctl/py.typed",
    "mcpctl/config/schema/mcpctl.schema.json",
    *(path.relative_to(ROOT).as_posix() for path in (*FOLDER.glob("*.t*"), *TOPICS.glob("*.txt"))),
}
"""Files that no import would miss."""


def built(kind: str, folder: Path) -> Path:
    """By the build backend that `pyproject.toml` asks for, in an environment of its own."""
    command = [PYTHON, "-m", "build", f"--{kind}", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    (found,) = folder.iterdir()
    return found


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built("wheel", tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built("sdist", tmp_path_factory.mktemp("sdist"))


def test_the_wheel_has_the_script_and_every_page(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    scripts = [name for name in names if ".data/scripts/" in name]
    assert [name.rpartition("/")[2] for name in scripts] == ["mcpctl"]
    assert zipfile.ZipFile(wheel).read(scripts[0]).startswith(b"#!python\n")
    modules = {path.relative_to(ROOT).as_posix() for path in PACKAGE.rglob("*.py")}
    assert (DATA | modules) - set(names) == set()
    assert not [name for name in names if name.startswith("tests/") or "__pycache__" in name]


def test_the_wheel_needs_no_compiler_itself(wheel: Path) -> None:
    assert wheel.name.endswith("-py3-none-any.whl")


def test_the_wheel_is_the_same_each_time(wheel: Path, tmp_path: Path) -> None:
    assert built("wheel", tmp_path).read_bytes() == wheel.read_bytes()


def test_the_source_has_what_the_wheel_is_built_from_and_is_the_same_each_time(
    source: Path, tmp_path: Path
) -> None:
    with tarfile.open(source) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {*DATA, "pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md"} - names == set()
    assert {name for name in names if name.startswith("tests/")}
    assert not [name for name in names if "__pycache__" in name or name.startswith(".ci/venv")]
    assert built("sdist", tmp_path).read_bytes() == source.read_bytes()


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel, and behind it the libraries of this one: no index is asked."""
    folder = tmp_path_factory.mktemp("installed")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], timeout=60, check=True)
    pip = [PYTHON, "-m", "pip", "--python", str(folder / "bin" / "python"), "--quiet"]
    subprocess.run([*pip, "install", "--no-deps", "--no-index", str(wheel)], timeout=120, check=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    libraries = next(path for path in map(Path, sys.path) if path.name == "site-packages")
    (packages / "libraries.pth").write_text(f"{libraries}\n")
    return folder


def run(installed: Path, *argv: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    env = {"HOME": str(cwd), "PATH": f"{installed / 'bin'}:/usr/bin:/bin"}
    return subprocess.run(argv, cwd=cwd, env=env, capture_output=True, text=True, timeout=60, check=False)


def test_the_installed_script_answers_by_itself(installed: Path, tmp_path: Path) -> None:
    assert os.access(installed / "bin" / "mcpctl", os.X_OK)
    done = run(installed, "mcpctl", "--version", cwd=tmp_path)
    assert done.stdout == f"mcpctl {__version__}\n"
    where = run(installed, "python", "-c", "import mcpctl; print(mcpctl.__file__)", cwd=tmp_path)
    assert Path(where.stdout.strip()).is_relative_to(installed.resolve()), "the checkout was imported"


ACCEPTED = {
    "call demo echo text=hello": "hello\n",
    "call demo add a=1 b=2 --json": '"text": "3"',
    "help truncation": "--max-tokens",
    "call --help": "Usage: mcpctl call",
    "config schema": "urn:mcpctl:schema:mcpctl",
    "explain MCP101": "wrong-root-key",
    "completion bash": "mcpctl",
    "health demo --level list": "healthy",
    "loadtest demo slow seconds=0.05 -n 20 -c 2": "verdict",
}


@pytest.mark.parametrize("command", ACCEPTED)
def test_the_installed_wheel_passes(command: str, installed: Path, tmp_path: Path) -> None:
    done = run(installed, "mcpctl", *command.split(), cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert ACCEPTED[command] in done.stdout


def test_the_installed_wheel_judges_a_configuration(installed: Path, tmp_path: Path) -> None:
    (tmp_path / ".mcp.json").write_text('{"mcpServers": {"a": {"comand": "x"}}}')
    done = run(installed, "mcpctl", "validate", cwd=tmp_path)
    assert (done.returncode, "MCP105" in done.stdout) == (1, True)
