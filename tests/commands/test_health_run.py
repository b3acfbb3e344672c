"""The pages that `mcpctl run --serve` answers, over servers that come, go and break."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.commands.places import configured
from tests.support import ROOT, world

PATIENCE = 60.0


class Supervisor:
    def __init__(self, folder: Path, *words: str) -> None:
        self.folder = folder
        self.env = {**world(folder).env, "PYTHONPATH": str(ROOT)}
        Path(self.env["XDG_RUNTIME_DIR"]).mkdir(mode=0o700, exist_ok=True)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "mcpctl", "run", "--serve", "0", "--json", *words],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=self.env,
        )
        self.address = self._address()

    def _address(self) -> str:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            event = json.loads(line)
            if event.get("type") == "health_served":
                return str(event["address"])
        raise AssertionError("it ended before it listened")

    def page(self, path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"{self.address}{path}", timeout=60) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def server(self, name: str) -> dict[str, Any]:
        servers = json.loads(self.page("/health")[1])["data"]["servers"]
        (found,) = [each for each in servers if each["name"] == name]
        assert isinstance(found, dict)
        return found

    def until(self, is_so: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not is_so():
            assert time.monotonic() < deadline, self.page("/health")
            time.sleep(0.05)

    def run(self, *argv: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "mcpctl", *argv],
            cwd=self.folder,
            env=self.env,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        return done.stdout

    def end(self) -> None:
        self.process.send_signal(signal.SIGINT)
        self.process.communicate(timeout=PATIENCE)


@pytest.fixture
def supervised(tmp_path: Path) -> Iterator[Callable[..., Supervisor]]:
    made: list[Supervisor] = []

    def make(*words: str, servers: tuple[str, ...] = (), more: str = "") -> Supervisor:
        configured(tmp_path, *servers, more=more)
        made.append(Supervisor(tmp_path, *words))
        return made[-1]

    yield make
    for each in made:
        each.end()


def test_it_is_ready_while_every_required_server_runs(supervised: Callable[..., Supervisor]) -> None:
    one = supervised(servers=("exit3",), more="[servers.exit3.health]\nrequired = false\n")
    assert one.page("/healthz") == (200, "ok\n")
    one.until(lambda: one.page("/readyz")[0] == 200)
    assert one.server("echo")["status"] == "healthy"
    assert one.server("exit3")["status"] == "unreachable"
    one.run("stop", "echo")
    assert one.page("/readyz") == (503, '{"not_ready": ["echo"], "ready": false}\n')
    assert one.server("echo")["checks"][0]["message"].startswith("it is stopped")


def test_only_servers_that_were_chosen_are_waited_for(supervised: Callable[..., Supervisor]) -> None:
    one = supervised("echo", servers=("exit3",))
    one.until(lambda: one.page("/readyz")[0] == 200)
    assert [each["name"] for each in json.loads(one.page("/health")[1])["data"]["servers"]] == ["echo"]


def test_metrics_count_the_calls_the_restarts_and_the_time(supervised: Callable[..., Supervisor]) -> None:
    one = supervised("echo")
    one.until(lambda: one.page("/readyz")[0] == 200)
    for _ in range(3):
        one.run("call", "echo", "echo", "text=hi")
    one.run("call", "echo", "fail")
    running = json.loads(one.run("ps", "--json"))["data"]["servers"][0]
    os.kill(running["pid"], signal.SIGKILL)
    one.until(lambda: 'mcp_restarts_total{server="echo"} 1.0' in one.page("/metrics")[1])
    told = one.page("/metrics")[1]
    assert 'mcp_calls_total{outcome="ok",server="echo",tool="echo"} 3.0' in told
    assert 'mcp_calls_total{outcome="is_error",server="echo",tool="fail"} 1.0' in told
    assert 'mcp_call_duration_seconds_count{server="echo",tool="echo"} 3.0' in told
    one.until(lambda: 'mcp_up{server="echo"} 1.0' in one.page("/metrics")[1])
    told = one.page("/metrics")[1]
    assert 'mcp_stdout_noise_lines_total{server="echo"} 0.0' in told
    assert 'mcp_uptime_seconds{server="echo"}' in told


def test_slow_calls_make_a_server_degraded_before_anybody_looks(
    supervised: Callable[..., Supervisor],
) -> None:
    one = supervised("echo", more="[servers.echo.health]\nlatency = {p50 = '0.001ms'}\n")
    one.until(lambda: one.page("/readyz")[0] == 200)
    for _ in range(4):
        one.run("call", "echo", "echo", "text=hi")
    one.until(lambda: one.server("echo")["status"] == "degraded")
    assert one.page("/readyz")[0] == 200  # it is slow, and takes calls


def test_a_server_is_looked_at_only_where_an_interval_says_so(supervised: Callable[..., Supervisor]) -> None:
    canary = "canary = {tool = 'echo', arguments = {text = 'x'}, expect = {contains = 'never'}}\n"
    more = f"[servers.echo.health]\ninterval = '50ms'\nfall = 1\nlevel = 'canary'\n{canary}"
    one = supervised("echo", more=more)
    one.until(lambda: one.server("echo")["status"] == "unhealthy")
    assert one.page("/readyz")[0] == 503
    looked = {check["name"]: check["code"] for check in one.server("echo")["checks"]}
    assert looked["canary echo"] == "H401"
    path = one.folder / "mcpctl.toml"
    path.write_text(path.read_text().replace("interval = '50ms'\n", ""))
    one.until(lambda: one.page("/readyz")[0] == 200)
    assert [check["name"] for check in one.server("echo")["checks"]] == ["state"]


def test_an_address_that_is_taken_ends_it_before_anything_starts(
    supervised: Callable[..., Supervisor],
) -> None:
    one = supervised("echo")
    port = one.address.rpartition(":")[2]
    env = {**one.env, "XDG_RUNTIME_DIR": f"{one.env['XDG_RUNTIME_DIR']}2"}
    Path(env["XDG_RUNTIME_DIR"]).mkdir(mode=0o700)
    done = subprocess.run(
        [sys.executable, "-m", "mcpctl", "run", "--serve", port],
        cwd=one.folder,
        env=env,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 4
    assert f"cannot listen on `127.0.0.1:{port}`" in done.stderr
