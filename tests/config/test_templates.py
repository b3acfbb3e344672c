from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mcpctl.config.templates import Reference, split


def parts(text: str) -> list[str | tuple[str, str, str | None]]:
    return [
        piece if isinstance(piece, str) else (piece.kind, piece.name, piece.default) for piece in split(text)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("plain $X {Y} $", ["plain $X {Y} $"]),
        ("${A}", [("env", "A", None)]),
        ("a${A}b${env:B}", ["a", ("env", "A", None), "b", ("env", "B", None)]),
        ("${A:-}", [("env", "A", "")]),
        ("${A:-x:-y}", [("env", "A", "x:-y")]),
        ("${env:A:-d}", [("env", "A", "d")]),
        ("${A:-${B:-c}}!", [("env", "A", "${B:-c}"), "!"]),
        ("${input:api-key}", [("input", "api-key", None)]),
        ("${keyring:service/a/b}", [("keyring", "service/a/b", None)]),
        ("${workspaceFolder}/x", [("folder", "workspaceFolder", None), "/x"]),
        ("${/}", [("folder", "/", None)]),
        ("${cmd: date}", [("cmd", "date", None)]),
        ("$${A} ${B}", ["${A} ", ("env", "B", None)]),
        ("${#array[@]} ${1} ${@} ${}", ["${#array[@]} ${1} ${@} ${}"]),
        ("${open", ["${open"]),
        ("$${open", ["${open"]),
        ("${A:-${open", ["${A:-${open"]),
    ],
)
def test_a_text_is_taken_apart(text: str, expected: object) -> None:
    assert parts(text) == expected


@settings(max_examples=300, deadline=None)
@given(st.text("${}:-AB", max_size=20))
def test_what_is_no_reference_stays_as_it_is(text: str) -> None:
    joined = "".join(piece.text if isinstance(piece, Reference) else piece for piece in split(text))
    assert joined == text.replace("$${", "${")


def test_many_openers_take_linear_time() -> None:
    for text in ("${" * 20_000, "${" * 20_000 + "}", "${A:-" * 10_000 + "}" * 10_000):
        assert len(split(text)) <= 10_000
