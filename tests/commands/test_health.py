"""`mcpctl health` from words to exit codes, on servers that are well and on servers that are not."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from tests.commands.places import Answer, configured, mcpctl
from tests.support import ROOT, world

CANARY = """
[servers.echo.health]
timeout = "2s"
soak = 3
canary = [
  {tool = "echo", arguments = {text = "hi"}, expect = {contains = "hi", regex = "^h"}},
  {tool = "add", arguments = {a = 1, b = 2}, expect = {pointer = {"/sum" = 3}}},
]
"""


def checks(answer: Answer, server: str = "echo") -> dict[str, dict[str, Any]]:
    (found,) = [each for each in answer.data["servers"] if each["name"] == server]
    return {check["name"]: check for check in found["checks"]}


def status(answer: Answer, server: str) -> str:
    (found,) = [each for each in answer.data["servers"] if each["name"] == server]
    return str(found["status"])


def codes(answer: Answer, server: str) -> list[str]:
    (found,) = [each for each in answer.data["servers"] if each["name"] == server]
    return [check["code"] for check in found["checks"] if check["code"]]


def test_servers_that_are_well_are_healthy_at_every_level(tmp_path: Path) -> None:
    configured(tmp_path, more=CANARY)
    answer = mcpctl(tmp_path, "health", "--level", "soak", "--json")
    assert answer.code == 0
    assert answer.data["status"] == "healthy"
    assert list(checks(answer)) == [
        "config",
        "start",
        "handshake",
        "list",
        "canary echo",
        "canary add",
        "soak",
        "stop",
    ]
    (echo, _) = answer.data["servers"]
    assert (echo["protocol_version"], echo["tools"], echo["level"]) == ("2025-11-25", 3, "soak")
    assert all(check["duration_ms"] >= 0 for check in echo["checks"])


def test_the_level_config_starts_nothing(tmp_path: Path) -> None:
    (tmp_path / "mark.sh").write_text(f"#!/bin/sh\ntouch {tmp_path}/started\n")
    (tmp_path / "mark.sh").chmod(0o755)
    (tmp_path / "mcpctl.toml").write_text(
        '[servers.mark]\ncommand = "./mark.sh"\n[servers.gone]\ncommand = "no-such-program"\n'
        '[servers.lost]\ncommand = "true"\ncwd = "nowhere"\n[servers.unset]\ncommand = "true"\n'
        'args = ["${NOT_SET_ANYWHERE}"]\n[servers.odd]\nurl = "http://"\n'
    )
    answer = mcpctl(tmp_path, "health", "--level", "config", "--json")
    assert not (tmp_path / "started").exists()
    assert answer.code == 3
    assert status(answer, "mark") == "healthy"
    for server, code in (
        ("gone", "H101"),
        ("lost", "H103"),
        ("unset", "H102"),
        ("odd", "H104"),
    ):
        assert codes(answer, server) == [code], server
        assert status(answer, server) == "config_error"


def test_a_wrong_section_is_an_error_of_the_file_with_its_place(tmp_path: Path) -> None:
    configured(tmp_path, "echo", more='[servers.echo.health]\nfall = "often"\nintervall = "3s"\n')
    answer = mcpctl(tmp_path, "health", "--json")
    assert answer.code == 3
    told = [(each["line"], each["message"]) for each in answer.json["errors"]]
    text = (tmp_path / "mcpctl.toml").read_text().splitlines()
    assert [(text[line - 1].partition(" ")[0], said) for line, said in told] == [
        ("fall", "`servers.echo.health.fall` must be a whole number from 1 on"),
        ("intervall", "`servers.echo.health` has no key `intervall`"),
    ]
    assert answer.json["errors"][1]["hint"] == "did you mean `interval`?"


def test_failures_keep_their_own_exit_code_and_several_kinds_are_one(tmp_path: Path) -> None:
    configured(tmp_path, "exit3", "wrong_types_list")
    assert mcpctl(tmp_path, "health", "exit3").code == 4
    assert mcpctl(tmp_path, "health", "wrong_types_list").code == 1
    both = mcpctl(tmp_path, "health", "--json")
    assert both.code == 1
    assert both.json["status"] == "failed"
    assert codes(both, "exit3") == ["H202"]
    assert codes(both, "wrong_types_list") == ["H301"]
    assert "exited with code 3" in str(checks(both, "exit3")["start"]["message"])


def test_the_time_of_the_command_costs_only_those_that_have_not_answered(tmp_path: Path) -> None:
    configured(tmp_path, "no_init")
    answer = mcpctl(tmp_path, "health", "echo", "no_init", "--timeout", "1500ms", "--json")
    assert answer.code == 4
    assert status(answer, "echo") == "healthy"
    assert status(answer, "no_init") == "unreachable"
    assert "the time of the whole command" in str(checks(answer, "no_init")["start"]["message"])


def test_start_is_told_from_handshake(tmp_path: Path) -> None:
    configured(tmp_path, "no_init", "exit3")
    start = mcpctl(tmp_path, "health", "--level", "start", "--json")
    assert {each["name"]: each["status"] for each in start.data["servers"]} == {
        "echo": "healthy",
        "rich": "healthy",
        "no_init": "healthy",
        "exit3": "unreachable",
    }
    deaf = mcpctl(tmp_path, "health", "no_init", "--level", "handshake", "--json")
    assert deaf.code == 4
    assert codes(deaf, "no_init") == ["H203"]


def test_a_canary_with_a_wrong_expectation_fails_and_says_what_came(tmp_path: Path) -> None:
    configured(
        tmp_path,
        more='[servers.echo.health]\ncanary = [{tool = "echo", arguments = {text = "hi"}, '
        'expect = {contains = "bye"}}, {tool = "nope"}, {tool = "add", arguments = {a = "x"}}, {tool = "fail"}]\n',
    )
    answer = mcpctl(tmp_path, "health", "echo", "--level", "canary", "--json")
    assert answer.code == 1
    assert codes(answer, "echo") == ["H401", "H403", "H403", "H402"]
    assert "`hi` does not contain `bye`" in str(checks(answer)["canary echo"]["message"])


def test_two_canaries_of_one_tool_are_two_cases(tmp_path: Path) -> None:
    call = '{tool = "echo", arguments = {text = "hi"}, expect = {contains = "%s"}}'
    configured(tmp_path, more=f"[servers.echo.health]\ncanary = [{call % 'hi'}, {call % 'bye'}]\n")
    answer = mcpctl(tmp_path, "health", "echo", "--level", "canary", "--format", "junit")
    cases = {
        case.get("name"): case.find("failure") is not None
        for case in ET.fromstring(answer.out).iter("testcase")
    }
    assert (cases["canary echo"], cases["canary echo#2"]) == (False, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--on-change", "tell"), "`--on-change` needs `--watch`"),
        (("--webhook", "http://127.0.0.1:1/"), "`--webhook` needs `--watch`"),
        (("--interval", "5s"), "`--interval` needs `--watch`"),
        (("--watch", "--interval", "0"), "`--interval 0` leaves no time between two looks"),
        (("--watch", "--webhook", "ftp://x"), "it must begin with `http://` or `https://`"),
    ],
)
def test_what_a_watch_cannot_use_is_refused_at_once(
    tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    configured(tmp_path)
    answer = mcpctl(tmp_path, "health", "echo", *words)
    assert answer.code == 2
    assert said in answer.err


def test_an_objective_that_nobody_meets_degrades(tmp_path: Path) -> None:
    configured(
        tmp_path,
        more='[servers.echo.health]\nlatency = {p99 = "0.001ms"}\ncanary = {tool = "echo", arguments = {text = "x"}}\n',
    )
    words = ("health", "echo", "--level", "canary")
    answer = mcpctl(tmp_path, *words, "--json")
    assert answer.code == 0
    assert status(answer, "echo") == "degraded"
    assert codes(answer, "echo") == ["H503"]
    assert mcpctl(tmp_path, *words, "--fail-on", "degraded").code == 1


def test_checks_of_the_user_stand_beside_the_others(tmp_path: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    script = (
        "import sys; print(sys.stdin.read(), file=sys.stderr); print('full', file=sys.stderr); sys.exit(4)"
    )
    configured(
        tmp_path,
        more=f"[servers.echo.health]\ntimeout = '5s'\n[servers.echo.health.checks]\n"
        f"good = {{command = 'true'}}\n"
        f"disk = {{command = [{json.dumps(sys.executable)}, '-c', {json.dumps(script)}]}}\n"
        f"late = {{command = 'sleep 60', timeout = '100ms'}}\n"
        f"api = {{url = 'http://127.0.0.1:{port}/x'}}\n",
    )
    answer = mcpctl(tmp_path, "health", "echo", "--json")
    found = checks(answer)
    assert found["good"]["status"] == "ok"
    assert found["disk"]["message"].endswith("exited with 4: full")
    assert "did not end within 0.1 s" in found["late"]["message"]
    assert found["api"]["code"] == "H412"
    assert answer.code == 1


def test_stops_and_leaks_are_seen_at_the_last_level(tmp_path: Path) -> None:
    configured(tmp_path, "ignore_eof", "ignore_sigterm", "grandchild", "garbage")
    answer = mcpctl(tmp_path, "health", "--level", "soak", "--json")
    assert codes(answer, "ignore_eof") == ["H601"]
    assert codes(answer, "ignore_sigterm") == ["H602"]
    assert codes(answer, "grandchild") == ["H603"]
    assert codes(answer, "garbage") == ["H604"]
    assert status(answer, "garbage") == "degraded"


def test_other_formats_say_the_same(tmp_path: Path) -> None:
    configured(tmp_path, "exit3")
    suites = ET.fromstring(mcpctl(tmp_path, "health", "--format", "junit").out)
    assert [suite.get("failures") for suite in suites] == ["0", "0", "1"]
    assert [case.get("name") for case in suites[0]] == ["config", "start", "handshake", "list"]
    assert mcpctl(tmp_path, "health", "--format", "github").out.startswith("::error title=H202 exit3 start::")
    lines = mcpctl(tmp_path, "health", "--format", "jsonl").out.splitlines()
    assert [json.loads(line).get("name") for line in lines] == ["echo", "rich", "exit3", None]
    assert json.loads(lines[-1])["data"]["status"] == "unreachable"


def test_metrics_are_written_for_prometheus_all_at_once(tmp_path: Path) -> None:
    configured(tmp_path, "exit3")
    answer = mcpctl(tmp_path, "health", "--format", "prometheus", "--output", "mcp.prom")
    assert answer.out == ""
    assert answer.code == 4
    text = (tmp_path / "mcp.prom").read_text()
    assert 'mcp_up{server="echo"} 1.0' in text
    assert 'mcp_up{server="exit3"} 0.0' in text
    assert 'mcp_probe_duration_seconds{phase="list",server="echo"}' in text
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".mcp")] == []
    assert mcpctl(tmp_path, "health", "--format", "prometheus", "--output", "no/such/x").code == 74
    assert mcpctl(tmp_path, "health", "--json", "--output", "x").code == 2


def test_what_is_switched_off_is_skipped(tmp_path: Path) -> None:
    configured(tmp_path, more="[servers.off]\ncommand = 'true'\nenabled = false\n")
    answer = mcpctl(tmp_path, "health", "--level", "config", "--json")
    assert status(answer, "off") == "skipped"
    assert answer.code == 0


def test_a_table_names_what_is_wrong_and_what_to_do(tmp_path: Path) -> None:
    configured(tmp_path, "exit3", "ansi")
    answer = mcpctl(tmp_path, "health", "exit3", "ansi", tty=True, columns=100)
    assert "H202 exit3" in answer.out
    assert "  = " in answer.out
    assert "pwned" not in answer.out.replace("\x1b[", "")


def test_waiting_ends_when_all_are_healthy_or_by_what_was_seen_last(tmp_path: Path) -> None:
    configured(tmp_path, "exit3")
    reached = mcpctl(tmp_path, "health", "echo", "--until", "healthy", "--timeout", "20s", "--json")
    lines = [json.loads(line) for line in reached.out.splitlines()]
    assert reached.code == 0
    assert [line.get("type") for line in lines[:2]] == ["probed", "health_changed"]
    assert lines[-1]["data"]["status"] == "healthy"
    never = mcpctl(
        tmp_path, "health", "exit3", "--until", "healthy", "--timeout", "1s", "--interval", "200ms"
    )
    assert never.code == 4


def test_watching_streams_lines_and_tells_a_program_of_changes(tmp_path: Path) -> None:
    configured(tmp_path, "exit3")
    told = tmp_path / "told"
    script = tmp_path / "tell.sh"
    script.write_text(f'#!/bin/sh\necho "$MCPCTL_SERVER/$MCPCTL_FROM/$MCPCTL_TO" > {told}\ncat >> {told}\n')
    script.chmod(0o755)
    answer = mcpctl(
        tmp_path,
        "health",
        "exit3",
        "--watch",
        "--interval",
        "200ms",
        "--timeout",
        "2s",
        "--on-change",
        "./tell.sh",
    )
    lines = [json.loads(line) for line in answer.out.splitlines()]
    assert {line["type"] for line in lines[:-1]} == {"probed", "health_changed"}
    assert lines[-1]["data"]["status"] == "unreachable"
    first, body = told.read_text().split("\n", 1)
    assert first == "exit3//unreachable"
    assert json.loads(body)["to"] == "unreachable"


def test_watching_keeps_a_file_of_metrics_and_goes_on_where_it_cannot_be_written(tmp_path: Path) -> None:
    configured(tmp_path)
    words = ("health", "echo", "--watch", "--interval", "100ms", "--timeout", "1s", "--format", "prometheus")
    assert mcpctl(tmp_path, *words, "--output", "mcp.prom").code == 0
    assert 'mcp_up{server="echo"} 1.0' in (tmp_path / "mcp.prom").read_text()
    lost = mcpctl(tmp_path, *words, "--output", "no/such/place")
    assert lost.err.count("no such file or directory") == 2  # once while it watches, once as the outcome
    assert mcpctl(tmp_path, "health", "--watch", "--format", "junit", "--output", "x").code == 2


def test_a_terminal_gets_a_table_that_is_drawn_over_itself(tmp_path: Path) -> None:
    configured(tmp_path)
    answer = mcpctl(
        tmp_path, "health", "echo", "--watch", "--interval", "200ms", "--timeout", "1s", tty=True, columns=90
    )
    assert answer.out.count("\x1b[H") >= 2
    assert "STATE" in answer.out
    assert "looks, 1 changes" in answer.out


@pytest.fixture
def refusing() -> Iterator[str]:
    """A server that answers every request with 401."""
    listener = socket.create_server(("127.0.0.1", 0))

    def refuse() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            with client:
                client.recv(65536)
                client.sendall(
                    b"HTTP/1.1 401 Unauthorized\r\nwww-authenticate: Bearer\r\ncontent-length: 0\r\n"
                    b"connection: close\r\n\r\n"
                )

    threading.Thread(target=refuse, daemon=True).start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}/mcp"
    listener.close()


def test_a_refusal_is_auth_required_and_not_tried_again(tmp_path: Path, refusing: str) -> None:
    answer = mcpctl(tmp_path, "health", refusing, "--json")
    assert answer.code == 7
    assert answer.data["status"] == "auth_required"


@pytest.mark.parametrize("more", [[], ["--watch"], ["--watch", "--format", "jsonl"]])
def test_others_can_ask_over_http(tmp_path: Path, more: list[str]) -> None:
    command = [
        sys.executable,
        "-m",
        "mcpctl",
        "health",
        "--serve",
        "0",
        "--timeout",
        "30s",
        "--interval",
        "1s",
    ]
    configured(tmp_path, "exit3", more="[servers.exit3.health]\nrequired = false\n")
    process = subprocess.Popen(
        [*command, *more],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=_environment(tmp_path),
    )
    try:
        assert process.stdout is not None
        assert process.stderr is not None
        if more:
            address = json.loads(process.stdout.readline())["address"]
        else:
            address = process.stderr.readline().split()[-1]
        assert _get(f"{address}/healthz") == (200, "ok\n")
        deadline = time.monotonic() + 60
        while _get(f"{address}/readyz")[0] != 200 and time.monotonic() < deadline:
            time.sleep(0.05)
        assert _get(f"{address}/readyz") == (200, '{"not_ready": [], "ready": true}\n')
        whole = json.loads(_get(f"{address}/health")[1])
        assert [each["status"] for each in whole["data"]["servers"]][:2] == ["healthy", "healthy"]
        assert 'mcp_up{server="exit3"} 0.0' in _get(f"{address}/metrics")[1]
        assert _get(f"{address}/nope")[0] == 404
    finally:
        process.terminate()
        out, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    if more:
        ending = json.loads(out.splitlines()[-1])
        assert (ending["status"], ending["exit_code"]) == ("error", 130)
        assert [each["message"] for each in ending["errors"]] == ["interrupted by SIGTERM"]


def _get(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def _environment(tmp_path: Path) -> dict[str, str]:
    return {**world(tmp_path).env, "PYTHONPATH": str(ROOT)}
