"""Tokens between runs: private, whole or not there, one place a server."""

from __future__ import annotations

import json
import stat
import sys
from pathlib import Path

import pytest

from mcpctl.errors import ConfigError
from mcpctl.model.server import OAuthSpec, ServerSpec
from mcpctl.session.tokens import Account, Challenge, Grant, TokenStore, place, storage_for
from tests.support import world

URL = "https://mcp.example/mcp"
ACCOUNT = Account(
    server="it",
    url=URL,
    grant=Grant(
        access_token="the-access-token",
        refresh_token="the-refresh-token",
        scopes=("a", "b"),
        expires_at=12.5,
        issuer="https://as.example",
    ),
    asked=("a", "b", "c"),
    challenge=Challenge(status=403, text='Bearer scope="d"'),
    clients={"https://as.example": {"client_id": "x", "client_secret": "the-client-secret"}},
    metadata={"issuer": {"token_endpoint": "https://as.example/token"}},
)

KEYRING = """
import json, pathlib
from . import errors
FILE = pathlib.Path(__file__).with_name("kept.json")
def _all():
    return json.loads(FILE.read_text()) if FILE.exists() else {}
def get_password(service, name):
    return _all().get(f"{service}/{name}")
def set_password(service, name, value):
    FILE.write_text(json.dumps({**_all(), f"{service}/{name}": value}))
def delete_password(service, name):
    kept = _all()
    if kept.pop(f"{service}/{name}", None) is None:
        raise errors.PasswordDeleteError
    FILE.write_text(json.dumps(kept))
"""
ERRORS = """
class KeyringError(Exception): pass
class PasswordDeleteError(KeyringError): pass
"""


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def store(tmp_path: Path) -> TokenStore:
    return TokenStore(tmp_path / "state" / "tokens")


@pytest.fixture
def keyring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package of that name, which keeps what it is given in a file."""
    package = tmp_path / "packages" / "keyring"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(KEYRING)
    (package / "errors.py").write_text(ERRORS)
    for name in ("keyring", "keyring.errors"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.syspath_prepend(package.parent)
    return package / "kept.json"


def test_what_was_saved_is_loaded(store: TokenStore) -> None:
    store.save(ACCOUNT)
    assert store.load("it", URL) == ACCOUNT
    assert store.all() == [ACCOUNT]


def test_nobody_else_can_read_it(store: TokenStore) -> None:
    store.save(ACCOUNT)
    (file,) = store.folder.iterdir()
    assert (mode(store.folder), mode(file)) == (0o700, 0o600)


def test_a_file_that_was_opened_to_others_is_closed_again(store: TokenStore) -> None:
    store.save(ACCOUNT)
    (file,) = store.folder.iterdir()
    file.chmod(0o644)
    store.load("it", URL)
    assert mode(file) == 0o600


def test_another_name_or_address_has_tokens_of_its_own(store: TokenStore) -> None:
    store.save(ACCOUNT)
    assert store.load("other", URL) is None
    assert store.load("it", "https://elsewhere.example/mcp") is None


def test_a_strange_name_stays_inside_of_the_folder(store: TokenStore) -> None:
    store.save(Account(server="../../etc/pass wd\x00", url=URL))
    (file,) = store.folder.iterdir()
    assert file.parent == store.folder


@pytest.mark.parametrize(
    "text",
    ["", "no json", "[]", "null", '{"server": "it"}', '{"server": 1, "url": 2}', "[" * 100000, "\udcff"],
)
def test_a_file_that_is_no_account_is_as_good_as_none(store: TokenStore, text: str) -> None:
    store.save(ACCOUNT)
    (file,) = store.folder.iterdir()
    file.write_text(text, errors="surrogateescape")
    assert store.load("it", URL) is None
    assert store.all() == []


def test_an_account_with_a_broken_grant_is_not_half_used(store: TokenStore) -> None:
    store.save(ACCOUNT)
    (file,) = store.folder.iterdir()
    told = json.loads(file.read_text())
    told["grant"]["scopes"] = [1]
    file.write_text(json.dumps(told))
    assert store.load("it", URL) is None


def test_what_is_removed_is_gone(store: TokenStore) -> None:
    store.save(ACCOUNT)
    store.remove(ACCOUNT)
    assert list(store.folder.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where a folder should be")
    with pytest.raises(ConfigError, match="tokens cannot be kept"):
        TokenStore(tmp_path / "state" / "tokens").save(ACCOUNT)


def test_what_cannot_be_removed_is_named_and_what_cannot_be_listed_is_nothing(store: TokenStore) -> None:
    store.save(ACCOUNT)
    (file,) = store.folder.iterdir()
    file.unlink()
    file.mkdir()
    with pytest.raises(ConfigError, match="tokens cannot be removed"):
        store.remove(ACCOUNT)
    assert TokenStore(store.folder / ("x" * 300)).all() == []


def test_only_one_at_a_time_renews(store: TokenStore) -> None:
    with store.locked("it", URL) as first, store.locked("it", URL) as second:
        assert (first, second) == (True, False)
    with store.locked("it", URL) as again:
        assert again


def test_every_secret_is_known_to_be_one() -> None:
    assert set(ACCOUNT.secrets) == {"the-access-token", "the-refresh-token", "the-client-secret"}
    assert not any(secret in repr(ACCOUNT) for secret in ACCOUNT.secrets)


def test_the_keyring_holds_the_secrets_and_the_file_none(store: TokenStore, keyring: Path) -> None:
    account = Account(server="it", url=URL, storage="keyring", grant=ACCOUNT.grant, clients=ACCOUNT.clients)
    store.save(account)
    (file,) = store.folder.iterdir()
    assert not any(secret in file.read_text() for secret in ACCOUNT.secrets)
    assert all(secret in keyring.read_text() for secret in ACCOUNT.secrets)
    assert store.load("it", URL) == account


def test_logging_out_empties_the_keyring(store: TokenStore, keyring: Path) -> None:
    account = Account(server="it", url=URL, storage="keyring", grant=ACCOUNT.grant)
    store.save(account)
    store.remove(account)
    store.remove(account)
    assert keyring.read_text() == "{}"


def test_tokens_move_out_of_the_keyring_and_into_it(store: TokenStore, keyring: Path) -> None:
    kept = Account(server="it", url=URL, storage="keyring", grant=ACCOUNT.grant)
    for account in (kept, ACCOUNT, kept):
        store.save(account)
        (file,) = store.folder.iterdir()
        in_file, in_keyring = ("the-access-token" in each.read_text() for each in (file, keyring))
        assert (in_file, in_keyring) == (account.storage == "file", account.storage == "keyring")


def test_a_list_asks_no_keyring(store: TokenStore, keyring: Path) -> None:
    store.save(Account(server="it", url=URL, storage="keyring", grant=ACCOUNT.grant))
    keyring.unlink()
    (listed,) = store.all()
    assert listed.grant is not None
    assert (listed.grant.access_token, listed.grant.scopes) == ("", ("a", "b"))
    loaded = store.load("it", URL)
    assert loaded is not None
    assert loaded.grant is None


def test_a_keyring_that_is_not_installed_is_named(store: TokenStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(ConfigError, match="`keyring` is not installed") as missing:
        store.save(Account(server="it", url=URL, storage="keyring", grant=ACCOUNT.grant))
    assert missing.value.hint is not None
    assert "mcpctl-toolkit[keyring]" in missing.value.hint


def test_the_entry_of_a_server_wins_over_the_environment(tmp_path: Path) -> None:
    outside = world(tmp_path, env={"MCPCTL_TOKEN_STORAGE": "keyring"})
    spec = ServerSpec(name="it", transport="http", url=URL)
    filed = ServerSpec(name="it", transport="http", url=URL, oauth=OAuthSpec(storage="file"))
    assert (storage_for(spec, outside), storage_for(filed, outside)) == ("keyring", "file")
    assert storage_for(spec, world(tmp_path)) == "file"
    with pytest.raises(ConfigError, match="MCPCTL_TOKEN_STORAGE"):
        storage_for(spec, world(tmp_path, env={"MCPCTL_TOKEN_STORAGE": "cloud"}))


def test_tokens_are_filed_under_origin_and_path() -> None:
    assert place("HTTPS://user:secret@MCP.example:443/mcp?key=secret#x") == URL
