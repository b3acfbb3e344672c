"""Where OAuth may lead, judged without a network."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from mcpctl.errors import AuthError
from mcpctl.session.oauth.guard import Guard, addresses_of, home_of

ELSEWHERE = Guard(home=home_of("203.0.113.9", ["203.0.113.9"]))
HERE = Guard(home=home_of("localhost", ["127.0.0.1", "::1"]))
FORBIDDEN = [
    "127.0.0.1",
    "10.0.0.1",
    "172.16.3.4",
    "192.168.1.1",
    "100.64.0.1",
    "100.100.100.200",
    "169.254.169.254",
    "168.63.129.16",
    "0.0.0.0",
    "224.0.0.1",
    "240.0.0.1",
    "::1",
    "::",
    "::ffff:10.0.0.1",
    "::127.0.0.1",
    "64:ff9b::a9fe:a9fe",
    "2002:a00:1::",
    "fd00:ec2::254",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
]


@pytest.mark.parametrize("address", FORBIDDEN)
def test_addresses_that_are_not_public_are_refused(address: str) -> None:
    with pytest.raises(AuthError) as refused:
        ELSEWHERE.admit("https://as.example/token", addresses_of([address]))
    assert refused.value.code == "auth.unsafe_address"
    assert refused.value.hint is not None
    assert "oauth.allow_hosts" in refused.value.hint


@pytest.mark.parametrize("address", FORBIDDEN)
def test_a_literal_is_refused_before_anybody_is_asked(address: str) -> None:
    host = f"[{address.partition('%')[0]}]" if ":" in address else address
    with pytest.raises(AuthError):
        ELSEWHERE.admit_url(f"https://{host}/token")


def test_public_addresses_are_fine() -> None:
    ELSEWHERE.admit("https://as.example/token", addresses_of(["93.184.216.34", "2606:2800:220:1::1"]))


def test_one_bad_address_among_good_ones_is_enough() -> None:
    with pytest.raises(AuthError):
        ELSEWHERE.admit("https://as.example/", addresses_of(["93.184.216.34", "10.0.0.1"]))


def test_this_machine_is_open_to_a_server_of_this_machine_only() -> None:
    HERE.admit_url("http://localhost:8080/token")
    HERE.admit("http://127.0.0.1:8080/", [ip_address("127.0.0.1")])
    for url in ("http://localhost:8080/token", "https://api.localhost/"):
        with pytest.raises(AuthError, match="this machine"):
            ELSEWHERE.admit_url(url)


def test_a_server_of_this_machine_leads_no_further() -> None:
    for url in ("https://10.0.0.1/", "http://169.254.169.254/latest/meta-data"):
        with pytest.raises(AuthError):
            HERE.admit_url(url)


def test_a_private_server_may_lead_to_itself_and_not_to_its_neighbour() -> None:
    guard = Guard(home=home_of("mcp.corp", ["10.1.2.3"]))
    guard.admit("https://as.corp/", addresses_of(["10.1.2.3"]))
    with pytest.raises(AuthError, match="private address"):
        guard.admit("https://as.corp/", addresses_of(["10.1.2.4"]))


def test_a_name_with_a_public_address_has_no_private_home() -> None:
    assert home_of("evil.example", ["93.184.216.34", "10.0.0.1"]) == frozenset()


def test_only_a_literal_makes_a_link_local_address_a_home() -> None:
    assert home_of("evil.example", ["169.254.169.254"]) == frozenset()
    assert home_of("169.254.1.1", ["169.254.1.1"]) == {ip_address("169.254.1.1")}


@pytest.mark.parametrize("url", ["http://as.example/token", "http://93.184.216.34/token"])
def test_what_is_not_encrypted_is_refused(url: str) -> None:
    with pytest.raises(AuthError, match="not `https`"):
        ELSEWHERE.admit(url, addresses_of(["93.184.216.34"]))
    with pytest.raises(AuthError, match="not `https`"):
        ELSEWHERE.admit_unresolved(url)


def test_what_a_proxy_resolves_must_be_encrypted_and_no_bad_literal() -> None:
    ELSEWHERE.admit_unresolved("https://as.example/token")
    HERE.admit_unresolved("http://localhost:1/token")
    with pytest.raises(AuthError):
        ELSEWHERE.admit_unresolved("https://10.0.0.1/token")


@pytest.mark.parametrize("url", ["file:///etc/passwd", "javascript:alert(1)", "https://", "gopher://x/"])
def test_what_is_no_web_address_is_refused(url: str) -> None:
    with pytest.raises(AuthError, match="no web address"):
        HERE.admit_url(url)


def test_an_address_with_credentials_is_refused_and_not_shown() -> None:
    with pytest.raises(AuthError, match="credentials") as refused:
        HERE.admit_url("https://user:pass@as.example/token?x=y")
    assert "pass" not in refused.value.message


def test_a_host_that_the_configuration_vouches_for_is_admitted() -> None:
    guard = Guard(trusted=("keycloak.corp",))
    guard.admit("http://keycloak.corp:8080/token", addresses_of(["10.0.0.7"]))
    guard.admit_unresolved("http://keycloak.corp:8080/authorize")
    with pytest.raises(AuthError):
        guard.admit("https://keycloak.corp.evil.example/", addresses_of(["10.0.0.7"]))


def test_a_query_is_not_repeated() -> None:
    with pytest.raises(AuthError) as refused:
        ELSEWHERE.admit_url("https://10.0.0.1/a?state=secret")
    assert "secret" not in refused.value.message
