"""`mcpctl login`, `logout` and `auth status`, and what ordinary verbs make of a login."""

from __future__ import annotations

import json
import signal
import stat
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.commands.logins import (
    configured,
    log_in,
    log_in_here,
    redirected,
    rewrite,
    token_files,
    told,
)
from tests.commands.places import mcpctl
from tests.servers.oauth import METADATA, PRM, House, house
from tests.support import PYTHON, ROOT


@pytest.fixture
def place() -> Iterator[House]:
    with house() as place:
        yield place


def query_of(page: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(page).query).items()}


def test_without_a_login_the_way_to_one_is_told(tmp_path: Path, place: House) -> None:
    configured(tmp_path, place.mcp)
    answer = mcpctl(tmp_path, "call", "it", "touch", "--json")
    (error,) = answer.json["errors"]
    assert (answer.code, error["code"], error["server"]) == (7, "auth.required", "it")
    assert "mcpctl login it" in error["hint"]


def test_after_a_headless_login_every_request_carries_the_token(tmp_path: Path, place: House) -> None:
    configured(tmp_path, place.mcp)
    answer = log_in(tmp_path)
    assert answer.code == 0
    page, *said = answer.out.splitlines()
    assert query_of(page)["code_challenge_method"] == "S256"
    assert said[0] == f"logged in to `it` at `{place.url}`"
    place.seen.clear()
    assert mcpctl(tmp_path, "call", "it", "touch") == (0, "touched\n", "")
    assert {each.bearer for each in place.asked("/mcp")} == {"Bearer access-token-1"}


def test_the_page_is_alone_on_its_line_and_json_has_one_object_a_line(tmp_path: Path, place: House) -> None:
    configured(tmp_path, place.mcp)
    first, last = log_in(tmp_path, "--json").out.splitlines()
    assert json.loads(first)["type"] == "authorization_asked"
    assert json.loads(last)["data"] | {"expires_at": ""} == {
        "outcome": "logged_in",
        "server": "it",
        "url": place.mcp,
        "status": "valid",
        "issuer": place.url,
        "scopes": [],
        "expires_at": "",
        "renewable": True,
        "storage": "file",
        "wants": [],
    }


def test_tokens_are_kept_for_nobody_else_and_shown_to_nobody(tmp_path: Path, place: House) -> None:
    place.registers = {
        "client_secret": "a-secret-of-the-client",
        "token_endpoint_auth_method": "client_secret_post",
    }
    configured(tmp_path, place.mcp)
    answer = log_in(tmp_path, "-vv", "--debug")
    (file,) = token_files(tmp_path)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    kept = told(tmp_path)
    secrets = (kept["grant"]["access_token"], kept["grant"]["refresh_token"], "a-secret-of-the-client")
    status = mcpctl(tmp_path, "auth", "status", "it", "--json")
    for each in (answer, status, mcpctl(tmp_path, "auth", "status"), mcpctl(tmp_path, "logout", "it", "-vv")):
        assert not any(secret in each.out + each.err for secret in secrets)


def test_a_browser_on_this_machine_comes_back_by_itself(tmp_path: Path, place: House) -> None:
    configured(tmp_path, place.mcp)
    answer = log_in_here(tmp_path)
    assert (answer.code, answer.out.splitlines()[0]) == (0, f"logged in to `it` at `{place.url}`")
    assert "http" not in answer.out.replace(place.url, "")
    (registered,) = place.asked("/register")
    told = json.loads(registered.body)
    assert told["redirect_uris"][0].startswith("http://127.0.0.1:")
    assert (told["application_type"], told["client_name"]) == ("native", "mcpctl")


def test_strangers_at_the_door_change_nothing(tmp_path: Path, place: House) -> None:
    configured(tmp_path, place.mcp)
    refusals = []

    def browse(page: str) -> None:
        back = redirected(page)
        door, state = back.partition("?")[0], query_of(page)["state"]
        for address in (f"{door}?code=x&state=wrong", f"{door}?code=x", door.replace("/callback", "/")):
            with pytest.raises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(address, timeout=60)
            with refused.value:
                refusals.append(refused.value.code)
        with urllib.request.urlopen(back, timeout=60) as answer:
            shown = answer.read().decode()
        assert state not in shown

    assert log_in_here(tmp_path, browse=browse).code == 0
    assert refusals == [400, 400, 404]


def test_the_port_of_the_redirect_can_be_chosen(tmp_path: Path, place: House) -> None:
    configured(tmp_path, place.mcp)
    page = log_in(tmp_path, "--port", "8976").out.splitlines()[0]
    assert query_of(page)["redirect_uri"] == "http://127.0.0.1:8976/callback"


def test_a_port_that_is_taken_is_named(tmp_path: Path, place: House) -> None:
    configured(tmp_path, place.mcp)
    answer = mcpctl(tmp_path, "login", "it", "--port", place.url.rpartition(":")[2])
    assert answer.code == 2
    assert "something else listens there" in answer.err


def test_a_second_login_uses_the_same_registration(tmp_path: Path, place: House) -> None:
    configured(tmp_path, place.mcp)
    log_in(tmp_path)
    place.tokens.clear()
    place.refresh = "revoked"
    assert log_in(tmp_path).code == 0
    assert len(place.asked("/register")) == 1
    assert len(place.asked("/authorize")) == 2


def test_who_is_logged_in_is_not_asked_again(tmp_path: Path, place: House) -> None:
    configured(tmp_path, place.mcp)
    log_in(tmp_path)
    answer = mcpctl(tmp_path, "login", "it")
    assert answer.out.startswith("already logged in to `it`")
    assert len(place.asked("/authorize")) == 1


def test_a_server_that_asks_for_nothing_needs_no_login(tmp_path: Path) -> None:
    with house(tokens={"": set()}) as place:
        configured(tmp_path, place.mcp)
        assert mcpctl(tmp_path, "login", "it").out == "`it` asks for no login\n"


def test_a_url_can_be_logged_in_to_without_a_configuration(tmp_path: Path, place: House) -> None:
    assert log_in(tmp_path, server=place.mcp).code == 0
    assert mcpctl(tmp_path, "call", place.mcp, "touch").out == "touched\n"


def test_a_refusal_of_the_person_is_passed_on(tmp_path: Path, place: House) -> None:
    configured(tmp_path, place.mcp)
    told = "error=access_denied&error_description=not+today"
    answer = log_in(tmp_path, change=lambda back: f"{back.partition('?')[0]}?{told}")
    assert answer.code == 7
    assert "the authorization server refused: access_denied: not today" in answer.err


@pytest.mark.parametrize(
    ("carried", "code"),
    [
        ("", "auth.abandoned"),
        ("what?", "auth.no_code"),
        ("http://127.0.0.1/callback?code=x&state=y", "auth.state"),
    ],
)
def test_an_address_that_is_not_the_one_is_refused(
    tmp_path: Path, place: House, carried: str, code: str
) -> None:
    configured(tmp_path, place.mcp)
    answer = log_in(tmp_path, "--json", change=lambda _: carried)
    (error,) = json.loads(answer.out.splitlines()[-1])["errors"]
    assert (answer.code, error["code"]) == (7, code)
    assert not place.asked("/token")


def test_more_scopes_are_asked_for_besides_those_of_the_server(tmp_path: Path) -> None:
    with house(scopes={"tools/list": {"read"}}) as place:
        configured(tmp_path, place.mcp, oauth={"scopes": ["profile"]})
        page = log_in(tmp_path, "--scope", "extra").out.splitlines()[0]
        assert query_of(page)["scope"].split() == ["profile", "extra"]


def test_rights_that_are_missing_are_remembered_for_the_next_login(tmp_path: Path) -> None:
    with house(scopes={"server/discover": {"read"}, "tools/call": {"write"}}) as place:
        configured(tmp_path, place.mcp)
        log_in(tmp_path)
        answer = mcpctl(tmp_path, "call", "it", "touch", "--json")
        (error,) = answer.json["errors"]
        assert (answer.code, error["code"]) == (7, "auth.scope")
        assert "`write`" in error["message"]
        assert "mcpctl login it" in error["hint"]
        status = mcpctl(tmp_path, "auth", "status", "it", "--json").data["logins"][0]
        assert (status["scopes"], status["wants"]) == (["read"], ["write"])
        page = log_in(tmp_path).out.splitlines()[0]
        assert query_of(page)["scope"].split() == ["read", "write"]
        assert mcpctl(tmp_path, "call", "it", "touch").out == "touched\n"


def test_a_login_does_not_go_in_circles(tmp_path: Path) -> None:
    with house(scopes={"tools/list": {"admin"}}, granted="") as place:
        configured(tmp_path, place.mcp)
        answer = log_in(tmp_path)
        assert answer.code == 7
        assert "the server refuses its token" in answer.err
        assert len(place.asked("/authorize")) <= 2


def test_a_token_that_ran_out_is_renewed_before_the_first_request(tmp_path: Path, place: House) -> None:
    configured(tmp_path, place.mcp)
    log_in(tmp_path)
    rewrite(tmp_path, expires_at=1.0)
    place.seen.clear()
    assert mcpctl(tmp_path, "call", "it", "touch").out == "touched\n"
    assert place.seen[0].path == "/token"
    assert place.seen[0].form["grant_type"] == "refresh_token"
    assert place.seen[0].form["resource"] == place.mcp
    assert {each.bearer for each in place.asked("/mcp")} == {"Bearer access-token-2"}
    assert told(tmp_path)["grant"]["refresh_token"] == "refresh-token-2"


def test_a_token_that_was_revoked_is_renewed_when_it_is_refused(tmp_path: Path, place: House) -> None:
    configured(tmp_path, place.mcp)
    log_in(tmp_path)
    place.tokens.clear()
    place.seen.clear()
    assert mcpctl(tmp_path, "call", "it", "touch").out == "touched\n"
    assert len(place.asked("/token")) == 1
    assert place.asked("/mcp")[0].bearer == "Bearer access-token-1"


def test_tokens_are_renewed_where_they_came_from_not_at_the_server(tmp_path: Path) -> None:
    with house() as authority, house(issuer=authority.url, tokens=authority.tokens) as place:
        configured(tmp_path, place.mcp)
        log_in(tmp_path)
        rewrite(tmp_path, expires_at=1.0)
        assert mcpctl(tmp_path, "call", "it", "touch").out == "touched\n"
        assert [each.form["grant_type"] for each in authority.asked("/token")] == [
            "authorization_code",
            "refresh_token",
        ]
        assert not place.asked("/token")


def test_a_login_that_is_over_says_so_and_is_tried_once(tmp_path: Path, place: House) -> None:
    configured(tmp_path, place.mcp)
    log_in(tmp_path)
    place.tokens.clear()
    place.refresh = "another"
    place.seen.clear()
    for _ in range(2):
        answer = mcpctl(tmp_path, "call", "it", "touch", "--json")
        (error,) = answer.json["errors"]
        assert (answer.code, error["code"]) == (7, "auth.expired")
        assert "mcpctl login it" in error["hint"]
    assert len(place.asked("/token")) == 1
    assert log_in(tmp_path).code == 0


def test_an_authorization_server_that_is_down_ends_no_login(tmp_path: Path, place: House) -> None:
    configured(tmp_path, place.mcp)
    log_in(tmp_path)
    rewrite(tmp_path, expires_at=1.0)
    place.answers["/token"] = (503, {}, b"")
    answer = mcpctl(tmp_path, "call", "it", "touch", "--json")
    assert (answer.code, answer.json["errors"][0]["code"]) == (4, "connect.authorization")
    place.answers.clear()
    assert mcpctl(tmp_path, "call", "it", "touch").out == "touched\n"


def test_what_another_process_renewed_is_used(tmp_path: Path, place: House) -> None:
    configured(tmp_path, place.mcp)
    log_in(tmp_path)
    place.tokens = {"renewed-by-another": set()}
    rewrite(tmp_path, access_token="renewed-by-another")
    place.seen.clear()
    assert mcpctl(tmp_path, "call", "it", "touch").out == "touched\n"
    assert not place.asked("/token")


def test_who_is_logged_out_has_no_token_left(tmp_path: Path, place: House) -> None:
    configured(tmp_path, place.mcp)
    log_in(tmp_path)
    assert mcpctl(tmp_path, "logout", "it").out == "logged out of `it`\n"
    assert token_files(tmp_path) == []
    assert mcpctl(tmp_path, "call", "it", "touch").code == 7


def test_a_server_that_left_the_configuration_can_be_logged_out(tmp_path: Path, place: House) -> None:
    configured(tmp_path, place.mcp)
    log_in(tmp_path)
    (tmp_path / "mcpctl.toml").unlink()
    assert mcpctl(tmp_path, "auth", "status", "it").code == 0
    assert mcpctl(tmp_path, "logout", "--all").out == "logged out of `it`\n"


def test_logging_out_of_nothing_is_told_and_no_failure(tmp_path: Path) -> None:
    configured(tmp_path, "http://127.0.0.1:1/mcp")
    answer = mcpctl(tmp_path, "logout", "it")
    assert (answer.code, answer.out, answer.err) == (0, "", "note: there was no login to `it`\n")
    with house() as place:
        configured(tmp_path, place.mcp)
        assert mcpctl(tmp_path, "call", "it", "touch").code == 7
        assert mcpctl(tmp_path, "logout", "it").out == ""
    assert token_files(tmp_path) == []
    assert mcpctl(tmp_path, "logout", "nobody").code == 3
    assert mcpctl(tmp_path, "logout").code == 2


def test_the_status_of_no_login_is_no(tmp_path: Path) -> None:
    configured(tmp_path, "http://127.0.0.1:1/mcp")
    assert mcpctl(tmp_path, "auth", "status", "it").code == 1
    assert mcpctl(tmp_path, "auth", "status").code == 0


def test_a_status_tells_how_long_a_login_lasts(tmp_path: Path, place: House) -> None:
    configured(tmp_path, place.mcp)
    log_in(tmp_path)
    shown = mcpctl(tmp_path, "auth", "status").out
    assert "in 59m" in shown or "in 1h" in shown
    rewrite(tmp_path, expires_at=1.0)
    assert "renewable" in mcpctl(tmp_path, "auth", "status").out
    rewrite(tmp_path, refresh_token=None)
    answer = mcpctl(tmp_path, "auth", "status", "it")
    assert (answer.code, "expired" in answer.out) == (1, True)


def test_a_local_program_has_no_login(tmp_path: Path) -> None:
    answer = mcpctl(tmp_path, "login", "demo")
    assert answer.code == 2
    assert "`demo` is a local program" in answer.err


def test_an_authorization_of_the_configuration_wins_over_a_login(tmp_path: Path, place: House) -> None:
    configured(tmp_path, place.mcp)
    log_in(tmp_path)
    place.tokens["fixed-token"] = set()
    place.seen.clear()
    configured(tmp_path, place.mcp, 'headers = { Authorization = "Bearer fixed-token" }')
    assert mcpctl(tmp_path, "call", "it", "touch").code == 0
    assert {each.bearer for each in place.seen} == {"Bearer fixed-token"}
    answer = mcpctl(tmp_path, "login", "it")
    assert (answer.code, "wins over any login" in answer.err) == (3, True)


def test_metadata_of_another_resource_is_refused(tmp_path: Path, place: House) -> None:
    place.resource = {"resource": "https://evil.example/mcp"}
    configured(tmp_path, place.mcp)
    answer = mcpctl(tmp_path, "login", "it", "--headless", "--json")
    assert (answer.code, answer.json["errors"][0]["code"]) == (7, "auth.flow")
    assert not place.asked("/authorize")


@pytest.mark.parametrize(
    "address",
    ["http://169.254.169.254", "https://10.0.0.1", "http://[::ffff:192.168.0.1]", "http://example.com"],
)
def test_a_server_cannot_lead_into_a_private_network(tmp_path: Path, place: House, address: str) -> None:
    place.resource = {"authorization_servers": [address]}
    configured(tmp_path, place.mcp)
    answer = mcpctl(tmp_path, "login", "it", "--headless", "--json")
    (error,) = answer.json["errors"]
    # Without a network the name of the last one may just not be found.
    assert (answer.code, error["code"]) in {(7, "auth.unsafe_address"), (4, "connect.authorization")}


def test_a_redirect_cannot_either(tmp_path: Path, place: House) -> None:
    to = {"location": "http://169.254.169.254/latest"}
    place.answers = {f"{PRM}/mcp": (307, to, b""), METADATA: (307, to, b""), "/register": (307, to, b"")}
    configured(tmp_path, place.mcp)
    answer = mcpctl(tmp_path, "login", "it", "--headless", "--json")
    assert (answer.code, answer.json["errors"][0]["code"]) == (7, "auth.registration")


@pytest.mark.parametrize("page", ["http://10.0.0.1/authorize", "http://example.com/authorize"])
def test_a_page_that_is_not_safe_is_not_even_shown(tmp_path: Path, place: House, page: str) -> None:
    place.metadata = {"authorization_endpoint": page}
    configured(tmp_path, place.mcp)
    answer = mcpctl(tmp_path, "login", "it", "--headless", "--json")
    assert (answer.code, answer.json["errors"][0]["code"]) == (7, "auth.unsafe_address")
    assert len(answer.out.splitlines()) == 1


def test_a_registration_that_fails_says_what_to_do(tmp_path: Path, place: House) -> None:
    place.answers["/register"] = (400, {}, b'{"error": "invalid_client_metadata", "error_description": "no"}')
    configured(tmp_path, place.mcp)
    answer = mcpctl(tmp_path, "login", "it", "--headless", "--json")
    (error,) = answer.json["errors"]
    assert (answer.code, error["code"]) == (7, "auth.registration")
    assert "invalid_client_metadata: no" in error["message"]
    assert "oauth.client_id" in error["hint"]


@pytest.mark.parametrize("body", [b"", b"[]", b'{"issuer": 5}', b"\xff", b"x" * (1 << 21)])
def test_malformed_metadata_is_no_crash(tmp_path: Path, place: House, body: bytes) -> None:
    place.answers = {METADATA: (200, {}, body), "/register": (404, {}, b"")}
    configured(tmp_path, place.mcp)
    assert mcpctl(tmp_path, "login", "it", "--headless").code == 7


def test_a_compressed_answer_is_refused(tmp_path: Path, place: House) -> None:
    place.answers = {f"{PRM}/mcp": (200, {"content-encoding": "gzip"}, b"bomb")}
    configured(tmp_path, place.mcp)
    answer = mcpctl(tmp_path, "login", "it", "--headless", "--json")
    assert answer.json["errors"][0]["code"] == "auth.unusable_answer"


def test_a_browser_is_opened_where_that_is_asked_for(tmp_path: Path, place: House) -> None:
    """In a process of its own: which browser there is stands in its environment."""
    browser = tmp_path / "browser.py"
    browser.write_text("import sys, urllib.request\nurllib.request.urlopen(sys.argv[1], timeout=60).read()\n")
    configured(tmp_path, place.mcp)
    env = {"HOME": str(tmp_path), "PYTHONPATH": str(ROOT), "BROWSER": f"{PYTHON} {browser} %s"}
    command = [PYTHON, "-m", "mcpctl", "login", "it", "--browser"]
    done = subprocess.run(
        command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, f"logged in to `it` at `{place.url}`")


@pytest.mark.parametrize("how", [(), ("--headless",)])
def test_a_login_can_be_given_up(tmp_path: Path, place: House, how: tuple[str, ...]) -> None:
    configured(tmp_path, place.mcp)
    env = {"HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    command = [PYTHON, "-m", "mcpctl", "login", "it", *how]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    with subprocess.Popen(command, cwd=tmp_path, env=env, text=True, **pipes) as asking:  # type: ignore[call-overload]
        assert asking.stdout is not None
        while "/authorize?" not in asking.stdout.readline():
            assert asking.poll() is None
        asking.send_signal(signal.SIGINT)
        assert asking.wait(60) == 130
    assert token_files(tmp_path) == []


def test_a_login_that_cannot_be_kept_is_none(
    tmp_path: Path, place: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    configured(tmp_path, place.mcp, oauth={"storage": "keyring"})
    monkeypatch.setitem(sys.modules, "keyring", None)
    answer = log_in(tmp_path)
    assert (answer.code, "`keyring` is not installed" in answer.err) == (3, True)
    assert len(place.asked("/authorize")) <= 1
