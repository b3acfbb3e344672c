"""The soak of the supervisor in a short form; `python -m tests.soak` has the long one."""

from __future__ import annotations

import sys

import pytest

from tests.soak.supervisor import soak_calls


@pytest.mark.skipif(sys.platform != "linux", reason="memory and open files are read from /proc")
def test_calls_among_crashes_and_builds_leave_nothing_behind() -> None:
    assert "beside 2 crashes" in soak_calls(20)
