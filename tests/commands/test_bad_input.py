"""Whatever is typed, sent or shown wrongly has its sentence and its exit code."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mcpctl.render.width import columns_of
from tests.commands.places import HOSTILE, Answer, configured, mcpctl
from tests.support import PYTHON, ROOT, world

BINARY = b"\x89PNG\r\n\x1a\n\x00\xff"


def hostile(folder: Path, mode: str, *words: str, more: str = "") -> Answer:
    server = f"{sys.executable} {HOSTILE} {mode}"
    return mcpctl(folder, "call", "--stdio", f"{server} {more}".strip(), "echo", "x=1", *words)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("text=@photo.png",), "`photo.png` is not text: byte 0 is not UTF-8"),
        (("text:=@photo.png",), "`photo.png` is not text"),
        (("--args", "@photo.png"), "the value of `--args` is not JSON"),
        (("--args", "-"), "the value of `--args` is not JSON"),
        (("--args", "NaN"), "`--args` wants a JSON object"),
        (("--args", "[" * 100_000), "the value of `--args` is not JSON"),
        (
            ("--args", '{"a": 1} trailing'),
            "the value of `--args` is not JSON: extra data at line 1, column 10",
        ),
        (("text:=nope",), "the value of `text` is not JSON"),
        (("text=@missing.txt",), "cannot read `missing.txt`: no such file or directory"),
        (("text=@",), "cannot read"),
        (("=x",), "`=x` is not an argument"),
        (("text[=x", "text[a]=1"), "do not fit tool `echo`"),
        (("text=x", "text[a]=1"), "`text` is given both as a value and with parts"),
        (("--field", "/x", "text=hi"), "`--field` needs structured content or a text that is JSON"),
        (("--save", "photo.png", "text=hi"), "cannot save to `photo.png`"),
        (("--head", "-1", "text=hi"), "expected at least 0"),
        (("--max-chars", "many", "text=hi"), "expected a whole number"),
        (("--timeout", "soon", "text=hi"), "`soon`"),
    ],
)
def test_what_was_typed_wrongly_is_named(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    configured(tmp_path)
    (tmp_path / "photo.png").write_bytes(BINARY)
    answer = mcpctl(tmp_path, "call", "echo", "echo", *words, stdin=BINARY)
    assert (answer.code, answer.out) == (2, "")
    assert said in answer.err


@pytest.mark.parametrize(
    ("mode", "more", "code", "said"),
    [
        ("garbage_flood", "20000", 0, "on stdout that are not JSON-RPC"),
        ("stderr_flood", "5", 0, ""),
        ("ping_flood", "2000", 0, ""),
        ("giant_line", "70", 5, "raise `limits.max_message` of this server"),
        ("tools_10k", "5000", 2, "has no tool `echo`"),
    ],
)
def test_a_flood_drowns_nothing(tmp_path: Path, mode: str, more: str, code: int, said: str) -> None:
    answer = hostile(tmp_path, mode, more=more)
    assert (answer.code, said in answer.err) == (code, True), answer.err
    assert len(answer.err) < 5000


@pytest.mark.parametrize(
    ("mode", "code", "said"),
    [
        ("bad_schema", 0, "output schema is unusable"),
        ("recursive_schema", 0, ""),
        ("missing_structured", 0, "declares an output schema but sent no structured content"),
        ("wrong_types_list", 5, "`tools`"),
        ("unknown_content", 0, ""),
        ("nan", 5, "it holds `NaN`, which JSON does not have"),
    ],
)
def test_a_server_that_lies_about_its_schema_is_told_on(
    tmp_path: Path, mode: str, code: int, said: str
) -> None:
    answer = hostile(tmp_path, mode)
    assert (answer.code, said in answer.err) == (code, True), answer.err
    if said and code == 0:
        assert hostile(tmp_path, mode, "--strict-output").code == 5


@pytest.mark.parametrize("columns", [20, 1])
@pytest.mark.parametrize(
    "words",
    [
        ("tools", "rich"),
        ("tools", "echo", "add"),
        ("inspect", "rich"),
        ("resources", "rich"),
        ("prompts", "rich"),
        ("search", "e"),
        ("ls",),
        ("call", "rich", "structured"),
        ("call", "rich", "progress"),
        ("call", "echo", "ecco"),
        ("call", "echo", "add", "a=x"),
    ],
)
def test_a_narrow_terminal_breaks_nothing(tmp_path: Path, words: tuple[str, ...], columns: int) -> None:
    configured(tmp_path)
    answer = mcpctl(tmp_path, *words, tty=True, columns=columns, env={"NO_COLOR": "1"})
    assert answer.code in (0, 2)
    assert answer.out or answer.err
    if words[0] in {"resources", "search", "ls"}:  # what is laid out in columns, URIs never cut
        assert max(map(columns_of, answer.out.splitlines())) <= max(columns, len("    rich://user/{name}"))


@pytest.mark.parametrize(
    "words", [("tools", "rich"), ("inspect", "rich"), ("call", "rich", "lines"), ("ls",)]
)
@pytest.mark.parametrize("more", [(), ("--json",)])
def test_a_closed_pipe_ends_it_quietly(tmp_path: Path, words: tuple[str, ...], more: tuple[str, ...]) -> None:
    configured(tmp_path)
    read, write = os.pipe()
    os.close(read)
    try:
        done = subprocess.run(
            [PYTHON, "-m", "mcpctl", *words, *more],
            cwd=tmp_path,
            env={**world(tmp_path).env, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            stdout=write,
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
        )
    finally:
        os.close(write)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_server_that_is_switched_off_is_not_started(tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    (tmp_path / "mcpctl.toml").write_text(
        f'[features]\nbeta = false\n[servers.off]\ncommand = "touch"\nargs = ["{ran}"]\nenabled = false\n'
        f'[servers.flagged]\ncommand = "touch"\nargs = ["{ran}"]\nfeature = "beta"\n'
    )
    for name, remedy in (
        ("off", "or `mcpctl config enable off`"),
        ("flagged", "or switch its feature `beta` on"),
    ):
        for verb in (("call", name, "x"), ("tools", name), ("call", f"{name}.x")):
            answer = mcpctl(tmp_path, *verb, "--json")
            assert (answer.code, answer.json["errors"][0]["code"]) == (3, "config.switched_off"), verb
            assert answer.json["errors"][0]["hint"].endswith(remedy)
    assert not ran.exists()


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("call", "demo", "sample", "prompt=hi"), 5, "= offer it with `--sample COMMAND`"),
        (("call", "demo", "roots"), 5, "= offer it with `--root DIR`"),
        (("tools", "--stdio", "cat"), 5, "sends back what it was sent"),
        (("login",), 2, "= name one of `mcpctl ls`, or its address"),
    ],
)
def test_what_is_missing_is_said_with_what_brings_it(
    tmp_path: Path, words: tuple[str, ...], code: int, said: str
) -> None:
    answer = mcpctl(tmp_path, *words)
    assert (answer.code, said in answer.err) == (code, True), answer.err


def test_without_a_server_there_is_nothing_to_ask_and_that_is_a_matter_of_configuration(
    tmp_path: Path,
) -> None:
    for verb in (
        ("health",),
        ("health", "--tag", "x"),
        ("search", "x"),
        ("tools", "--all"),
        ("inspect", "--all"),
    ):
        answer = mcpctl(tmp_path, *verb, "--json")
        assert (answer.code, answer.json["errors"][0]["code"]) == (3, "config.no_servers"), verb
