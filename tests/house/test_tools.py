"""The linters, the type checker and the layers of the house, as tests like any other."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.support import PYTHON, ROOT


@pytest.mark.parametrize(
    "command",
    [
        ["-m", "ruff", "check", "--quiet", "--output-format", "concise", "."],
        ["-m", "ruff", "format", "--check", "--quiet", "."],
        ["-m", "mypy", "--no-error-summary"],
        ["-c", "from importlinter.cli import lint_imports_command; lint_imports_command()", "--no-cache"],
    ],
    ids=["ruff", "format", "mypy", "layers"],
)
def test_the_tree_is_clean(command: list[str]) -> None:
    """Run in the root of the tree, where the configuration is."""
    done = subprocess.run(
        [str(Path(PYTHON)), *command], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
