import base64
import html
import json
import re
import urllib.parse

import msgspec
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mcpctl.config.secrecy import MASK, SHORTEST
from mcpctl.lint.secrets import TOKEN_SHAPES as VALIDATED
from mcpctl.model.token_shapes import TOKEN_SHAPES
from mcpctl.policy.redaction import Redactor

CANARY = 'cänary/s3cr3t+"value\\&<x>='

secrets = st.text(st.sampled_from('abcAB01+/=&%"\\*<> é😀-_.~'), min_size=SHORTEST, max_size=12).filter(
    lambda text: text.strip() == text
)
texts = st.text(st.sampled_from('abcAB01+/=&%"\\*\n {}[]:,'), max_size=30)


def _spellings(secret: str) -> dict[str, str]:
    raw = secret.encode()
    return {
        "plain": secret,
        "url": urllib.parse.quote(secret),
        "url, all of it": urllib.parse.quote(secret, safe=""),
        "url, as a form": urllib.parse.quote_plus(secret),
        "url, small hex": re.sub("%..", lambda hexed: hexed[0].lower(), urllib.parse.quote(secret)),
        "json": json.dumps(secret)[1:-1],
        "json in utf-8": msgspec.json.encode(secret).decode()[1:-1],
        "json in json": json.dumps(json.dumps(secret))[1:-1],
        "base64": base64.b64encode(raw).decode(),
        "base64 for urls": base64.urlsafe_b64encode(raw).decode().rstrip("="),
        "basic, as password": base64.b64encode(b"me:" + raw).decode(),
        "basic, with a longer name": base64.b64encode(b"someone:" + raw).decode(),
        "basic, as name": base64.b64encode(raw + b":").decode(),
        "html": html.escape(secret),
        "hex": raw.hex(),
    }


@pytest.mark.parametrize("spelling", _spellings(CANARY))
def test_every_usual_spelling_of_a_secret_is_found(spelling):
    written = _spellings(CANARY)[spelling]
    cleaned = Redactor([CANARY]).clean(f"before {written} after", patterns=False)
    assert cleaned.startswith("before ")
    assert cleaned.endswith(" after")
    assert MASK in cleaned
    core = written.rstrip("=")[6:-6]
    assert core not in cleaned


@given(st.lists(secrets, min_size=1, max_size=4), st.lists(texts, min_size=2, max_size=5), st.data())
@settings(max_examples=200, deadline=None)
def test_a_canary_survives_in_no_text(known, around, data):
    text = around[0]
    for piece in around[1:]:
        text += data.draw(st.sampled_from(known)) + piece
    cleaned = Redactor(known).clean(text)
    assert not any(secret in cleaned for secret in known)


@given(secrets.filter(lambda text: "\n" not in text), st.lists(texts, min_size=1, max_size=4), st.data())
@settings(max_examples=100, deadline=None)
def test_a_canary_survives_in_no_chunking_of_lines(secret, around, data):
    text = secret.join(around) + "\n" + secret + "\n" + secret * 2
    lines = text.splitlines(keepends=True)
    redactor = Redactor([secret])
    cleaned = ""
    while lines:
        count = data.draw(st.integers(1, len(lines)))
        cleaned += redactor.clean("".join(lines[:count]))
        lines = lines[count:]
    assert secret not in cleaned


@given(secrets, texts, texts)
@settings(max_examples=100, deadline=None)
def test_bytes_are_cleaned_like_text_and_may_be_invalid(secret, before, after):
    cleaned = Redactor([secret]).clean(before.encode() + b"\xff" + secret.encode() + b"\xfe" + after.encode())
    assert secret.encode() not in cleaned


@given(st.lists(secrets, max_size=3), st.lists(texts, min_size=1, max_size=4), st.booleans(), st.data())
@settings(max_examples=150, deadline=None)
def test_bytes_are_cleaned_to_the_very_same_text(known, around, patterns, data):
    text = around[0] + "".join(data.draw(st.sampled_from(known or [""])) + piece for piece in around[1:])
    redactor = Redactor(known)
    assert (
        redactor.clean(text.encode(), patterns=patterns) == redactor.clean(text, patterns=patterns).encode()
    )
    assert redactor.clean_json([text.encode()]) == [redactor.clean(text).encode()]


def test_a_secret_that_is_no_utf8_is_found_in_bytes():
    assert MASK.encode() in Redactor(["not\udcff utf8"]).clean(b"is not\xff utf8", patterns=False)


values = st.recursive(
    texts | st.integers() | st.none() | st.booleans() | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)


@given(secrets, values, texts, texts)
@settings(max_examples=150, deadline=None)
def test_json_values_and_json_texts_stay_json(secret, value, before, after):
    redactor = Redactor([secret])
    whole = {"value": value, before + secret: [after, before + secret + after]}
    cleaned = redactor.clean_json(whole)
    # Compared as values: in JSON text a secret with a quote in it has another spelling.
    assert all(secret not in text for text in _texts(cleaned))
    # Digits inside a number can only be told from text by who knows that it is one: `clean_json` does.
    assume(not any(secret in json.dumps(number) for number in _numbers(value)))
    ascii_text = json.dumps(whole)
    for text in (ascii_text, json.dumps(whole, ensure_ascii=False)):
        assert all(secret not in found for found in _texts(json.loads(redactor.text(text))))


def _numbers(value):
    if isinstance(value, dict | list):
        for child in value.values() if isinstance(value, dict) else value:
            yield from _numbers(child)
    elif isinstance(value, int | float):
        yield value


def _texts(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, child in value.items():
            yield key
            yield from _texts(child)
    elif isinstance(value, list):
        for child in value:
            yield from _texts(child)


def test_a_number_that_is_a_secret_is_none_in_json_either():
    assert Redactor(["123456"]).clean_json({"pin": 123456, "other": 12345, "yes": True}) == {
        "pin": MASK,
        "other": 12345,
        "yes": True,
    }


def test_what_is_nested_too_deep_to_be_walked_is_taken_out():
    deep: list = ["canary-value"]
    for _ in range(900):
        deep = [deep]
    assert "canary" not in json.dumps(Redactor(["canary-value"]).clean_json(deep))


def test_each_line_of_a_long_secret_is_one():
    key = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkq\nhkiG9w0BAQEFAASC\n-----END PRIVATE KEY-----\n"
    redactor = Redactor([key])
    for line in key.splitlines():
        assert redactor.clean(f"log: {line}") == f"log: {MASK}"
    assert "MIIE" not in redactor.clean(json.dumps({"key": key}))


def test_short_values_are_no_secrets():
    assert Redactor(["", "abc", "12345"]).clean("abc 12345") == "abc 12345"


def test_overlapping_secrets_leave_no_tail():
    assert Redactor(["abcdef", "cdefgh"]).clean("xabcdefghx") == f"x{MASK}x"
    assert Redactor(["aaaaaa"]).clean("a" * 9) == MASK


def test_a_text_without_secrets_is_handed_back_as_it_is():
    redactor = Redactor(["canary-value"])
    text, data = "nothing to see", b"nothing \xff to see"
    assert redactor.clean(text) is text
    assert redactor.clean(data) is data


def test_the_redactor_does_not_show_what_it_knows():
    assert "canary" not in repr(Redactor(["canary-value"]))


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("Authorization: Bearer abc.def-123_456", "Authorization: Bearer ***"),
        ("authorization: bearer abcdefgh12345==", "authorization: bearer ***"),
        ("Authorization: Basic dXNlcjpwYXNzd29yZA==", "Authorization: Basic ***"),
        ("key sk-proj-abcdefghijklmnop1234", "key ***"),
        ('{"key":"sk-ant-api03-abcdefghijklmnop"}', '{"key":"***"}'),
        ("a\\nsk-abcdefghijklmnop1234", "a\\n***"),
        ("ghp_abcdefghijklmnopqrstuvwxyz0123456789", "***"),
        ("github_pat_11ABCDEFG0_abcdefghijkl", "***"),
        ("id AKIAIOSFODNN7EXAMPLE.", "id ***."),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-DEF_123", "***"),
        ("https://me:hunter2@example.com/x", "https://***@example.com/x"),
        ("postgres://u:p@ss@db:5432/x", "postgres://***@db:5432/x"),
        ("https://x.test/a?token=abc&page=2", "https://x.test/a?token=***&page=2"),
        ("/cb?code=abc123&state=x#access_token=zzz", "/cb?code=***&state=x#access_token=***"),
        (
            "/x?api_key=1&X-Amz-Signature=2&client_secret=3",
            "/x?api_key=***&X-Amz-Signature=***&client_secret=***",
        ),
    ],
)
def test_what_looks_like_a_token_is_taken_out_of_logs(text, cleaned):
    redactor = Redactor()
    assert redactor.clean(text) == cleaned
    assert redactor.clean(cleaned) == cleaned
    assert redactor.text(text) == text


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from([shape for shape in VALIDATED if "PRIVATE KEY" not in shape]).flatmap(
        lambda shape: st.from_regex(shape, fullmatch=True)
    ),
    st.sampled_from(["{}", "key: {}.", '{{"key":"{}"}}', "a\\n{}", "a=b%3D{} c", "KEY={},"]),
)
def test_what_validation_calls_a_token_is_taken_out_of_logs(token, around):
    cleaned = Redactor().clean(around.format(token))
    assert token not in cleaned
    assert cleaned == around.format(MASK)


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\\n", "\\\\n", " "])
def test_a_private_key_in_one_text_is_taken_out(line_end):
    lines = [
        "-----BEGIN RSA PRIVATE KEY-----",
        "MIIEvQIBADANBgkqhkiG9w0B",
        "AQEFAASC==",
        "-----END RSA PRIVATE KEY-----",
    ]
    cleaned = Redactor().clean(f"key: {line_end.join(lines)} it was")
    assert cleaned == f"key: {lines[0]}{MASK}{lines[3]} it was"


@pytest.mark.parametrize(
    "text",
    [
        "-----BEGIN PRIVATE KEY----- is how a key begins",
        "-----BEGIN CERTIFICATE-----\nMIIEvQIBADANBgkqhkiG9w0B\n",
        "a prefc-0123456789abcdef0123456789 and a MSG.aaaaaaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbbbbbb",
        "bearer authentication is needed",
        'Bearer resource_metadata="https://x.test/.well-known/oauth-protected-resource"',
        "basic functionality described here",
        "a risk-management-framework-for-everyone and a task-list-of-many-things",
        "npm_config_registry_of_the_whole_company",
        "https://example.com/a?page=2&author=me&sort=desc",
        "mail me@example.com, see https://example.com/@me",
        "AKIA is a prefix, eyJ too, and sk- as well",
        "",
    ],
)
def test_ordinary_text_is_left_alone(text):
    assert Redactor().clean(text) == text


@pytest.mark.parametrize(
    "piece",
    ["eyJ", "eyJa.", "eyJa.eyJ", "sk-", "Bearer ", "Bearer a", "ghp_", "AKIA", "://", "://a@", "://a:", "?a", "?a=", "&token", "xoxb-", "Basic Aa", "github_pat_", "AIza", "\\", "aaaaaa",
     "SG.", "SG.aaaaaaaaaaaaaaaa.", "eyJaaaaaaaa.", "-----BEGIN ", "-----BEGIN PRIVATE KEY-----", "PRIVATE KEY-----\\n",
     *(beginning + "a" for shape in TOKEN_SHAPES for beginning in shape.beginnings)],
)  # fmt: skip
def test_no_text_takes_more_than_linear_time(piece):
    """Quadratic would be minutes for this size; there is no clock here, only patience."""
    text = piece * (300_000 // len(piece))
    assert Redactor(["aaaaaab"]).clean(text)
