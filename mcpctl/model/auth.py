"""Options and reports of `login`, `logout` and `auth status`. No token is ever in here."""

from __future__ import annotations

from typing import Literal

from mcpctl.model.asking import Aside
from mcpctl.model.events import Event
from mcpctl.model.report import Report
from mcpctl.model.server import TokenStorage
from mcpctl.model.value import dataclass, field

Standing = Literal["valid", "renewable", "expired", "absent"]
"""`renewable` is expired, and will be renewed by the next verb that needs it."""

Outcome = Literal["logged_in", "already", "not_needed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginOptions:
    server: str | None = None
    aside: Aside = field(default_factory=Aside)
    scope: tuple[str, ...] = ()
    headless: bool = False
    browser: bool = False
    port: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogoutOptions:
    server: str | None = None
    every: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusOptions:
    server: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationAsked(Event):
    """A person has to visit this page and bring back the address that it leads to."""

    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """What is known about the login at one server."""

    server: str
    url: str
    standing: Standing
    issuer: str | None = None
    scopes: tuple[str, ...] = ()
    expires_at: float | None = None
    """Seconds since 1970; none where the server set no limit."""
    renewable: bool = False
    storage: TokenStorage = "file"
    wants: tuple[str, ...] = ()
    """Scopes that the server asked for since."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginReport(Report):
    login: Login
    outcome: Outcome
    now: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LogoutReport(Report):
    removed: tuple[Login, ...] = ()
    server: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusReport(Report):
    logins: tuple[Login, ...] = ()
    server: str | None = None
    now: float = 0.0
    """What `expires_at` is to be compared with."""
