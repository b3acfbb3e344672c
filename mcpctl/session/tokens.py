"""What authorization servers gave to mcpctl, kept between runs: one private file a server.

Where the keyring is asked for, the file holds only what may be known. Read at the start of every remote session, so it
loads nothing big; a file that cannot be read is as good as none.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mcpctl.config.folders import state_home
from mcpctl.errors import ConfigError
from mcpctl.model.protocol import JsonObject
from mcpctl.model.server import ServerSpec, TokenStorage
from mcpctl.model.value import dataclass, field, replace
from mcpctl.model.world import World
from mcpctl.session import keyring
from mcpctl.session.private import close_to_others, write_private

UNAUTHORIZED = 401
"""The status of a server that wants a token, or another one."""

STORAGE_VARIABLE = "MCPCTL_TOKEN_STORAGE"

MAX_FILE = 1 << 20
"""Bytes; what is bigger was not written by us."""

_SECRETS = ("access_token", "refresh_token")


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Tokens, and what they are good for."""

    access_token: str = field(repr=False)
    refresh_token: str | None = field(default=None, repr=False)
    scopes: tuple[str, ...] = ()
    expires_at: float | None = None
    issuer: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """What a server said when it refused: the `WWW-Authenticate` of an HTTP 401 or 403."""

    status: int
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """All that is kept of one server."""

    server: str
    url: str
    storage: TokenStorage = "file"
    grant: Grant | None = None
    asked: tuple[str, ...] = ()
    """Scopes of the last authorization, whatever was granted."""
    challenge: Challenge | None = None
    """The last refusal that no login has answered yet."""
    clients: Mapping[str, JsonObject] = field(default_factory=dict, repr=False)
    """Issuer -> what it registered mcpctl as."""
    metadata: Mapping[str, JsonObject] = field(default_factory=dict)
    """What the `resource` and the `issuer` of the grant publish about themselves."""

    @property
    def secrets(self) -> tuple[str, ...]:
        """Everything in here that must never be shown."""
        grant = (self.grant.access_token, self.grant.refresh_token) if self.grant is not None else ()
        clients = (client.get("client_secret") for client in self.clients.values())
        return tuple(each for each in (*grant, *clients) if isinstance(each, str))


class TokenStore:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def load(self, server: str, url: str) -> Account | None:
        return self._read(self._file(server, url))

    def save(self, account: Account) -> None:
        """Raises `ConfigError` where it cannot be kept."""
        file = self._file(account.server, account.url)
        before = self._read(file, secrets=False)
        told = asdict(account)
        if account.storage == "keyring":
            keyring.write(file.stem, _take_secrets(told))
        try:
            self._write(file, told)
        except OSError as error:
            raise self._unusable("kept in", error) from error
        if before is not None and before.storage == "keyring" and account.storage == "file":
            keyring.delete(file.stem)

    def remove(self, account: Account) -> None:
        """Raises `ConfigError` where it cannot be removed."""
        file = self._file(account.server, account.url)
        if account.storage == "keyring":
            keyring.delete(file.stem)
        try:
            for each in (file, file.with_suffix(".lock")):
                each.unlink(missing_ok=True)
        except OSError as error:
            raise self._unusable("removed from", error) from error

    def all(self) -> list[Account]:
        """Without the secrets that are in the keyring."""
        try:
            files = sorted(self.folder.glob("*.json"))
        except OSError:
            return []
        found = (self._read(file, secrets=False) for file in files)
        return [account for account in found if account is not None]

    @contextlib.contextmanager
    def locked(self, server: str, url: str) -> Iterator[bool]:
        """Only one process renews a token: most refresh tokens work once. False while another one does."""
        self._make_folder()
        descriptor = os.open(self._file(server, url).with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            yield _taken(descriptor)
        finally:
            os.close(descriptor)

    def _file(self, server: str, url: str) -> Path:
        """One for each name and address: a server that moved elsewhere gets none of the old one's tokens."""
        from hashlib import sha256

        digest = sha256(f"{server}\n{url}".encode("utf-8", "surrogateescape")).hexdigest()[:16]
        readable = "".join(each if each.isascii() and each.isalnum() else "-" for each in server[:40])
        return self.folder / f"{readable}-{digest}.json"

    def _read(self, file: Path, *, secrets: bool = True) -> Account | None:
        try:
            with file.open("rb") as opened:
                close_to_others(opened.fileno())
                told = json.loads(opened.read(MAX_FILE))
            account = _account(told)
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return None
        if account.storage == "keyring" and secrets:
            return _with_secrets(account, keyring.read(file.stem))
        return account

    def _write(self, file: Path, told: JsonObject) -> None:
        self._make_folder()
        write_private(file, json.dumps(told, indent=1))

    def _unusable(self, what: str, error: OSError) -> ConfigError:
        return ConfigError(
            f"tokens cannot be {what} `{self.folder}`: {(error.strerror or str(error)).lower()}",
            code="config.tokens",
            hint="make that folder writable, or set `XDG_STATE_HOME`",
        )

    def _make_folder(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder.chmod(0o700)


def token_store(world: World) -> TokenStore:
    return TokenStore(state_home(world.env) / "tokens")


def storage_for(spec: ServerSpec, world: World) -> TokenStorage:
    """What the server's own entry says, else the environment, else a file."""
    named = (spec.oauth.storage if spec.oauth is not None else None) or world.env.get(STORAGE_VARIABLE)
    if named not in (None, "", "file", "keyring"):
        raise ConfigError(
            f"`{STORAGE_VARIABLE}` is neither `file` nor `keyring`",
            code="config.tokens",
            hint=f"unset `{STORAGE_VARIABLE}`",
        )
    return "keyring" if named == "keyring" else "file"


def place(url: str) -> str:
    """What tokens are filed under: origin and path. Credentials and queries are not part of it."""
    from mcpctl.wire.address import parse_address

    return parse_address(url).text


def _taken(descriptor: int) -> bool:
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _account(told: Any) -> Account:
    """Raises whatever breaks on the way: a file is used as a whole or not at all."""
    grant, challenge = told.get("grant"), told.get("challenge")
    return Account(
        server=_text(told["server"]),
        url=_text(told["url"]),
        storage="keyring" if told.get("storage") == "keyring" else "file",
        grant=_grant(grant) if grant is not None else None,
        asked=tuple(map(_text, told.get("asked", ()))),
        challenge=Challenge(status=int(challenge["status"]), text=challenge.get("text"))
        if challenge is not None
        else None,
        clients={_text(issuer): dict(client) for issuer, client in told.get("clients", {}).items()},
        metadata={_text(name): dict(document) for name, document in told.get("metadata", {}).items()},
    )


def _grant(told: Any) -> Grant:
    refresh, expires, issuer = told.get("refresh_token"), told.get("expires_at"), told.get("issuer")
    return Grant(
        access_token=_text(told.get("access_token", "")),
        refresh_token=None if refresh is None else _text(refresh),
        scopes=tuple(map(_text, told.get("scopes", ()))),
        expires_at=None if expires is None else float(expires),
        issuer=None if issuer is None else _text(issuer),
    )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _take_secrets(told: JsonObject) -> JsonObject:
    """Out of the file, into the keyring."""
    taken: JsonObject = {"clients": told["clients"]}
    told["clients"] = {}
    for name in _SECRETS:
        if told["grant"] is not None:
            taken[name] = told["grant"].pop(name)
    return taken


def _with_secrets(account: Account, kept: JsonObject | None) -> Account:
    """Whose secrets are gone from the keyring is not logged in."""
    token, refresh, clients = ((kept or {}).get(name) for name in (*_SECRETS, "clients"))
    grant = account.grant
    if grant is not None:
        grant = replace(grant, access_token=token, refresh_token=refresh) if isinstance(token, str) else None
    return replace(account, grant=grant, clients=clients if isinstance(clients, dict) else {})
