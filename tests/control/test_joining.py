"""Hosts that each start an endpoint of their own, at a server that cannot run twice: a supervisor serves them all."""

from __future__ import annotations

import json
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.control.places import Project, alive, eventually
from tests.supervisor.places import write_build

HELLO = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "host", "version": "1"}}


class Endpoint:
    def __init__(self, project: Project) -> None:
        self.process = project.start("run", "build", "--stdio", "--quiet", stdin=subprocess.PIPE)

    def ask(self, identity: int, method: str, params: Any = None) -> Any:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        message = {"jsonrpc": "2.0", "id": identity, "method": method, "params": params or {}}
        self.process.stdin.write(json.dumps(message).encode() + b"\n")
        self.process.stdin.flush()
        while (answer := json.loads(self.process.stdout.readline())).get("id") != identity:
            pass
        return answer.get("result", answer.get("error"))

    def work(self, identity: int) -> str:
        return str(self.ask(identity, "tools/call", {"name": "work"})["content"][0]["text"])

    def leave(self) -> int:
        self.process.communicate(timeout=60)
        return self.process.returncode


@pytest.fixture
def project(tmp_path: Path) -> Project:
    found = Project(tmp_path)
    found.configure(reload="restart")
    return found


def test_hosts_on_stdio_share_the_process_of_the_supervisor_through_reloads(project: Project) -> None:
    with project.running("--no-watch"):
        hosts = [Endpoint(project) for _ in range(3)]
        for host in hosts:
            assert host.ask(1, "initialize", HELLO)["serverInfo"]["version"] == "v1"
        assert len({host.work(2) for host in hosts}) == 1
        write_build(project.server, "v2")
        project.data("reload", "build")
        assert len({said := host.work(3) for host in hosts}) == 1
        assert said.startswith("v2")
        assert list(project.servers()) == ["build"]
        assert project.servers()["build"]["calls"] == 6
        assert hosts[0].leave() == 0
        hosts[1].process.kill()
        hosts[1].leave()
        assert hosts[2].work(4) == said
        assert hosts[2].leave() == 0
        eventually(lambda: project.servers()["build"]["state"] == "stopped")


def test_a_second_host_joins_the_endpoint_of_the_first(project: Project) -> None:
    first, second = Endpoint(project), None
    try:
        first.ask(1, "initialize", HELLO)
        second = Endpoint(project)
        second.ask(1, "initialize", HELLO)
        assert first.work(2) == second.work(2)
    finally:
        assert first.leave() == 0
        if second is not None:
            assert second.leave() in (0, 4, 130)


def test_a_supervisor_that_leaves_takes_its_hosts_with_it(project: Project) -> None:
    with project.running() as pid:
        host = Endpoint(project)
        host.ask(1, "initialize", HELLO)
        assert project.data("stop", "--all")["status"] == "ok"
        assert host.process.wait(timeout=60) in (4, 130)
        host.leave()
        eventually(lambda: not alive(pid))


def test_ctrl_c_reaches_a_host_that_joined(project: Project) -> None:
    with project.running():
        host = Endpoint(project)
        host.ask(1, "initialize", HELLO)
        host.process.send_signal(signal.SIGINT)
        assert host.process.wait(timeout=60) == 130
        host.leave()
        assert project.data("call", "build", "work")["status"] == "ok"
