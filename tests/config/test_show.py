from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mcpctl.config.show import masked_text, shown
from mcpctl.lint.secrets import TOKEN_SHAPES
from mcpctl.model.server import OAuthSpec, ServerSpec, TruncateSpec
from tests.config.files import loaded


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${TOKEN}", "${TOKEN}"),
        ("Bearer ${TOKEN}", "Bearer ${TOKEN}"),
        ("Bearer abc", "Bearer ***"),
        ("Basic abc${TOKEN}", "Basic ***${TOKEN}"),
        ("${TOKEN:-abc}", "${TOKEN:-***}"),
        ("${TOKEN:-${OTHER:-abc}}", "${TOKEN:-${OTHER:-***}}"),
        ("", ""),
    ],
)
def test_only_the_text_of_variables_is_shown_of_a_secret(text: str, expected: str) -> None:
    assert masked_text(text, secret=True) == expected


def test_what_is_plainly_a_token_is_masked_under_any_name() -> None:
    assert masked_text("x ghp_0123456789abcdef0123 y", secret=False) == "x *** y"
    assert masked_text("${API_KEY:-canary}/${LEVEL:-info}", secret=False) == "${API_KEY:-***}/${LEVEL:-info}"


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(TOKEN_SHAPES).flatmap(lambda shape: st.from_regex(shape, fullmatch=True)))
def test_what_validation_calls_a_token_is_masked_under_any_name(token: str) -> None:
    assert masked_text(token, secret=False) == "***"


def test_a_server_shows_what_differs_and_no_secret() -> None:
    spec = ServerSpec(
        name="x",
        command="run",
        args=("--token", "canary1", "--url=http://u:canary2@h", "plain"),
        env={"API_KEY": "canary3", "LEVEL": "info", "DB": "postgres://u:canary4@h/db"},
        oauth=OAuthSpec(client_id="me", client_secret="canary5"),
        tool_truncate={"t": TruncateSpec(head=1)},
        call_timeout=5.0,
        required_env=("API_KEY",),
        extra={"apiKey": "canary6", "other": {"password": 123456}},
    )
    values = shown(spec)
    assert "canary" not in json.dumps(values)
    assert "123456" not in json.dumps(values)
    assert values["args"] == ["--token", "***", "--url=http://u:***@h", "plain"]
    assert values["env"] == {"API_KEY": "***", "LEVEL": "info", "DB": "postgres://u:***@h/db"}
    assert values["tools"] == {"t": {"truncate": {"head": 1}}}
    assert (values["call_timeout"], values["required_env"]) == (5.0, ["API_KEY"])
    assert "limits" not in values


def test_headers_are_secret_but_for_those_that_everybody_sends() -> None:
    headers = {"Authorization": "Bearer canary", "X-Any": "canary", "Accept": "text/plain"}
    spec = ServerSpec(name="r", transport="http", url="https://h/?token=canary&page=1", headers=headers)
    values = shown(spec)
    assert values["headers"] == {"Authorization": "Bearer ***", "X-Any": "***", "Accept": "text/plain"}
    assert values["url"] == "https://h/?token=***&page=1"


def test_what_is_shown_is_valid_configuration_again(tmp_path: Path) -> None:
    text = '{"servers": {"x": {"command": "c", "retry": {}, "tools": {"t": {"truncate": {"tail": 2}}}}}}'
    settings = loaded(tmp_path, {"mcpctl.json": text})
    again = {"servers": {name: shown(spec) for name, spec in settings.servers.items()}}
    (tmp_path / "mcpctl.json").write_text(json.dumps(again))
    assert loaded(tmp_path).servers == settings.servers
