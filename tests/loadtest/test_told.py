"""What a load tells beside its figures, and what it leaves empty where there are none."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from mcpctl.loadtest.reporting import report_on
from mcpctl.loadtest.results import Moment
from mcpctl.loadtest.stored import StoredRun
from mcpctl.loadtest.thresholds import parse_thresholds
from mcpctl.model.load_report import LoadReport, Spread
from mcpctl.render.loadtest_data import data
from mcpctl.render.loadtest_files import csv
from mcpctl.render.loadtest_html import page
from mcpctl.render.loadtest_live import live
from tests.commands.places import mcpctl
from tests.loadtest.samples import ABOUT, progress, run, stored
from tests.loadtest.servers import compiled


def with_a_silent_second() -> LoadReport:
    made = run(seconds=2)
    made.moments += [Moment(index=2, sent=5, in_flight=5)]
    return report_on(StoredRun(about=ABOUT, run=made))


def test_a_second_without_answers_has_no_latency() -> None:
    report = with_a_silent_second()
    assert [second.p50 is None for second in report.seconds] == [False, False, True]
    silent = data(report)["seconds"][2]
    assert (silent["p50"], silent["max"], silent["rps"], silent["sent"]) == (None, None, 0.0, 5)
    assert csv(report).splitlines()[3] == "2,5,0,0,0,5,0.000,,,,"


def test_a_second_without_answers_is_a_gap_on_the_page() -> None:
    pytest.importorskip("plotly")
    found = re.search(
        r'<script type="application/json" id="figures">(.*?)</script>', page(with_a_silent_second())
    )
    assert found is not None
    figures = json.loads(found[1].replace("<\\/", "</"))
    latency, throughput = figures["latency"]["data"][0], figures["throughput"]["data"][0]
    assert (latency["x"], latency["y"][2]) == ([0, 1, 2], None)
    assert throughput["y"] == [200, 200, 0]


def test_a_second_without_answers_is_told_as_one() -> None:
    silent = progress(ok=0, in_flight=5, total=Spread(p50=1.0, p99=2.0, max=2.0))
    (line,) = live(silent, None)
    assert "now p50 -, p99 -, total p50 1ms, p99 2ms" in line


def test_strays_are_held_against_a_threshold_but_are_no_requests() -> None:
    made = run(errors={"crosstalk": 16})
    made.tallies["echo"].strays = {"crosstalk": 16}
    thresholds = parse_thresholds(("errors<1%", "errors<=1%", "errors<17", "errors<16"))
    report = report_on(StoredRun(about=ABOUT, run=made), thresholds)
    assert (report.requests, report.ok, report.errors_by_kind) == (1600, 1600, {"crosstalk": 16})
    assert [outcome.passed for outcome in report.thresholds] == [False, True, True, False]


def test_no_more_than_all_requests_can_have_failed() -> None:
    made = run(errors={"crosstalk": 5000})
    made.tallies["echo"].strays = {"crosstalk": 5000}
    (outcome,) = report_on(StoredRun(about=ABOUT, run=made), parse_thresholds(("errors<1%",))).thresholds
    assert (outcome.value, outcome.passed) == (1.0, False)


def test_a_quiet_load_tells_what_was_missed_and_nothing_besides(tmp_path: Path) -> None:
    server = ("--stdio", f"{compiled('echo_server')} stdio")
    words = ("echo", "text=hi", "-n", "300", "-c", "2", "--threshold", "p99<1us")
    told = mcpctl(tmp_path, "loadtest", *server, *words).err
    assert "note: 300 requests: p99 rests on few of them" in told
    quiet = mcpctl(tmp_path, "loadtest", *server, *words, "-q")
    assert quiet.code == 1
    assert "missed: p99<1us" in quiet.err
    assert "note:" not in quiet.err
    progress = mcpctl(tmp_path, "loadtest", *server, "echo", "text=hi", "-d", "1.1s", "-q")
    assert "in flight" not in progress.err


def test_a_quiet_comparison_tells_no_notes(tmp_path: Path) -> None:
    from mcpctl.loadtest.stored import save

    for name, seed in (("a", 1), ("b", 2)):
        save(replace(stored(seed=seed), file=None), tmp_path / f"{name}.json")
    words = ("loadtest-compare", "a.json", "--", "b.json")
    assert "note:" in mcpctl(tmp_path, *words).err
    assert mcpctl(tmp_path, *words, "-q").err == ""


def test_a_hint_of_a_comparison_names_what_was_typed(tmp_path: Path) -> None:
    words = ("loadtest-ab", "--a", "demo", "--b", "demo", "echo", "-n", "5")
    assert "`mcpctl tools demo echo`" in mcpctl(tmp_path, *words).err


def test_two_commands_of_one_name_are_two_servers(tmp_path: Path) -> None:
    server = compiled("echo_server")
    words = ("echo", "text=hi", "-n", "5", "-c", "1", "--warmup", "10ms", "--pairs", "1")
    sides = ("--a", f"{server} stdio", "--b", f"{server} stdio --no-such-option")
    answer = mcpctl(tmp_path, "loadtest-ab", *sides, *words)
    assert answer.code == 4
