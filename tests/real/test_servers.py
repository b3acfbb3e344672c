"""Servers that people really run: all they offer is listed and shown, and of each at least one thing is used."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from mcpctl.commands.example import sample
from tests.commands.places import Answer, mcpctl
from tests.real.install import NODE_SERVERS, PYTHON_SERVERS, program
from tests.support import ROOT, world

OPTIONS = {
    "@modelcontextprotocol/server-filesystem": ["."],
    "mcp-server-git": ["--repository", "repository"],
    "mcp-server-fetch": ["--ignore-robots-txt", "--allow-private-ips"],
}


class Server:
    """One of them, configured in a folder of its own."""

    def __init__(self, package: str, folder: Path) -> None:
        path = program(package)
        if path is None:
            pytest.skip(f"{package} is not installed: run `python -m tests.real.install`")
        self.folder = folder
        self.entry = {
            "command": str(path),
            "args": OPTIONS.get(package, []),
            "cwd": str(folder),
            "start_timeout": "30s",
            "env": {"MEMORY_FILE_PATH": str(folder / "memory.json"), "NO_PROXY": "127.0.0.1"},
        }
        (folder / "mcpctl.json").write_text(json.dumps({"servers": {"real": self.entry}}))
        self.typed = mcpctl

    def __call__(self, verb: str, *words: str) -> Answer:
        answer = self.typed(self.folder, verb, "real", *words)
        assert answer.code == 0, answer.err
        return answer

    def data(self, verb: str, *words: str) -> dict[str, Any]:
        return self(verb, *words, "--json").data

    @contextlib.contextmanager
    def supervised(self) -> Iterator[None]:
        """Started once for all that follows: Node needs longer to start than the rest takes."""
        (self.folder / "home/run").mkdir(parents=True, mode=0o700)
        self.typed = _process
        self("run", "--detach", "--timeout", "30s")
        try:
            yield
        finally:
            assert _process(self.folder, "stop", "--all").code == 0


def _process(folder: Path, *argv: str) -> Answer:
    """What a supervisor does for others it does not do for a function call."""
    done = subprocess.run(
        [sys.executable, "-m", "mcpctl", *argv],
        cwd=folder,
        env={**world(folder).env, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return Answer(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    subprocess.run(["git", "init", "--quiet", "--initial-branch", "trunk", str(folder)], check=True)
    return folder


@pytest.mark.parametrize("package", [*NODE_SERVERS, *PYTHON_SERVERS])
def test_all_that_a_server_offers_is_listed_with_examples_that_fit(
    package: str, tmp_path: Path, repository: Path
) -> None:
    server = Server(package, tmp_path)
    offered, shown, listed = server.data("inspect"), server("inspect").out, server("tools").out
    assert offered["tools"], "every one of them has tools"
    for tool in offered["tools"]:
        assert f"{tool['name']}(" in shown
        assert f"{tool['name']}(" in listed
        assert _fits(tool["inputSchema"]), tool["name"]
    for kind, key in (("resources", "uri"), ("templates", "uriTemplate"), ("prompts", "name")):
        for each in offered[kind]:
            assert each[key] in shown
    assert offered["notes"] == []
    name = offered["tools"][0]["name"]
    assert f"mcpctl call real {name}" in server("tools", name).out


def _fits(schema: dict[str, Any]) -> bool:
    """Whether the arguments that an example would show are those that the tool takes."""
    required = {name: sample(schema["properties"][name], name) for name in schema.get("required", [])}
    return Draft202012Validator(schema).is_valid(required)


def test_everything_answers_and_asks(tmp_path: Path) -> None:
    server = Server("@modelcontextprotocol/server-everything", tmp_path)
    assert "hello" in server("call", "echo", "message=hello").out
    with server.supervised():
        assert "5" in server("call", "get-sum", "a=2", "b=3").out
        assert server.data("call", "get-structured-content", "location=New York")["structured"]
        assert "[image, image/png" in server("call", "get-tiny-image").out
        assert "progress" not in server("call", "trigger-long-running-operation", "duration=1", "steps=2").err
        assert server("call", "trigger-elicitation-request", "--elicit", "decline").out
        resources = server.data("resources")["resources"]
        for resource in resources:
            assert server("read", resource["uri"]).out
        assert server("read", "demo://resource/dynamic/text/{resourceId}", "resourceId=1").out
        assert server("prompt", "args-prompt", "city=Paris").out.startswith("user:")
        assert server("complete", "completable-prompt", "department=E").out == "Engineering\n"
        assert server.data("call", "echo", "message=hello")["warm"]


def test_filesystem_writes_and_reads(tmp_path: Path) -> None:
    server = Server("@modelcontextprotocol/server-filesystem", tmp_path)
    server("call", "write_file", "path=note.txt", "content=line 1\nline 2\n")
    assert (tmp_path / "note.txt").read_text() == "line 1\nline 2\n"
    assert server("call", "read_text_file", "path=note.txt", "head=1").out.startswith("line 1")
    assert "note.txt" in server("call", "list_directory", "path=.").out
    refused = mcpctl(tmp_path, "call", "real", "read_text_file", "path=/etc/passwd")
    assert (refused.code, refused.out) == (1, "")


def test_memory_keeps_what_it_is_told(tmp_path: Path) -> None:
    server = Server("@modelcontextprotocol/server-memory", tmp_path)
    server(
        "call",
        "create_entities",
        'entities:=[{"name": "Ada", "entityType": "person", "observations": ["first"]}]',
    )
    assert server.data("call", "read_graph")["structured"]["entities"][0]["name"] == "Ada"
    assert "Ada" in server("read", "memory://knowledge-graph").out


def test_time_is_told(tmp_path: Path) -> None:
    server = Server("mcp-server-time", tmp_path)
    assert '"timezone"' in server("call", "get_current_time", "timezone=UTC").out
    converted = server(
        "call", "convert_time", "source_timezone=UTC", "time=12:00", "target_timezone=Asia/Tokyo"
    )
    assert "21:00" in converted.out


def test_git_sees_a_change(tmp_path: Path, repository: Path) -> None:
    server = Server("mcp-server-git", tmp_path)
    (repository / "new.txt").write_text("new")
    assert "new.txt" in server("call", "git_status", f"repo_path={repository}").out
    server("call", "git_add", f"repo_path={repository}", "files=new.txt")
    assert "+new" in server("call", "git_diff_staged", f"repo_path={repository}").out


class _Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = b"<html><body><h1>Fetched</h1><p>from here</p></body></html>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Nobody reads it."""


@pytest.fixture
def page() -> Iterator[str]:
    site = ThreadingHTTPServer(("127.0.0.1", 0), _Page)
    thread = threading.Thread(target=site.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{site.server_address[1]}/"
    site.shutdown()
    thread.join()
    site.server_close()


def test_fetch_brings_a_page(tmp_path: Path, page: str) -> None:
    server = Server("mcp-server-fetch", tmp_path)
    assert "from here" in server("call", "fetch", f"url={page}", "raw=true").out
    assert "from here" in server("prompt", "fetch", f"url={page}").out
