"""What a login costs those who do not need one: nothing of the SDK loads until a token is to be had."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.commands.logins import configured, log_in
from tests.servers.oauth import house
from tests.support import PYTHON, ROOT

HEAVY = {"mcp", "mcp_types", "httpx2", "pydantic", "jwt", "cryptography", "keyring"}
SCRIPT = """
import sys
from mcpctl.__main__ import main
sys.argv[1:] = ["call", "it", "touch"]
code = main()
sys.stderr.write(f"\\n{code} {' '.join(sorted(name for name in sys.modules if '.' not in name))}")
"""


def loaded(tmp_path: Path) -> tuple[int, set[str]]:
    env = {
        "HOME": str(tmp_path / "home"),
        "XDG_STATE_HOME": str(tmp_path / "home/.local/state"),
        "PYTHONPATH": str(ROOT),
    }
    done = subprocess.run(
        [PYTHON, "-c", SCRIPT], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=60, check=True
    )
    code, *names = done.stderr.rpartition("\n")[2].split()
    return int(code), set(names) & HEAVY


@pytest.mark.parametrize("logged_in", [True, False])
def test_a_call_loads_nothing_of_the_sdk(tmp_path: Path, logged_in: bool) -> None:
    with house() as place:
        configured(tmp_path, place.mcp)
        if logged_in:
            assert log_in(tmp_path).code == 0
        assert loaded(tmp_path) == (0 if logged_in else 7, set())


def test_a_first_refusal_is_remembered_in_a_file_without_secrets(tmp_path: Path) -> None:
    with house() as place:
        configured(tmp_path, place.mcp)
        loaded(tmp_path)
        (file,) = (tmp_path / "home/.local/state/mcpctl/tokens").glob("*.json")
        kept = json.loads(file.read_text())
        assert (kept["grant"], kept["challenge"]["status"]) == (None, 401)
