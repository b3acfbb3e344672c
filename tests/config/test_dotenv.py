from __future__ import annotations

from pathlib import Path

import pytest

from mcpctl.config.dotenv import read_env_file
from mcpctl.errors import ConfigError


def read(tmp_path: Path, text: str | bytes) -> dict[str, str]:
    path = tmp_path / ".env"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_env_file(path, "x")


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("A=b", "b"),
        ("  export A = b c  ", "b c"),
        ("A=", ""),
        ("A=b # comment", "b"),
        ("A=b#c", "b#c"),
        ("A=#c", ""),
        ("A='b # $X \\n'", "b # $X \\n"),
        ("A='b' # c", "b"),
        ('A="b # c"', "b # c"),
        ('A="b\\nc\\t\\"d\\\\"  # e', 'b\nc\t"d\\'),
        ('A="\\d"', "\\d"),
        ("A=${B}", "${B}"),
        ("A=b=c", "b=c"),
    ],
)
def test_a_line_is_a_name_and_a_value(tmp_path: Path, line: str, value: str) -> None:
    assert read(tmp_path, line) == {"A": value}


def test_comments_blank_lines_and_marks_are_passed_by(tmp_path: Path) -> None:
    assert read(tmp_path, "\ufeff# c\r\n\r\nA=1\r\nA=2\r\nB.C=3\r\n") == {"A": "2", "B.C": "3"}


@pytest.mark.parametrize("line", ["canary", "=canary", 'A="canary', "A='canary", "A='a'canary", "A B=canary"])
def test_a_line_that_is_none_is_named_by_its_number_only(tmp_path: Path, line: str) -> None:
    with pytest.raises(ConfigError) as raised:
        read(tmp_path, f"X=1\n{line}\n")
    assert (raised.value.line, raised.value.code, raised.value.server) == (2, "config.env_file", "x")
    assert "canary" not in f"{raised.value.message}{raised.value.hint}"


def test_a_file_that_is_missing_or_no_text_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="not UTF-8"):
        read(tmp_path, b"A=\xff")
    with pytest.raises(ConfigError, match="no such file") as raised:
        read_env_file(tmp_path / "nope", "x")
    assert raised.value.hint == f"create `{tmp_path / 'nope'}`, or change `env_file`"
