"""Where the history of this user is kept. Creates nothing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from mcpctl.config.folders import state_home


def history_path(env: Mapping[str, str]) -> Path:
    return state_home(env) / "history.db"
