"""Words that no sane person types, and scripts do: each is refused or obeyed, and none is a bug of ours."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.commands.places import configured, mcpctl

LABEL = "a" * 300

LINES = {
    "a deadline in some million years": (("call", "echo", "echo", "text=x", "--timeout", "99999999999h"), 0),
    "the same of a verb without a server": (("ls", "--timeout", "99999999999h"), 0),
    "a host that is too long": (("tools", f"http://{LABEL}.example/mcp"), 4),
    "a host of dots": (("tools", "http://a..b/mcp"), 4),
    "a number of many digits": (("call", "echo", "echo", f"text:={'9' * 6000}"), 2),
}


@pytest.mark.parametrize("name", LINES)
def test_a_line_is_refused_or_obeyed(name: str, tmp_path: Path) -> None:
    configured(tmp_path)
    words, code = LINES[name]
    answer = mcpctl(tmp_path, *words, "--json")
    assert (answer.code, answer.json["exit_code"]) == (code, code), answer.out
