"""The way into a supervisor is open to its own user alone."""

from __future__ import annotations

import stat
from pathlib import Path

from mcpctl.control.place import folder
from tests.control.places import Project, environment


def test_the_socket_and_its_folder_are_closed_to_others(tmp_path: Path) -> None:
    project = Project(tmp_path)
    with project.running():
        place = Path(folder(environment(project.home)))
        files = list(place.iterdir())
        assert [path for path in files if path.is_socket()]
        assert stat.S_IMODE(place.stat().st_mode) == 0o700
        assert [
            path for path in files if path.is_socket() and stat.S_IMODE(path.stat().st_mode) & 0o077
        ] == []
