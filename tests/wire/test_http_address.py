"""URLs: what is understood, what is shown, what is refused."""

from __future__ import annotations

import pytest

from mcpctl.errors import ConfigError
from mcpctl.wire.address import parse_address


@pytest.mark.parametrize(
    ("url", "origin", "target"),
    [
        ("http://a/mcp", ("http", "a", 80), "/mcp"),
        ("HTTPS://A.Example/", ("https", "a.example", 443), "/"),
        ("http://a:8080", ("http", "a", 8080), "/"),
        ("http://a?x=1", ("http", "a", 80), "/?x=1"),
        ("http://a/p?x=1#fragment", ("http", "a", 80), "/p?x=1"),
        ("http://[::1]:81/p", ("http", "::1", 81), "/p"),
        ("http://[fe80::1%25eth0]/p", ("http", "fe80::1%eth0", 80), "/p"),
        (" http://a/ ", ("http", "a", 80), "/"),
        ("http://B\N{LATIN SMALL LETTER U WITH DIAERESIS}cher.example/\N{SNOWMAN}?q=\N{SNOWMAN}",
         ("http", "xn--bcher-kva.example", 80), "/%E2%98%83?q=%E2%98%83"),
    ],
)  # fmt: skip
def test_a_url_is_taken_apart(url: str, origin: tuple[str, str, int], target: str) -> None:
    address = parse_address(url)
    assert (address.origin, address.target) == (origin, target)


@pytest.mark.parametrize(
    ("url", "host"),
    [("http://a/", "a"), ("http://a:443/", "a:443"), ("https://a:443/", "a"), ("http://[::1]:8/", "[::1]:8")],
)
def test_the_host_header_leaves_out_a_default_port(url: str, host: str) -> None:
    assert parse_address(url).host_header == host


def test_what_is_shown_has_neither_credentials_nor_query() -> None:
    address = parse_address("https://me:secret@a:8443/p?token=secret")
    assert address.text == "https://a:8443/p"
    assert "secret" not in repr(address)


@pytest.mark.parametrize(
    "url",
    ["", "a/mcp", "/mcp", "ftp://a/", "http://", "http:///x", "http://a:99999/", "http://a b/", "file:///etc/passwd",
     "http://a\r\nX: y/", "http://\N{SNOWMAN}\N{SNOWMAN}" + "x" * 70 + "/"],
)  # fmt: skip
def test_what_is_no_url_is_refused(url: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_address(url)
    assert caught.value.code == "config.url"


def test_a_refusal_does_not_quote_secrets() -> None:
    with pytest.raises(ConfigError) as caught:
        parse_address("htp://me:secret@a/?token=secret")
    assert "secret" not in caught.value.message


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("/b", "http://a:81/b"),
        ("b", "http://a:81/x/b"),
        ("//c/d", "http://c/d"),
        ("https://a/b", "https://a/b"),
    ],
)
def test_a_location_is_seen_from_where_it_was_given(location: str, expected: str) -> None:
    assert parse_address("http://a:81/x/y?q").join(location).text == expected
