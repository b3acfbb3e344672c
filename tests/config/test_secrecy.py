from __future__ import annotations

import pytest

from mcpctl.config.secrecy import (
    is_secret_header,
    is_secret_name,
    looks_like_token,
    secret_arguments,
    secrets_in_url,
)


@pytest.mark.parametrize(
    "name",
    [
        *(
            "TOKEN",
            "GITHUB_TOKEN",
            "apiKey",
            "API_KEY",
            "api-key",
            "X-Api-Key",
            "APIKEY",
            "OPENAI_APIKEY",
            "password",
        ),
        *(
            "DB_PASSWORD",
            "PGPASSWD",
            "client_secret",
            "AWS_SECRET_ACCESS_KEY",
            "Authorization",
            "Cookie",
            "SENTRY_DSN",
        ),
        *("GITHUB_PAT", "private_key", "credentials", "SESSION", "HTTPBearer", "access_token", "TOKEN_VALUE"),
    ],
)
def test_names_of_secrets_are_known(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name",
    [
        *(
            "",
            "KEYBOARD",
            "MONKEY",
            "AUTHOR",
            "MAX_TOKENS",
            "TOKENIZER",
            "PUBLIC_KEY",
            "SSH_KEY_FILE",
            "TOKEN_URL",
        ),
        *("PATH", "COMPAT", "key_path", "NODE_ENV", "command", "bearer_env"),
    ],
)
def test_names_that_only_sound_like_it_are_told_apart(name: str) -> None:
    assert not is_secret_name(name)


def test_headers_are_secret_unless_everybody_sends_them() -> None:
    assert is_secret_header("X-Anything")
    assert not is_secret_header("Content-Type")


def test_tokens_are_known_by_their_beginnings() -> None:
    assert looks_like_token("ghp_0123456789abcdef0123")
    assert not looks_like_token("sk-ip")


def test_secret_options_are_found_in_arguments() -> None:
    arguments = [
        "--token",
        "a",
        "--api-key=b",
        "--key-file",
        "c",
        "--verbose",
        "PASSWORD=d",
        "--password",
        "--x",
    ]
    assert list(secret_arguments(arguments)) == ["a", "b", "d"]


def test_secrets_in_addresses_are_found_as_written_and_as_meant() -> None:
    assert list(secrets_in_url("https://u:p%40w@h/x?token=t&page=1#token=u")) == ["p%40w", "p@w", "t"]
    assert list(secrets_in_url("https://h/x")) == []
