"""What servers send is read where its meaning is plain, and refused by name where it is not."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from mcpctl.errors import ProtocolError
from mcpctl.session.answers import decode
from tests.commands.places import PYTHON, mcpctl
from tests.support import ROOT

NINES = "9" * 100_000


def test_numbers_that_no_float_can_hold_are_read() -> None:
    value = decode(b'{"far": 1e999, "long": %s, "whole": 7}' % NINES.encode())
    assert (value["far"], value["long"], value["whole"]) == (math.inf, math.inf, 7)


def test_what_only_python_takes_is_read_and_nan_is_nothing() -> None:
    assert decode(b'{"a": NaN, "b": "\\ud800"}') == {"a": None, "b": "\ud800"}


@pytest.mark.parametrize("text", [b"{", b"nope", b"[" * 100_000])
def test_what_is_no_json_is_named(text: bytes) -> None:
    with pytest.raises(ProtocolError, match="not JSON"):
        decode(text)


def test_the_raw_answer_as_json_bears_any_number(tmp_path: Path) -> None:
    server = ROOT / "tests/hostile/servers/everywhere.py"
    entry = {"command": PYTHON, "args": ["-S", str(server), "wide_number"]}
    (tmp_path / "mcpctl.json").write_text(json.dumps({"servers": {"wide": entry}}))
    answer = mcpctl(tmp_path, "rpc", "wide", "tools/list", "--json")
    assert (answer.code, answer.data["result"]["structuredContent"]) == (0, {"n": None, "m": None})
