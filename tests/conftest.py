"""What every test may count on, however the run was started."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

# `nohup` has it ignored, and every process of a test would inherit that.
signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture
def tmp_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a short name: the path of a socket in it has room for a hundred bytes."""
    return tmp_path_factory.mktemp("t")
