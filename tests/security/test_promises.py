"""Every promise of `.github/SECURITY.md` names the tests that hold it, and those exist."""

from __future__ import annotations

import re

from tests.support import ROOT

POLICY = ROOT / ".github" / "SECURITY.md"

TEST = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")


def test_every_promise_names_tests_that_exist() -> None:
    rows = [line for line in POLICY.read_text().splitlines() if line.startswith("| ") and " | " in line][1:]
    assert len(rows) > 10
    for row in rows:
        named = TEST.findall(row)
        assert named, row
        for file, function in named:
            text = (ROOT / file).read_text()
            assert not function or f"def {function}(" in text, f"{file}::{function}"
