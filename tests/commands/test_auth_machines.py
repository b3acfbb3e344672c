"""Authentication without a person: client credentials for CI, clients that were registered by hand, tokens and keys."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.commands.logins import configured, log_in, rewrite, token_files, told
from tests.commands.places import mcpctl
from tests.servers.oauth import House, basic, house

SECRET = "a-secret-that-nobody-may-see"
MACHINE = {"grant": "client_credentials", "client_id": "robot", "client_secret": "${ROBOT_SECRET}"}
ENV = {"ROBOT_SECRET": SECRET}


@pytest.fixture
def place() -> Iterator[House]:
    with house() as place:
        yield place


def test_a_machine_logs_in_by_itself(tmp_path: Path, place: House) -> None:
    configured(tmp_path, place.mcp, oauth=MACHINE)
    assert mcpctl(tmp_path, "call", "it", "touch", env=ENV) == (0, "touched\n", "")
    (asked,) = place.asked("/token")
    assert (asked.form["grant_type"], basic(asked)) == ("client_credentials", ("robot", SECRET))
    assert asked.form["resource"] == place.mcp


def test_its_token_is_used_again_until_it_runs_out(tmp_path: Path, place: House) -> None:
    configured(tmp_path, place.mcp, oauth=MACHINE)
    for _ in range(2):
        assert mcpctl(tmp_path, "call", "it", "touch", env=ENV).code == 0
    assert len(place.asked("/token")) == 1
    rewrite(tmp_path, expires_at=1.0)
    assert mcpctl(tmp_path, "call", "it", "touch", env=ENV).code == 0
    assert len(place.asked("/token")) == 2


def test_a_secret_goes_as_the_authorization_server_takes_it(tmp_path: Path, place: House) -> None:
    place.metadata = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    configured(tmp_path, place.mcp, oauth=MACHINE)
    assert mcpctl(tmp_path, "call", "it", "touch", env=ENV).code == 0
    (asked,) = place.asked("/token")
    assert (asked.form["client_id"], asked.form["client_secret"], basic(asked)) == ("robot", SECRET, None)


def test_a_machine_asks_for_more_rights_by_itself(tmp_path: Path) -> None:
    with house(scopes={"server/discover": {"read"}, "tools/call": {"write"}}) as place:
        configured(tmp_path, place.mcp, oauth=MACHINE)
        assert mcpctl(tmp_path, "call", "it", "touch", env=ENV).code == 0
        assert [each.form["scope"] for each in place.asked("/token")] == ["read", "read write"]


def test_a_machine_that_gets_no_more_rights_stops(tmp_path: Path) -> None:
    with house(scopes={"tools/call": {"write"}}, granted="") as place:
        configured(tmp_path, place.mcp, oauth=MACHINE)
        for _ in range(2):
            assert mcpctl(tmp_path, "call", "it", "touch", env=ENV).code == 7
        assert len(place.asked("/token")) <= 2


def test_a_secret_that_is_refused_is_told_without_it(tmp_path: Path, place: House) -> None:
    said = {"error": "invalid_client", "error_description": f"{SECRET} is wrong"}
    place.answers["/token"] = (401, {}, json.dumps(said).encode())
    configured(tmp_path, place.mcp, oauth=MACHINE)
    answer = mcpctl(tmp_path, "call", "it", "touch", "--json", "--debug", env=ENV)
    (error,) = answer.json["errors"]
    assert (answer.code, error["code"]) == (7, "auth.token")
    assert "invalid_client" in error["message"]
    assert SECRET not in answer.out + answer.err


def test_a_configured_secret_does_not_follow_to_another_authorization_server(
    tmp_path: Path, place: House
) -> None:
    configured(tmp_path, place.mcp, oauth=MACHINE)
    mcpctl(tmp_path, "call", "it", "touch", env=ENV)
    with house() as evil:
        place.issuer = evil.url
        place.tokens.clear()
        answer = mcpctl(tmp_path, "call", "it", "touch", env=ENV)
        assert answer.code == 7
        assert evil.seen
        assert not evil.asked("/token")
        assert SECRET not in "".join(each.body for each in evil.seen)


@pytest.mark.parametrize("missing", ["client_id", "client_secret"])
def test_half_a_machine_is_a_fault_of_the_configuration(tmp_path: Path, place: House, missing: str) -> None:
    configured(tmp_path, place.mcp, oauth={key: value for key, value in MACHINE.items() if key != missing})
    answer = mcpctl(tmp_path, "call", "it", "touch", env=ENV)
    assert (answer.code, f"`oauth.{missing}` is missing" in answer.err) == (3, True)


def test_a_login_of_a_machine_is_a_try(tmp_path: Path, place: House) -> None:
    configured(tmp_path, place.mcp, oauth=MACHINE)
    answer = mcpctl(tmp_path, "login", "it", env=ENV)
    assert (answer.code, answer.out.splitlines()[0]) == (0, f"already logged in to `it` at `{place.url}`")


def keys() -> dict[str, tuple[str, Any]]:
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    return {
        "RS256": ("rsa", rsa.generate_private_key(65537, 2048)),
        "ES256": ("ec", ec.generate_private_key(ec.SECP256R1())),
        "ES384": ("ec", ec.generate_private_key(ec.SECP384R1())),
        "EdDSA": ("ed", ed25519.Ed25519PrivateKey.generate()),
    }


def pem_of(key: Any) -> str:
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()  # type: ignore[no-any-return]


@pytest.mark.parametrize("as_file", [True, False], ids=["file", "text"])
@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "ES384", "EdDSA"])
def test_a_key_signs_in_place_of_a_secret(
    tmp_path: Path, place: House, algorithm: str, as_file: bool
) -> None:
    import jwt

    _, key = keys()[algorithm]
    (tmp_path / "key.pem").write_text(pem_of(key))
    named = "key.pem" if as_file else "${ROBOT_KEY}"
    configured(
        tmp_path,
        place.mcp,
        oauth={"grant": "client_credentials", "client_id": "robot", "private_key": named},
    )
    assert mcpctl(tmp_path, "call", "it", "touch", env={"ROBOT_KEY": pem_of(key)}).code == 0
    (asked,) = place.asked("/token")
    assertion = asked.form["client_assertion"]
    claims = jwt.decode(assertion, key.public_key(), algorithms=[algorithm], audience=f"{place.url}")
    assert (claims["iss"], claims["sub"]) == ("robot", "robot")


@pytest.mark.parametrize("key", ["nowhere.pem", "-----BEGIN PRIVATE KEY-----\nnonsense"])
def test_a_key_that_is_none_is_a_fault_of_the_configuration_and_not_shown(
    tmp_path: Path, place: House, key: str
) -> None:
    configured(
        tmp_path, place.mcp, oauth={"grant": "client_credentials", "client_id": "robot", "private_key": key}
    )
    answer = mcpctl(tmp_path, "call", "it", "touch")
    assert (answer.code, "oauth.private_key" in answer.err) == (3, True)
    assert "nonsense" not in answer.err


def test_a_client_that_was_registered_by_hand_is_not_registered_again(tmp_path: Path, place: House) -> None:
    configured(tmp_path, place.mcp, oauth={"client_id": "ours", "client_secret": SECRET})
    answer = log_in(tmp_path)
    assert answer.code == 0
    assert not place.asked("/register")
    (asked,) = place.asked("/token")
    assert basic(asked) == ("ours", SECRET)
    assert SECRET not in token_files(tmp_path)[0].read_text()


def test_a_public_client_shows_no_secret(tmp_path: Path, place: House) -> None:
    configured(tmp_path, place.mcp, oauth={"client_id": "ours"})
    assert log_in(tmp_path).code == 0
    (asked,) = place.asked("/token")
    assert (asked.form["client_id"], "client_secret" in asked.form, basic(asked)) == ("ours", False, None)


def test_a_document_on_the_web_can_stand_for_a_registration(tmp_path: Path, place: House) -> None:
    place.metadata = {"client_id_metadata_document_supported": True}
    document = "https://mcpctl.example/client.json"
    configured(tmp_path, place.mcp, oauth={"client_metadata_url": document})
    assert log_in(tmp_path).code == 0
    assert not place.asked("/register")
    (asked,) = place.asked("/token")
    assert asked.form["client_id"] == document
    rewrite(tmp_path, expires_at=1.0)
    assert mcpctl(tmp_path, "call", "it", "touch").code == 0
    assert place.asked("/token")[-1].form["client_id"] == document


def test_a_document_at_no_address_is_a_fault_of_the_configuration(tmp_path: Path, place: House) -> None:
    configured(tmp_path, place.mcp, oauth={"client_metadata_url": "http://mcpctl.example/client.json"})
    answer = mcpctl(tmp_path, "login", "it", "--headless")
    assert (answer.code, "client_metadata_url" in answer.err) == (3, True)


def test_a_registration_that_is_forgotten_over_there_is_made_again(tmp_path: Path, place: House) -> None:
    configured(tmp_path, place.mcp)
    log_in(tmp_path)
    mcpctl(tmp_path, "auth", "status")
    place.tokens.clear()
    place.refresh = "revoked"
    place.answers["/token"] = (401, {}, b'{"error": "invalid_client"}')
    assert log_in(tmp_path).code == 7
    assert told(tmp_path)["clients"] == {}
    place.answers.clear()
    assert log_in(tmp_path).code == 0
    assert len(place.asked("/register")) == 2


@pytest.mark.parametrize("given", ["flag", "file"])
def test_a_bearer_token_reaches_the_server_and_no_output(tmp_path: Path, given: str) -> None:
    with house(tokens={SECRET: set()}) as place:
        configured(tmp_path, place.mcp, *(['bearer_env = "MY_TOKEN"'] if given == "file" else []))
        flag = ("--bearer-env", "MY_TOKEN") if given == "flag" else ()
        env = {"MY_TOKEN": SECRET}
        trace = ("--trace", "trace.log", "-vv", "--debug")
        answer = mcpctl(tmp_path, "call", "it", "touch", *flag, *trace, env=env)
        assert answer.code == 0
        assert {each.bearer for each in place.seen} == {f"Bearer {SECRET}"}
        shown = answer.out + answer.err + (tmp_path / "trace.log").read_text()
        shown += mcpctl(tmp_path, "config", "show", "--json", env=env).out
        assert SECRET not in shown
        assert base64.b64encode(SECRET.encode()).decode() not in shown


def test_a_bearer_token_that_is_refused_is_not_quoted(tmp_path: Path, place: House) -> None:
    said = json.dumps({"error": f"{SECRET} is no good"}).encode()
    place.answers["/mcp"] = (401, {"content-type": "application/json"}, said)
    configured(tmp_path, place.mcp, 'bearer_env = "MY_TOKEN"')
    answer = mcpctl(tmp_path, "call", "it", "touch", "--json", env={"MY_TOKEN": SECRET})
    assert (answer.code, SECRET in answer.out + answer.err) == (7, False)


def test_a_variable_that_is_not_set_is_named(tmp_path: Path, place: House) -> None:
    configured(tmp_path, place.mcp, 'bearer_env = "MY_TOKEN"')
    answer = mcpctl(tmp_path, "call", "it", "touch")
    assert (answer.code, "MY_TOKEN" in answer.err) == (3, True)
    assert not place.seen


@pytest.mark.parametrize(
    "line", ['headers = { "X-API-Key" = "${MY_KEY}" }', 'header_env = { "X-API-Key" = "MY_KEY" }']
)
def test_an_api_key_reaches_the_server_and_no_output(tmp_path: Path, line: str) -> None:
    with house(api_key=SECRET) as place:
        configured(tmp_path, place.mcp, line)
        answer = mcpctl(tmp_path, "call", "it", "touch", "-vv", "--debug", env={"MY_KEY": SECRET})
        assert answer.code == 0
        assert {each.headers.get("x-api-key") for each in place.seen} == {SECRET}
        assert SECRET not in answer.out + answer.err
        wrong = mcpctl(tmp_path, "call", "it", "touch", "--json", env={"MY_KEY": "wrong-secret-value"})
        assert (wrong.code, "wrong-secret-value" in wrong.out + wrong.err) == (7, False)


def test_a_key_on_the_command_line_reaches_the_server(tmp_path: Path) -> None:
    with house(api_key=SECRET) as place:
        answer = mcpctl(tmp_path, "call", "touch", "--url", place.mcp, "--header", f"X-API-Key: {SECRET}")
        assert (answer.code, answer.out) == (0, "touched\n")
        assert SECRET not in answer.err
