"""Completion as somebody types it: real shells on a real terminal, and the tabulator key."""

from __future__ import annotations

import os
import pty
import select
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commands.places import configured, mcpctl
from tests.support import PYTHON, ROOT, world

PATIENCE = 60.0
"""Seconds until a shell must have shown something."""

FOLDER = ROOT / "completions"

COMMANDS = {
    "bash": ["bash", "--norc", "--noprofile", "-i"],
    "zsh": ["zsh", "-f", "-i"],
    "fish": ["fish", "--no-config", "-i"],
}

PREPARATION = {
    "bash": f"PS1='rea''dy> '; bind 'set bell-style none'; source {FOLDER}/mcpctl.bash\n",
    "zsh": f"PS1='rea''dy> '; autoload -U compinit; compinit -D; source {FOLDER}/_mcpctl\n",
    "fish": f"source {FOLDER}/mcpctl.fish; function fish_prompt; echo -n 'rea''dy> '; end\n",
}


class Terminal:
    """A shell in which `mcpctl` is this tree's."""

    def __init__(self, shell: str, folder: Path) -> None:
        programs = folder / "bin"
        programs.mkdir()
        (programs / "mcpctl").write_text(f'#!/bin/sh\nexec {PYTHON} -m mcpctl "$@"\n')
        (programs / "mcpctl").chmod(0o755)
        env = dict(world(folder).env)
        env |= {"PATH": f"{programs}:{env['PATH']}", "PYTHONPATH": str(ROOT), "TERM": "dumb", "PS1": "> "}
        self.seen = ""
        master, slave = pty.openpty()
        self._master = master
        self.process = subprocess.Popen(
            COMMANDS[shell],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=folder,
            env=env,
            start_new_session=True,
        )
        os.close(slave)
        self.type(PREPARATION[shell])
        self.wait_for("ready> ")

    def type(self, text: str) -> None:
        os.write(self._master, text.encode())

    def wait_for(self, text: str) -> str:
        """What was shown up to and with `text`."""
        end = time.monotonic() + PATIENCE
        while text not in self.seen:
            readable, _, _ = select.select([self._master], [], [], max(end - time.monotonic(), 0))
            assert readable, f"never shown: {text!r}; but: {self.seen!r}"
            self.seen += os.read(self._master, 65536).decode("utf-8", "replace")
        shown, _, self.seen = self.seen.partition(text)
        return shown + text

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._master)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    configured(tmp_path)
    assert mcpctl(tmp_path, "tools", "--all").code == 0
    (tmp_path / "my file.json").write_text("{}")
    return tmp_path


@pytest.fixture(params=["bash", "zsh"])
def terminal(request: pytest.FixtureRequest, folder: Path) -> Iterator[Terminal]:
    if shutil.which(request.param) is None:
        pytest.skip(f"{request.param} is not installed")
    terminal = Terminal(request.param, folder)
    yield terminal
    terminal.close()


def test_the_tabulator_completes_word_by_word(terminal: Terminal) -> None:
    terminal.type("mcpctl cal\t")
    terminal.wait_for("mcpctl call ")
    terminal.type("ec\t")
    terminal.wait_for("echo ")
    terminal.type("ad\t")
    terminal.wait_for("add ")
    terminal.type("b\t")
    terminal.wait_for("b=")
    terminal.type("2 a\t")
    terminal.wait_for("2 a=")
    terminal.type("1 --js\t\n")
    terminal.wait_for('"structured": {"sum": 3}')


def test_a_name_with_a_space_is_completed_so_that_the_shell_reads_one_word(terminal: Terminal) -> None:
    terminal.type("mcpctl call echo echo text=@my\t--raw\n")
    terminal.wait_for("my\\ file.json ")
    terminal.wait_for('"text": "{}"')


@pytest.mark.skipif(shutil.which("fish") is None, reason="fish is not installed")
@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("mcpctl cal", "call\tCall a tool and print its result."),
        ("mcpctl call ", "rich"),
        ("mcpctl call echo ad", "add"),
        ("mcpctl call echo add a=1 ", "b="),
        ("mcpctl validate 'my ", "my file.json"),
        ("mcpctl ", "tools\tList the tools of a server, or show one of them in full."),
    ],
)
def test_fish_is_told_the_same(folder: Path, line: str, expected: str) -> None:
    programs = folder / "bin"
    programs.mkdir()
    (programs / "mcpctl").write_text(f'#!/bin/sh\nexec {PYTHON} -m mcpctl "$@"\n')
    (programs / "mcpctl").chmod(0o755)
    env = dict(world(folder).env)
    env |= {"PATH": f"{programs}:{env['PATH']}", "PYTHONPATH": str(ROOT), "LINE": line}
    done = subprocess.run(
        ["fish", "--no-config", "-c", f"source {FOLDER}/mcpctl.fish; complete -C $LINE"],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
        stdin=subprocess.DEVNULL,
    )
    assert expected in done.stdout.splitlines()


@pytest.mark.skipif(shutil.which("pwsh") is None, reason="PowerShell is not installed")
def test_powershell_is_told_the_same(folder: Path) -> None:
    line = "mcpctl call ec"
    script = (
        f". {FOLDER}/mcpctl.ps1; (TabExpansion2 '{line}' -cursorColumn {len(line)})"
        ".CompletionMatches.CompletionText"
    )
    done = subprocess.run(
        ["pwsh", "-NoProfile", "-Command", script],
        cwd=folder,
        env={**os.environ, **world(folder).env, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        stdin=subprocess.DEVNULL,
    )
    assert "echo" in done.stdout.splitlines()
