"""A login to what is no MCP server: never called unnecessary."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commands.places import mcpctl
from tests.hostile.__main__ import address


@pytest.fixture(scope="module")
def responses() -> Iterator[str]:
    with address("responses.py") as base:
        yield base


@pytest.mark.parametrize(
    ("mode", "code", "said"),
    [
        ("header_long", 5, "protocol.too_large"),
        ("login_evil", 5, "protocol.malformed"),
        ("redirect_nowhere", 4, "connect.redirect"),
        ("login_inward", 7, "auth"),
    ],
)
def test_whoever_does_not_speak_mcp_is_not_said_to_ask_for_no_login(
    mode: str, code: int, said: str, tmp_path: Path, responses: str
) -> None:
    answer = mcpctl(tmp_path, "login", f"{responses}/{mode}", "--json", "--timeout", "10s")
    assert answer.code == code, answer.out
    assert answer.json["errors"][0]["code"].startswith(said)


def test_a_server_whose_list_is_broken_needs_no_login_for_that(tmp_path: Path, responses: str) -> None:
    assert "asks for no login" in mcpctl(tmp_path, "login", f"{responses}/string").out
