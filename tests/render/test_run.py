"""What `mcpctl run` shows while it runs."""

from __future__ import annotations

from mcpctl.model.running import ServerStatus, Surveyed
from mcpctl.render.run import survey
from mcpctl.render.width import columns_of


def test_the_live_table_cuts_long_names_and_keeps_its_columns() -> None:
    long = "a server whose name has \N{ROCKET} and never comes to an end, whatever the terminal is"
    servers = tuple(ServerStatus(name=name, state="running", since=0.0, pid=7) for name in ("notes", long))
    title, *rows = survey(Surveyed(servers=servers), 80)
    assert max(map(columns_of, (title, *rows))) <= 80
    assert title.split()[:3] == ["NAME", "STATE", "PID"]
    for row in rows:
        assert "running  7 " in row
    assert "…" in rows[1]
    assert rows[0].startswith("notes ")
