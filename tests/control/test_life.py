"""The life of a supervisor: one per configuration, handed over, killed, cleaned up after, started on first use."""

from __future__ import annotations

import json
import os
import pty
import signal
import socket
from pathlib import Path

import pytest

from mcpctl.config import load
from mcpctl.control import client, place
from mcpctl.control.server import prepare
from mcpctl.errors import ConnectError
from tests.control.places import Project, alive, eventually
from tests.supervisor.places import write_build
from tests.support import PYTHON, ROOT, world


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def test_ctrl_c_ends_a_supervisor_with_all_its_servers(project: Project) -> None:
    child = project.start("run", "--json")
    assert child.stdout is not None
    pids = []
    for line in child.stdout:
        event = json.loads(line)
        if event.get("state") == "running":
            pids.append(event["pid"])
            break
    child.send_signal(signal.SIGINT)
    out, _ = child.communicate(timeout=60)
    assert child.returncode == 130
    assert json.loads(out.splitlines()[-1])["errors"][0]["code"] == "interrupted"
    assert not any(alive(pid) for pid in pids)
    assert list((project.folder / "run/mcpctl").glob("*.sock")) == []


def test_a_supervisor_ends_by_itself_when_it_was_told_how_long(project: Project) -> None:
    done = project.type("run", "--for", "1s")
    assert done.returncode == 0
    assert b"running with pid" in done.stderr
    assert b"build v1 boots" in done.stderr


def test_a_server_that_is_given_up_can_end_the_supervisor(project: Project) -> None:
    write_build(project.server, "v2", extra="sys.exit(78)")
    done = project.data("run", "--exit-on-failure")
    assert done["exit_code"] == 1
    assert "exited with code 78" in done["errors"][0]["message"]


def test_a_server_that_is_switched_off_is_not_run_even_by_name(project: Project) -> None:
    project.configure("enabled = false")
    refused = project.data("run", "build", "--for", "1s")
    assert (refused["exit_code"], refused["errors"][0]["code"]) == (3, "config.switched_off")


def test_a_killed_supervisor_leaves_nothing_that_doctor_cannot_end(project: Project) -> None:
    stubborn = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\nif os.fork() == 0:\n    time.sleep(600)\n"
    write_build(project.server, "v1", extra=stubborn)
    done = project.data("run", "--detach")
    pid = done["data"]["pid"]
    eventually(lambda: project.servers()["build"]["state"] == "running")
    server = project.servers()["build"]["pid"]
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: not alive(pid))
    grandchildren = [each for each in _group(server) if each != server]
    assert grandchildren
    before = project.data("doctor")
    assert before["exit_code"] == 1
    assert any(each["check"] == "leftovers" for each in before["data"]["findings"])
    after = project.data("doctor", "--fix")
    assert after["exit_code"] == 0
    eventually(lambda: not any(alive(each) for each in (server, *grandchildren)))
    with project.running():  # the socket of a dead supervisor is nobody's
        assert project.data("call", "build", "work")["data"]["warm"]


def _group(leader: int) -> list[int]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == leader and fields[0] not in "ZX":
            found.append(int(folder.name))
    return found


def test_a_socket_without_an_owner_is_taken_over(project: Project) -> None:
    with project.running() as pid:
        path = next((project.folder / "run/mcpctl").glob("*.sock"))
        os.kill(pid, signal.SIGKILL)
        eventually(lambda: not alive(pid))
        assert path.exists()
        cold = project.data("call", "build", "work")
        assert not cold["data"]["warm"]
    with project.running():
        assert project.data("call", "build", "work")["data"]["warm"]


def test_answers_that_are_kept_are_forgotten_on_request(project: Project) -> None:
    project.configure("[servers.build.cache]\ntools = { work = '1h' }")
    with project.running():

        def cached() -> bool:
            answer = project.data("call", "build", "work")["data"]["cached"]
            assert isinstance(answer, bool)
            return answer

        assert [cached(), cached()] == [False, True]
        assert project.data("cache", "clear", "other")["data"] == {"forgotten": 0}
        assert cached()
        for pattern in ((), ("build",), ("build.w*",)):
            assert project.data("cache", "clear", *pattern)["data"] == {"forgotten": 1}
            assert not cached()
        assert project.type("cache", "clear").stdout == b"1 answer forgotten\n"
    assert project.data("cache", "clear")["errors"][0]["code"] == "connect.no_supervisor"


def test_replace_hands_over(project: Project) -> None:
    with project.running() as first:
        done = project.data("run", "--detach", "--replace")
        assert done["status"] == "ok", done
        assert done["data"]["pid"] != first
        assert not alive(first)
        assert project.data("ps")["data"]["pid"] == done["data"]["pid"]
    eventually(lambda: not alive(done["data"]["pid"]))


def test_a_saved_file_is_served_and_a_broken_one_is_not(project: Project) -> None:
    with project.running():
        first = project.data("call", "build", "work")["data"]["text"]
        write_build(project.server, "v2")
        eventually(lambda: project.data("call", "build", "work")["data"]["text"].startswith("v2"))
        write_build(project.server, "v3", extra="raise SystemExit('broken')")
        eventually(lambda: b"broken" in project.type("logs", "build").stdout)
        assert project.data("call", "build", "work")["data"]["text"].startswith("v2")
        assert first.startswith("v1")


def test_a_saved_configuration_is_taken_whole_or_not_at_all(project: Project) -> None:
    with project.running():
        pid = eventually(lambda: project.servers()["build"]["pid"])
        text = (project.folder / "mcpctl.toml").read_text()
        (project.folder / "mcpctl.toml").write_text(text + "\n[servers.more\n")
        refused = project.data("reload")
        assert refused["exit_code"] == 3
        assert (refused["errors"][0]["line"], refused["errors"][0]["file"]) == (
            6,
            str(project.folder / "mcpctl.toml"),
        )
        (project.folder / "mcpctl.toml").unlink()
        assert alive(pid)
        project.configure(more='[servers.more]\ncommand = "sleep"\nargs = ["60"]\nenabled = true\n')
        eventually(lambda: "more" in project.servers())
        assert project.servers()["build"]["pid"] == pid


def test_servers_that_are_kept_alive_share_one_supervisor_and_one_process(project: Project) -> None:
    project.configure(lifecycle="keep-alive", idle_timeout="5s")
    children = [project.start("call", "build", "work", "--json") for _ in range(4)]
    answers = [json.loads(child.communicate(timeout=30)[0]) for child in children]
    assert {each["status"] for each in answers} == {"ok"}, answers
    assert len({each["data"]["text"] for each in answers}) == 1
    assert all(each["data"]["warm"] for each in answers)
    pid = project.data("ps")["data"]["pid"]
    eventually(lambda: not alive(pid))
    assert project.data("ps")["errors"][0]["code"] == "connect.no_supervisor"


def test_a_parked_call_goes_on_with_the_answer(tmp_path: Path) -> None:
    project = Project(tmp_path)
    with project.running():
        asked = project.data("call", "demo", "ask", "--elicit", "park")
        question = asked["data"]["parked"]
        slip = project.data("answer", question["id"], json.dumps({"name": 5}))
        assert (slip["exit_code"], slip["errors"][0]["code"]) == (2, "usage.answer")
        done = project.data("answer", question["id"], json.dumps({"name": "Ada"}))
        assert "Ada" in done["data"]["text"]
        assert project.data("answer", question["id"], "{}")["errors"][0]["code"] == "usage.no_question"


def test_verbs_for_a_supervisor_say_when_there_is_none(project: Project) -> None:
    for words in (
        ("ps",),
        ("logs",),
        ("restart", "build"),
        ("stop", "--all"),
        ("reload",),
        ("answer", "1", "{}"),
    ):
        done = project.data(*words)
        assert (done["exit_code"], done["errors"][0]["code"]) == (4, "connect.no_supervisor"), words


def test_the_folder_of_sockets_is_closed_to_others(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir(mode=0o777)
    folder.chmod(0o777)
    prepare(folder)
    assert folder.stat().st_mode & 0o777 == 0o700
    if os.getuid() == 0:
        os.chown(folder, 12345, 12345)
        with pytest.raises(ConnectError, match="belongs to another user"):
            prepare(folder)


def test_a_folder_of_sockets_that_cannot_be_made_is_named(project: Project) -> None:
    (project.folder / "run").mkdir()
    (project.folder / "run/mcpctl").write_text("a file in its place")
    done = project.data("run", "--detach")
    assert (done["exit_code"], done["errors"][0]["code"]) == (4, "connect.control_folder")
    assert "cannot be made: file exists" in done["errors"][0]["message"]


def test_the_client_trusts_no_folder_that_others_can_write_to(project: Project) -> None:
    folder = project.folder / "run/mcpctl"
    folder.mkdir(parents=True)
    folder.chmod(0o755)
    assert (
        client.run(["ps"], {"XDG_RUNTIME_DIR": str(project.folder / "run"), "HOME": str(project.home)})
        is None
    )


def test_strangers_at_the_socket_do_no_harm(project: Project) -> None:
    with project.running():
        path = next((project.folder / "run/mcpctl").glob("*.sock"))
        for said in (
            b"",
            b"\n",
            b"GET / HTTP/1.1\r\n\r\n",
            b"-5 -5\n",
            b"99999999999 1\n",
            b"3 0\nabc",
            os.urandom(500),
        ):
            with socket.socket(socket.AF_UNIX) as line:
                line.connect(str(path))
                line.send(said)
                line.shutdown(socket.SHUT_WR)
                line.settimeout(60)
                assert line.recv(100) == b""
        assert project.data("call", "build", "work")["data"]["warm"]


@pytest.mark.parametrize(
    ("names", "cwd"),
    [
        (["mcpctl.toml", ".mcp.json"], "."),
        ([".mcp.json"], "a/b"),
        (["a/mcp.json", "mcpctl.toml"], "a/b"),
        (["pyproject.toml", ".cursor/mcp.json"], "a"),
        ([], "a"),
    ],
)
def test_the_client_finds_the_file_that_the_configuration_is_read_from(
    tmp_path: Path, names: list[str], cwd: str
) -> None:
    project = tmp_path / "project"
    (project / "a/b").mkdir(parents=True)
    (project / ".git").mkdir()
    for name in names:
        (project / name).parent.mkdir(exist_ok=True)
        (project / name).write_text('{"mcpServers": {}}' if name.endswith("json") else "")
    here = world(tmp_path)
    from dataclasses import replace

    there = replace(here, folder=str(project / cwd))
    base = load(there).base
    assert place.found(str(there.cwd), there.env) == ("" if base is None else str(base))


def test_valued_options_of_the_client_are_those_of_the_parser() -> None:
    from mcpctl.cli.generated.table import GRAMMARS

    grammar = GRAMMARS[""]
    assert grammar is not None
    assert {name for name, option in grammar.options.items() if option.takes_value} == client.VALUED
    assert {words.split()[0] for words in GRAMMARS if words} > client.VERBS


def test_a_client_that_asks_nothing_is_let_go(project: Project) -> None:
    assert client.run(["call", "build", "x", "--cold"], dict(os.environ)) is None
    assert client.run(["validate"], dict(os.environ)) is None
    assert client.run(["--config", "x", "--json"], dict(os.environ)) is None


def test_an_endpoint_on_stdio_is_a_server_like_any_other(project: Project) -> None:

    endpoint = f"{PYTHON} -m mcpctl run build --stdio"
    done = project.data(
        "call",
        "--stdio",
        endpoint,
        "--env",
        f"XDG_RUNTIME_DIR={project.folder}/run",
        "--env",
        f"PYTHONPATH={ROOT}",
        "work",
    )
    assert done["status"] == "ok", done
    assert done["data"]["text"].startswith("v1")
    with project.running():  # another supervisor of the same configuration is no obstacle
        done = project.data(
            "call",
            "--stdio",
            endpoint,
            "--env",
            f"XDG_RUNTIME_DIR={project.folder}/run",
            "--env",
            f"PYTHONPATH={ROOT}",
            "work",
        )
        assert done["status"] == "ok", done
        assert project.data("call", "build", "work")["data"]["warm"], (
            "the socket of the other one is still there"
        )


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("run", "--stdio"), "usage.missing"),
        (("run", "build", "--stdio", "--detach"), "usage.conflict"),
        (("run", "--http", "127.0.0.1:1"), "usage.missing"),
        (("run", "build", "--http", "x"), "usage.invalid_value"),
        (("run", "build", "--http", "0.0.0.0:0"), "usage.exposed"),
        (("run", "build", "--http", "127.0.0.1:0", "--stdio"), "usage.conflict"),
        (("run", "build", "--allow-host", "x"), "usage.conflict"),
        (("run", "nope"), "config.unknown_server"),
        (("run", "--for", "x"), "usage.invalid_value"),
        (("logs", "--lines", "-1"), "usage.invalid_value"),
    ],
)
def test_what_makes_no_sense_is_refused(project: Project, words: tuple[str, ...], code: str) -> None:
    done = project.data(*words)
    assert done["errors"][0]["code"] in (code, "connect.no_supervisor"), done


@pytest.mark.parametrize("json_lines", [False, True])
def test_stopping_a_supervisor_is_its_normal_end(project: Project, json_lines: bool) -> None:
    child = project.start("run", *(["--json"] if json_lines else []))
    eventually(lambda: project.data("ps")["status"] == "ok")
    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=60)
    assert child.returncode == 130
    if json_lines:
        envelope = json.loads(out.splitlines()[-1])
        assert (envelope["exit_code"], envelope["errors"][0]["code"]) == (130, "interrupted")
    else:
        assert err.endswith(b"stopped\n")
        assert b"error" not in err


def test_an_endpoint_over_http_says_where_it_is_and_serves_there(project: Project) -> None:
    child = project.start("run", "build", "--http", "127.0.0.1:0", "--json")
    assert child.stdout is not None
    try:
        served = next(event for event in map(json.loads, child.stdout) if event["type"] == "served")
        assert served["server"] == "build"
        for _ in range(2):
            done = project.data("call", served["url"], "work", "--cold")
            assert (done["status"], done["data"]["text"].split()[0]) == ("ok", "v1"), done
            assert project.data("reload", "build")["status"] == "ok"
    finally:
        child.send_signal(signal.SIGTERM)
        child.communicate(timeout=60)


def test_a_terminal_shows_logs_and_below_them_a_live_table(project: Project) -> None:
    main, side = pty.openpty()
    try:
        child = project.start("run", "--for", "2500ms", stderr=side, env={"TERM": "xterm", "COLUMNS": "120"})
        os.close(side)
        shown = b""
        while True:
            try:
                part = os.read(main, 1 << 16)
            except OSError:
                break
            shown += part
        assert child.wait(60) == 0
        child.communicate()
    finally:
        os.close(main)
    last = shown.rpartition(b"\x1b[J")[2]  # what was written since something was last drawn over
    assert shown.count(b"NAME") > 2
    assert last.count(b"NAME") == 1
    assert b"boots" not in last
    assert b"build" in last.splitlines()[-1]
    assert b"build v1 boots" in shown
