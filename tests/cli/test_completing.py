"""What the shell is told may come next: from the table, the configuration and the shelf, warm and cold."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from mcpctl.cli.completing import read_table
from mcpctl.cli.generate import COMPLETIONS, scripts
from mcpctl.cli.generated.table import GRAMMARS
from mcpctl.cli.shellwords import split
from mcpctl.cli.verbs import GROUPS
from mcpctl.config.lookup import adhoc
from mcpctl.session.shelf import Shelf
from tests.commands.places import configured, mcpctl
from tests.support import PYTHON, ROOT, world

BREAKS = " \t\n\"'@><=;|&(:"
"""What bash holds for the ends of words unless told otherwise."""


def asked(folder: Path, shell: str, *arguments: str) -> list[str]:
    done = subprocess.run(
        [PYTHON, "-m", "mcpctl", "--complete", shell, *arguments],
        cwd=folder,
        env={**world(folder).env, "PYTHONPATH": str(ROOT), "CANARY": "x"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        stdin=subprocess.DEVNULL,
    )
    assert done.stderr == ""
    return done.stdout.splitlines()


def words(folder: Path, *arguments: str) -> list[str]:
    """The candidates alone, as fish gets them."""
    return [line.partition("\t")[0] for line in asked(folder, "fish", *arguments)]


def seen(folder: Path, *tools: dict[str, Any]) -> None:
    """A server that `--stdio server` describes offered these when it was last used."""
    spec = adhoc(stdio="server", cwd=str(folder))
    Shelf(folder / "home/.cache/mcpctl/offers").keep(spec, tools=tools, others={})


@pytest.fixture
def warm(tmp_path: Path) -> Path:
    """`rich` and `echo` were used before."""
    configured(tmp_path)
    assert mcpctl(tmp_path, "inspect", "--all").code == 0
    return tmp_path


def test_the_table_knows_every_verb_and_group() -> None:
    assert set(read_table()) == set(GRAMMARS) | set(GROUPS)


def test_scripts_are_those_that_are_generated() -> None:
    assert {path.name: path.read_text() for path in COMPLETIONS.iterdir()} == scripts()


def test_verbs_come_with_what_they_do(tmp_path: Path) -> None:
    assert "call\tCall a tool and print its result." in asked(tmp_path, "fish", "ca")
    assert words(tmp_path, "config", "so") == ["sources"]
    assert words(tmp_path, "help", "config", "sh") == ["show"]
    assert "truncation" in words(tmp_path, "help", "tr")
    assert words(tmp_path, "nonsense", "") == []


def test_options_of_the_verb_and_of_all_verbs(tmp_path: Path) -> None:
    assert words(tmp_path, "call", "--max") == ["--max-chars", "--max-tokens"]
    assert words(tmp_path, "call", "x", "y", "--json") == ["--json"]
    assert words(tmp_path, "call", "--", "--js") == []
    assert words(tmp_path, "validate", "--format", "sa") == ["sarif"]
    assert words(tmp_path, "validate", "--format=sa") == ["--format=sarif"]
    assert words(tmp_path, "call", "--log-level", "e") == ["error", "emergency"]
    assert words(tmp_path, "call", "--bearer-env", "CAN") == ["CANARY"]


def test_servers_are_those_of_the_configuration(tmp_path: Path) -> None:
    configured(tmp_path)
    assert words(tmp_path, "call", "") == ["echo", "rich", "demo"]
    assert words(tmp_path, "--json", "tools", "r") == ["rich"]
    (tmp_path / "broken.toml").write_text("[")
    assert words(tmp_path, "--config", "broken.toml", "tools", "") == ["demo"]


def test_a_server_that_was_never_asked_has_no_tools_and_is_not_started(tmp_path: Path) -> None:
    (tmp_path / "mcpctl.toml").write_text(
        '[servers.loud]\ncommand = "touch"\nargs = ["started"]\ncwd = "."\n'
    )
    assert words(tmp_path, "call", "loud", "") == []
    assert not (tmp_path / "started").exists()


def test_tools_arguments_and_values_are_those_that_were_seen(warm: Path) -> None:
    assert words(warm, "call", "echo", "") == ["echo", "add", "fail"]
    assert words(warm, "call", "echo", "add", "") == ["a=", "b="]
    assert words(warm, "call", "echo", "add", "a=1", "") == ["b="]
    assert words(warm, "call", "echo.a") == ["echo.add"]
    assert words(warm, "call", "echo.add", "") == ["a=", "b="]
    assert words(warm, "prompt", "rich", "") == ["greet"]
    assert words(warm, "read", "rich", "rich://u") == ["rich://user/{name}"]


def test_values_of_an_enumeration_are_offered(tmp_path: Path) -> None:
    properties = {"color": {"enum": ["red", "dark red", 1]}, "loud": {"type": "boolean"}}
    seen(tmp_path, {"name": "paint", "inputSchema": {"properties": properties}})
    line = ("call", "--stdio", "server", "paint")
    assert words(tmp_path, *line, "color=") == ["color=red", "color=dark red", "color=1"]
    assert words(tmp_path, *line, "color=red", "loud=t") == ["loud=true"]
    assert words(tmp_path, *line, "color:=") == ['color:="red"', 'color:="dark red"', "color:=1"]
    typed = "mcpctl call --stdio server paint color=da"
    assert asked(tmp_path, "bash", typed, BREAKS) == ["dark\\ red "]


def test_a_server_on_the_spot_is_recognized(tmp_path: Path) -> None:
    command = f"{PYTHON} {ROOT}/tests/servers/echo.py"
    assert mcpctl(tmp_path, "tools", "--stdio", command).code == 0
    assert words(tmp_path, "call", "--stdio", command, "a") == ["add"]
    assert words(tmp_path, "call", "--stdio", command, "add", "") == ["a=", "b="]


def test_files_are_offered_where_files_belong(tmp_path: Path) -> None:
    (tmp_path / "arguments.json").write_text("{}")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder/deep.json").write_text("{}")
    (tmp_path / "home/own.json").parent.mkdir(exist_ok=True)
    (tmp_path / "home/own.json").write_text("{}")
    assert words(tmp_path, "validate", "ar") == ["arguments.json"]
    assert words(tmp_path, "--config", "folder/") == ["folder/deep.json"]
    assert words(tmp_path, "--config", "~/o") == ["~/own.json"]
    assert words(tmp_path, "call", "--save", "f") == ["folder/"]
    assert words(tmp_path, "call", "--args", "@ar") == ["@arguments.json"]
    assert words(tmp_path, "call", "demo", "echo", "text=@ar") == ["text=@arguments.json"]
    assert words(tmp_path, "validate", "missing/") == []


def test_names_that_would_steer_a_terminal_are_not_offered(tmp_path: Path) -> None:
    seen(
        tmp_path,
        *({"name": name} for name in ("good", "e\x1b[31mvil", "two\nlines", "a\tb", "\u202erlo")),
    )
    assert words(tmp_path, "call", "--stdio", "server", "") == ["good"]


@pytest.mark.parametrize("arguments", [(), ("bash",), ("bash", "mcpctl"), ("klingon", "x"), ("fish",)])
def test_whatever_is_asked_wrongly_is_answered_with_nothing(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    done = subprocess.run(
        [PYTHON, "-m", "mcpctl", "--complete", *arguments],
        cwd=ROOT,
        capture_output=True,
        timeout=60,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("mcpctl call ec", (["call"], "ec", 0, "")),
        ("mcpctl call echo ", (["call", "echo"], "", 0, "")),
        ("A=1 mcpctl call", ([], "call", 0, "")),
        ("mcpctl x text=he", (["x"], "text=he", 5, "")),
        ("mcpctl x text='a b", (["x"], "text=a b", 5, "'")),
        ('mcpctl "two words" a\\ b', (["two words"], "a b", 0, "")),
        ('mcpctl "say \\"hi', ([], 'say "hi', 0, '"')),
        ("mcpctl x at=@fi", (["x"], "at=@fi", 3, "")),
    ],
)
def test_a_line_of_bash_is_taken_apart_as_bash_does(
    line: str, expected: tuple[list[str], str, int, str]
) -> None:
    assert tuple(split(line, BREAKS)) == expected


def test_bash_gets_only_the_rest_of_a_word_and_spaces_escaped(tmp_path: Path) -> None:
    (tmp_path / "my file.json").write_text("{}")
    assert asked(tmp_path, "bash", "mcpctl validate my", BREAKS) == ["my\\ file.json "]
    assert asked(tmp_path, "bash", "mcpctl validate 'my", BREAKS) == ["my file.json"]
    assert asked(tmp_path, "bash", "mcpctl call d t a=@my", BREAKS) == ["@my\\ file.json "]


def test_every_shell_is_told_in_its_own_way(tmp_path: Path) -> None:
    (tmp_path / "it's").write_text("")
    assert asked(tmp_path, "powershell", "validate", "=it") == ["'it''s'\tit's\tit's"]
    assert asked(tmp_path, "zsh", "read", "demo", "demo:") == []
    assert asked(tmp_path, "zsh", "call", "de") == [" demo:The server that is built in."]


def test_a_script_is_printed_and_installed_where_the_shell_looks(tmp_path: Path) -> None:
    for shell, name in (("bash", "mcpctl.bash"), ("fish", "mcpctl.fish"), ("pwsh", "mcpctl.ps1")):
        assert mcpctl(tmp_path, "completion", shell).out == scripts()[name]
    assert mcpctl(tmp_path, "completion", env={"SHELL": "/bin/zsh"}).out == scripts()["_mcpctl"]
    answer = mcpctl(tmp_path, "completion", "install", env={"SHELL": "/usr/bin/fish"})
    path = tmp_path / "home/.config/fish/completions/mcpctl.fish"
    assert (answer.code, answer.out, path.read_text()) == (0, f"{path}\n", scripts()["mcpctl.fish"])
    assert mcpctl(tmp_path, "completion", "install", "fish").code == 0
    path.write_text("# mine")
    assert mcpctl(tmp_path, "completion", "install", "fish").code == 2
    assert path.read_text() == "# mine"
    assert "fpath=(" in mcpctl(tmp_path, "completion", "install", "zsh").err
    assert mcpctl(tmp_path, "completion", "tcsh").code == 2
    assert mcpctl(tmp_path, "completion").code == 2
    (tmp_path / "file").write_text("")
    in_the_way = mcpctl(
        tmp_path, "completion", "install", "bash", env={"XDG_DATA_HOME": str(tmp_path / "file")}
    )
    assert in_the_way.code == 74
