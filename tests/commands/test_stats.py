"""`mcpctl stats` over a history that other verbs wrote, and its page in a real browser."""

from __future__ import annotations

import shutil
import subprocess
import time
from pathlib import Path

import pytest

from mcpctl.commands.own_place import history_file
from mcpctl.history.recorder import Recorder
from mcpctl.model.events import CallFinished
from mcpctl.model.options import GlobalOptions
from mcpctl.model.value import replace
from tests.commands.places import mcpctl
from tests.support import world

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")


def remembered(tmp_path: Path, *, age: float = 0.0, name: str = "files") -> None:
    """A hundred calls of the last hour: four fail, one takes 6 s."""
    began = time.time() - 3500 - age
    clock = iter(began + at for at in range(10_000))
    made = Recorder(history_file(world(tmp_path), GlobalOptions()), now=lambda: next(clock), flush_every=60)
    for at in range(100):
        error = "connect.exited" if at % 25 == 0 else None
        made.record(
            CallFinished(
                server=name,
                tool="read" if at % 2 else "<b>search</b>",
                arguments={},
                ok=error is None,
                seconds=6.0 if at == 50 else 0.02,
                error=error,
                cached=at % 10 == 5,
                bytes_in=1000,
            )
        )
    made.restarted(name, "exited with code 3")
    made.close()


def test_counts_rates_percentiles_and_score(tmp_path: Path) -> None:
    remembered(tmp_path)
    data = mcpctl(tmp_path, "stats", "--json").data
    (row,) = data["rows"]
    assert (row["server"], row["calls"], row["ok"], row["restarts"]) == ("files", 100, 96, 1)
    assert row["score"] == "good"
    assert row["success_rate"] == 0.96
    assert row["cache_hit_rate"] == 0.1
    assert row["errors"] == {"connect.exited": 4}
    assert row["latency_ms"]["p50"] == pytest.approx(20, rel=0.01)
    assert row["latency_ms"]["max"] == 6000
    assert sum(row["trend"]) == 100
    assert data["total"]["bytes_in"] == 100_000
    assert any("took 6.00 s" in alert["message"] for alert in data["alerts"])


def test_rows_by_tool_and_by_hour_and_of_one_server(tmp_path: Path) -> None:
    remembered(tmp_path)
    remembered(tmp_path, name="other")
    tools = mcpctl(tmp_path, "stats", "files", "--json").data
    assert [(row["server"], row["calls"]) for row in tools["rows"]] == [("files", 50), ("files", 50)]
    hours = mcpctl(tmp_path, "stats", "--by", "hour", "--json").data["rows"]
    assert sum(row["calls"] for row in hours) == 200
    assert mcpctl(tmp_path, "stats", "--since", "1m", "--json").data["total"]["calls"] == 0


def test_people_get_a_table_and_programs_of_the_terminal_nothing_harmful(tmp_path: Path) -> None:
    remembered(tmp_path)
    out = mcpctl(tmp_path, "stats", tty=True, columns=140).out
    for said in ("SERVER", "files", "96%", "good", "CALLS OVER TIME", "restart", "took 6.00 s"):
        assert said in out


def test_a_p95_that_doubled_against_the_week_is_an_alert(tmp_path: Path) -> None:
    began = time.time()
    for age, seconds in ((3 * 86400.0, 0.01), (600.0, 0.05)):
        clock = iter(began - age + at for at in range(1000))
        made = Recorder(
            history_file(world(tmp_path), GlobalOptions()),
            now=lambda clock=clock: next(clock),
            flush_every=60,
        )  # type: ignore[misc]
        for _ in range(50):
            made.record(CallFinished(server="s", tool="t", arguments={}, ok=True, seconds=seconds))
        made.close()
    alerts = mcpctl(tmp_path, "stats", "--since", "1h", "--json").data["alerts"]
    assert any("times what is usual" in alert["message"] for alert in alerts)


def test_an_empty_history_is_an_answer_and_says_how_to_fill_it(tmp_path: Path) -> None:
    answer = mcpctl(tmp_path, "stats")
    assert (answer.code, answer.out) == (0, "")
    assert "no call was recorded" in answer.err
    assert mcpctl(tmp_path, "stats", "--json").data["total"]["score"] == "unknown"


def test_a_server_that_nobody_knows_is_no_empty_answer(tmp_path: Path) -> None:
    remembered(tmp_path)
    answer = mcpctl(tmp_path, "stats", "flies")
    assert (answer.code, answer.out) == (3, "")
    assert "there is no server `flies`" in answer.err


def test_the_page_is_complete_in_itself(tmp_path: Path) -> None:
    remembered(tmp_path)
    answer = mcpctl(tmp_path, "stats", "--report", "page.html")
    assert answer.code == 0
    page = (tmp_path / "page.html").read_text()
    assert page.count("<svg") == 4
    assert "<b>search</b>" not in page
    assert "&lt;b&gt;search" in page
    for word in ("http://", "https://", "<script", "<link", "@import", "src="):
        assert word not in page


def test_a_browser_shows_the_page(tmp_path: Path) -> None:
    browser = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if browser is None:
        pytest.skip("there is no Chromium here")
    remembered(tmp_path)
    mcpctl(tmp_path, "stats", "--report", "page.html")
    done = subprocess.run(
        [
            browser,
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            f"--user-data-dir={tmp_path}/profile",
            "--window-size=1000,1600",
            f"--screenshot={tmp_path}/page.png",
            f"file://{tmp_path}/page.html",
        ],
        capture_output=True,
        timeout=60,
        check=False,
        env={**world(tmp_path).env},
    )
    picture = tmp_path / "page.png"
    assert picture.exists(), done.stderr[-2000:]
    assert picture.stat().st_size > 20_000


def test_each_configuration_has_a_history_of_its_own(tmp_path: Path) -> None:
    here = world(tmp_path)
    for name in ("one", "one/below", "two"):
        (tmp_path / name).mkdir()
    for name in ("one", "two"):
        (tmp_path / name / "mcpctl.toml").touch()
    one, below, two = (
        history_file(replace(here, folder=str(tmp_path / name)), GlobalOptions())
        for name in ("one", "one/below", "two")
    )
    assert one == below != two
