"""`loadtest` and its sisters, from the words to the exit code."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from mcpctl.loadtest.encoding import decode
from tests.commands.places import Answer, configured
from tests.commands.places import mcpctl as run_words
from tests.loadtest.servers import compiled, http_target
from tests.loadtest.tries import in_a_quiet_moment
from tests.support import ROOT


def mcpctl(tmp_path: Path, verb: str, *words: str, server: str = "", **about: object) -> Answer:
    """With the compiled server in place of SERVER, unless the words name one."""
    aside = ("--stdio", f"{compiled('echo_server')} stdio {server}".strip()) if server is not None else ()
    return run_words(tmp_path, verb, *aside, *words, **about)  # type: ignore[arg-type]


def load(tmp_path: Path, *words: str, server: str = "", **about: object) -> Answer:
    return mcpctl(tmp_path, "loadtest", "echo", "text=hi", *words, server=server, **about)


def started(*words: str) -> subprocess.Popen[str]:
    """As a process of its own, which can be interrupted."""
    server = ("--stdio", f"{compiled('echo_server')} stdio")
    return subprocess.Popen(
        [sys.executable, "-m", "mcpctl", "loadtest", *server, "echo", "text=hi", *words],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_json_has_every_promised_key_and_a_histogram_that_others_read(tmp_path: Path) -> None:
    answer = load(tmp_path, "-n", "500", "-c", "4", "--json")
    data = answer.data
    assert (answer.code, answer.json["status"]) == (0, "ok")
    promised = (
        "server tool protocol_version transport model requests ok errors duration_s rps latency_ms service_ms"
    )
    assert set(promised.split()) | {"thresholds", "verdict", "generator", "histogram"} <= set(data)
    assert set(data["latency_ms"]) == {"min", "mean", "p50", "p90", "p95", "p99", "p999", "max"}
    assert {"cpu_pct", "slip_us_p99", "queue_ms_p50"} <= set(data["generator"])
    assert (data["requests"], data["ok"], data["errors"], data["model"]) == (500, 500, {}, "closed")
    assert decode(data["histogram"]).count == 500


def test_a_person_sees_a_table_and_progress_beside_it(tmp_path: Path) -> None:
    answer = load(tmp_path, "--rate", "200/s", "-d", "1.2s", "--threshold", "p99<10s")
    assert answer.code == int("INVALID: " in answer.err)  # as a machine that is busy with others may make it
    assert "latency, from due time" in answer.out
    assert "p99<10s" in answer.out
    assert "passed" in answer.out
    (progress,) = (line for line in answer.err.splitlines() if "in flight" in line)
    told = re.search(
        r"([\d.]+)/s, \d+ in flight, (\d+) ok, 0 errors, now p50 [^-]+, total p50 [^-]+", progress
    )
    assert told is not None
    assert 0 < int(told[2]) <= 240
    assert float(told[1]) > 0


def test_a_terminal_gets_lines_that_are_drawn_over(tmp_path: Path) -> None:
    answer = load(tmp_path, "--rate", "200/s", "-d", "1.2s", tty=True, columns=100)
    assert "\x1b[J" in answer.err
    assert "█" in answer.err
    assert "p50" in answer.err


def test_a_missed_threshold_exits_1_and_names_itself(tmp_path: Path) -> None:
    answer = load(tmp_path, "-n", "300", "--threshold", "p99<1us", "--threshold", "errors<1%")
    assert answer.code == 1
    assert "missed: p99<1us, it is" in answer.err
    outcomes = load(tmp_path, "-n", "300", "--threshold", "echo:p50<1us", "--json").data["thresholds"]
    assert [(each["expr"], each["passed"]) for each in outcomes] == [("echo:p50<1us", False)]


def test_a_load_may_end_as_soon_as_a_threshold_is_missed(tmp_path: Path) -> None:
    answer = load(
        tmp_path,
        "--rate",
        "300/s",
        "-d",
        "60s",
        "--threshold",
        "errors<1%",
        "--abort-on-fail",
        server="--fail-every 2",
    )
    assert answer.code == 1
    assert "ended because a threshold was missed" in answer.err


def test_only_errors_are_a_no(tmp_path: Path) -> None:
    answer = load(tmp_path, "-n", "100", "--json", server="--fail-every 1")
    assert (answer.code, answer.data["errors"]) == (1, {"is_error": 100})
    assert answer.data["error_samples"] == {"is_error": "it failed"}


def test_a_server_that_dies_leaves_what_was_measured_and_exits_4(tmp_path: Path) -> None:
    answer = load(tmp_path, "-d", "30s", "-c", "2", "--json", "--save", "run.json", server="--die-after 500")
    assert (answer.code, answer.data["ended"]) == (4, "server_lost")
    assert answer.data["ok"] > 400
    assert answer.json["errors"][0]["code"] == "connect.lost"
    assert "exited with code 3" in answer.json["errors"][0]["message"]
    assert (tmp_path / "run.json").exists()


def test_a_server_that_never_answers_is_a_no_and_ends_in_time(tmp_path: Path) -> None:
    answer = load(
        tmp_path, "-n", "6", "-c", "2", "--call-timeout", "200ms", "--json", server="--swallow-every 1"
    )
    assert (answer.code, answer.data["errors"]) == (1, {"timeout": 6})
    assert "not one request succeeded" in answer.data["reasons"]


def test_a_server_that_answers_garbage_is_a_no(tmp_path: Path) -> None:
    answer = load(tmp_path, "-n", "50", "-c", "5", "--json", server="--garble-every 1")
    assert (answer.code, answer.data["errors"]) == (1, {"malformed": 50})


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_load_shows_and_saves_what_it_has(tmp_path: Path, number: signal.Signals) -> None:
    process = started("-c", "2", "-d", "60s", "--json", "--save", str(tmp_path / "run.json"))
    assert process.stderr is not None
    seconds = (line for line in process.stderr if "in flight" in line)
    next(seconds)
    process.send_signal(number)
    out, _ = process.communicate(timeout=10)
    answer = json.loads(out)
    assert process.returncode == answer["exit_code"] == 130
    assert (answer["data"]["ended"], answer["data"]["ok"] > 0) == ("interrupted", True)
    assert json.loads((tmp_path / "run.json").read_text())["run"]["ended"] == "interrupted"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("ehco",), "has no tool `ehco`"),
        (("echo",), '"text" is a required property'),
        (("echo", "text=hi", "n=one"), 'is not of type "integer"'),
        (("echo", "text={{nope}}"), "there is no template `nope`"),
        (("echo", "text={{line absent}}"), "cannot be read"),
        (("echo", "text=hi", "--rate", "0"), "is no rate above 0"),
        (("echo", "text=hi", "--rate", "5", "-c", "5"), "exclude each other"),
        (("echo", "text=hi", "--threshold", "p98<1ms"), "`p98` is not a metric (column 1)"),
        (("echo", "text=hi", "--threshold", "other:p99<1ms"), "`other` is not part of this load"),
        (("echo", "text=hi", "--save", "absent/run.json"), "cannot be written"),
        (("echo", "text=hi", "--report", "absent/page.html"), "cannot be written"),
        (("echo", "text=hi", "--junit", "absent/x"), "cannot be written"),
        (("echo", "text=hi", "--save", "x", "--csv", "./x"), "two results would be written to `./x`"),
        (("echo", "text=hi", "--baseline", "absent.json"), "cannot be read"),
        (("echo", "text=hi", "--stages", "absent.toml"), "cannot be read"),
        (("echo", "text=hi", "--metrics", "nowhere"), "is no address"),
        (("echo", "text=hi", "--start-at", "soon"), "is no moment"),
        (("echo", "text=hi", "--start-at", "inf"), "is no moment"),
        (("echo", "text=hi", "--shard", "3/2"), "is no part of a whole"),
        (("--mix", "absent.toml"), "cannot be read"),
        (("--connect", "--resource", "x://y"), "exclude each other"),
        (("echo", "text=hi", "--args", "{}"), "`--args` and items exclude each other"),
        (("echo", "--args", "{"), "are not JSON once their templates are filled in"),
        ((), "no tool is named"),
    ],
)
def test_bad_words_are_told_before_any_load(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    answer = mcpctl(tmp_path, "loadtest", *words)
    assert answer.code == 2
    assert said in answer.err
    assert answer.out == ""


def test_a_server_that_cannot_be_reached_exits_4(tmp_path: Path) -> None:
    assert run_words(tmp_path, "loadtest", "http://127.0.0.1:1/mcp", "echo").code == 4


def test_a_stranger_is_loaded_only_when_that_is_said(tmp_path: Path) -> None:
    answer = run_words(tmp_path, "loadtest", "http://load.example/mcp", "echo", "text=hi")
    assert answer.code == 2
    assert "--yes-remote" in answer.err


def test_more_open_files_than_there_can_be_are_told_before(tmp_path: Path) -> None:
    with http_target() as target:
        answer = run_words(tmp_path, "loadtest", target.url or "", "echo", "text=hi", "-c", "9000000")
    assert answer.code == 2
    assert "open files" in answer.err


def test_files_are_written_for_ci_and_for_people(tmp_path: Path) -> None:
    pytest.importorskip("plotly")
    summary = tmp_path / "summary.md"
    summary.write_text("before\n")
    files = ("--junit", "j.xml", "--csv", "s.csv", "--report", "page.html", "--save", "run.json")
    answer = load(
        tmp_path,
        *("--rate", "200/s", "-d", "1.2s", "--threshold", "p99<1us", *files),
        env={"GITHUB_STEP_SUMMARY": str(summary)},
    )
    assert answer.code == 1
    suite = ET.parse(tmp_path / "j.xml").getroot()[0]
    missed = 1 + ("INVALID: " in answer.err)  # as a machine that is busy with others may make it
    assert (suite.get("tests"), suite.get("failures")) == ("2", str(missed))
    rows = (tmp_path / "s.csv").read_text().splitlines()
    assert rows[0].startswith("second,sent,ok")
    assert len(rows) == 3
    assert summary.read_text().startswith("before\n### mcpctl loadtest")
    assert "**missed**" in summary.read_text()
    assert json.loads((tmp_path / "run.json").read_text())["mcpctl_run"] == 1
    assert "plotly" in (tmp_path / "page.html").read_text()


def test_the_page_draws_itself_in_a_browser_without_a_network(tmp_path: Path) -> None:
    pytest.importorskip("plotly")
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("no browser")
    load(tmp_path, "--rate", "300/s", "-d", "1.1s", "--report", "page.html", server="--fail-every 9")
    shown = subprocess.run(
        [
            *(
                browser,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--host-resolver-rules=MAP * ~NOTFOUND",
            ),
            *("--virtual-time-budget=5000", f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom"),
            (tmp_path / "page.html").as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout
    assert 'data-drawn="yes"' in shown
    drawn = shown.partition("</script>")[0] + shown
    for chart in ("latency", "throughput", "errors", "distribution", "spectrum"):
        assert f'id="{chart}"' in drawn
    assert shown.count('class="main-svg"') >= 10
    assert "is_error" in shown


def test_a_baseline_that_was_better_exits_1(tmp_path: Path) -> None:
    words = ("-n", "20", "-c", "1")
    assert load(tmp_path, *words, "--save", "run.json", server="--spin 20").code == 0
    slower = load(tmp_path, *words, "--baseline", "run.json", server="--spin 20000")
    assert slower.code == 1
    assert "regression" in slower.out
    other = load(tmp_path, "-n", "20", "-c", "2", "--baseline", "run.json")
    assert other.code == 2
    assert "does not belong" in other.err


def test_workers_and_shards_add_up_to_one_load(tmp_path: Path) -> None:
    both = load(tmp_path, "-n", "601", "-c", "4", "--workers", "2", "--json").data
    assert (both["requests"], both["generator"]["workers"]) == (601, 2)
    for number in (1, 2):
        load(tmp_path, "-n", "601", "-c", "4", "--shard", f"{number}/2", "--save", f"{number}.json")
    whole = run_words(tmp_path, "loadtest-merge", "1.json", "2.json", "--threshold", "errors<1%", "--json")
    assert (whole.code, whole.data["requests"]) == (0, 601)
    half = run_words(tmp_path, "loadtest-merge", "2.json", "--json")
    assert (half.code, half.data["verdict"]) == (1, "invalid")
    assert "shard 1/2" in half.data["reasons"][0]


def test_stored_runs_are_compared(tmp_path: Path) -> None:
    for name in ("a", "b"):
        load(tmp_path, "-n", "200", "-c", "2", "--save", f"{name}.json")
    answer = run_words(tmp_path, "loadtest-compare", "a.json", "--", "b.json")
    assert answer.code == 1
    assert "inconclusive" in answer.out
    assert "5 are the least" in answer.err
    assert (
        run_words(tmp_path, "loadtest-compare", "--inconclusive", "pass", "a.json", "--", "b.json").code == 0
    )
    assert run_words(tmp_path, "loadtest-compare", "a.json").code == 2
    assert run_words(tmp_path, "loadtest-compare", "a.json", "--", "absent.json").code == 2


def test_two_versions_are_measured_in_turns(tmp_path: Path) -> None:
    server = compiled("echo_server")
    sides = ("--a", f"{server} stdio --spin 20", "--b", f"{server} stdio --spin 10000")
    words = ("echo", "text=hi", "-c", "1", "-n", "12", "--warmup", "10ms", "--pairs", "5")
    answer = run_words(tmp_path, "loadtest-ab", *sides, *words)
    assert answer.code == 1
    assert "verdict: regression" in answer.out
    told = [line.split()[1:3] for line in answer.err.splitlines() if line.startswith("pair")]
    pairs = [
        (first[0], first[1][0] + second[1][0]) for first, second in zip(told[::2], told[1::2], strict=True)
    ]
    # A pair that the machine disturbed is made again, in the same order.
    assert list(dict.fromkeys(pairs)) == [
        (f"{number}/5,", order) for number, order in enumerate(("AB", "BA", "AB", "BA", "AB"), 1)
    ]
    assert run_words(tmp_path, "loadtest-ab", "--a", server, "echo").code == 2


def test_the_highest_level_that_holds_is_searched_for(tmp_path: Path) -> None:
    words = ("--find-limit", "p50<40ms", "--limit-of", "concurrency", "-c", "1", "-d", "200ms", "--json")

    def attempt() -> None:
        limit = load(tmp_path, *words, server="--spin 5000").data["limit"]
        # A call takes five milliseconds and more, so eight of them wait for each other too long.
        assert limit["quantity"] == "concurrency"
        assert limit["highest"] in range(1, 10)
        levels = {step["level"]: step["held"] for step in limit["steps"]}
        assert levels[limit["highest"]]
        assert not any(levels[level] for level in levels if level > limit["highest"])

    in_a_quiet_moment(attempt)


def test_mixes_resources_prompts_and_sessions_are_loads_too(tmp_path: Path) -> None:
    (tmp_path / "mix.toml").write_text(
        '[[mix]]\ntool = "echo"\nweight = 3\narguments = {text = "{{uuid}}", n = "{{n}}"}\n'
        '[[mix]]\nresource = "echo://{{n}}"\n'
    )
    parts = mcpctl(tmp_path, "loadtest", "--mix", "mix.toml", "-n", "400", "--json").data["operations"]
    assert {part["name"]: part["ok"] > 50 for part in parts} == {"echo": True, "echo://{{n}}": True}
    read = mcpctl(tmp_path, "loadtest", "--resource", "echo://it", "-n", "20", "--json")
    assert (read.code, read.data["ok"]) == (0, 20)
    sessions = mcpctl(tmp_path, "loadtest", "--connect", "-n", "5", "-c", "1", "--json")
    assert (sessions.code, sessions.data["operations"][0]["kind"], sessions.data["ok"]) == (0, "session", 5)


def test_a_configured_server_and_the_demo_are_loaded_by_name(tmp_path: Path) -> None:
    configured(tmp_path)
    answer = run_words(
        tmp_path, "loadtest", "echo", "add", "a={{n}}", "b:=2", "-n", "50", "--check-every", "1", "--json"
    )
    assert (answer.code, answer.data["ok"], answer.data["server"]) == (0, 50, "echo")
    assert answer.data["checked"]["sampled"] > 0
    prompt = run_words(tmp_path, "loadtest", "rich", "--prompt", "nope", "-n", "5")
    assert prompt.code == 2


def test_figures_are_served_for_prometheus_meanwhile(tmp_path: Path) -> None:
    process = started("-c", "1", "-d", "60s", "--metrics", "127.0.0.1:0")
    assert process.stderr is not None
    found = re.search(r"http://127\.0\.0\.1:\d+/metrics", process.stderr.readline())
    assert found is not None
    next(line for line in process.stderr if "in flight" in line)
    text = urllib.request.urlopen(found[0], timeout=5).read().decode()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=10)
    served = re.search(r'mcpctl_load_requests_total\{outcome="ok",server="[^"]+"\} (\S+)', text)
    assert served is not None
    assert float(served[1]) > 0
    assert 'quantile="0.99"' in text
    assert process.returncode == 130


def test_a_secret_of_a_server_is_in_no_file(tmp_path: Path) -> None:
    server = compiled("echo_server")
    (tmp_path / "mcpctl.toml").write_text(
        f'[servers.e]\ncommand = "{server}"\nargs = ["stdio"]\nenv = {{ API_TOKEN = "canary-9f8e7d" }}\n'
    )
    answer = run_words(
        tmp_path,
        "loadtest",
        "e",
        "echo",
        "text=hi",
        "-n",
        "50",
        "--save",
        "run.json",
        "--junit",
        "j.xml",
        "--json",
    )
    assert answer.code == 0
    texts = [answer.out, answer.err, (tmp_path / "run.json").read_text(), (tmp_path / "j.xml").read_text()]
    assert not any("canary-9f8e7d" in text for text in texts)
