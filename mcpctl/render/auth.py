"""How logins are shown: who gave them, what for and how long. Never the tokens, which the reports do not hold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mcpctl.model.auth import AuthorizationAsked, Login, LoginReport, LogoutReport, Standing, StatusReport
from mcpctl.model.duration import format_duration
from mcpctl.render.blocks import Block, Cell, Line, Style, Table, Verbatim
from mcpctl.render.view import View

STYLES: dict[Standing, Style] = {"valid": "good", "renewable": "good", "expired": "bad", "absent": "dim"}


def login_data(report: LoginReport) -> dict[str, Any]:
    return {"outcome": report.outcome, **_data(report.login)}


def login_human(report: LoginReport) -> Iterator[Block]:
    login = report.login
    name = Cell(login.server, "name")
    if report.outcome == "not_needed":
        yield Line(("`", name, "` asks for no login"))
        return
    already = "already " if report.outcome == "already" else ""
    yield Line((f"{already}logged in to `", name, "`", f" at `{login.issuer}`" if login.issuer else ""))
    if login.scopes:
        yield Line((Cell("scopes: ", "dim"), " ".join(login.scopes)))
    yield Line((Cell("expires: ", "dim"), _expiry(login, report.now)))


def logout_data(report: LogoutReport) -> dict[str, Any]:
    return {"removed": [{"server": each.server, "url": each.url} for each in report.removed]}


def logout_human(report: LogoutReport) -> Iterator[Block]:
    for each in report.removed:
        yield Line(("logged out of `", Cell(each.server, "name"), "`"))


def logout_notes(report: LogoutReport) -> Iterator[Block]:
    if not report.removed:
        where = f" to `{report.server}`" if report.server is not None else " anywhere"
        yield Line((Cell("note:", "warn"), f" there was no login{where}"))


def status_data(report: StatusReport) -> dict[str, Any]:
    return {"logins": [_data(each) for each in report.logins]}


def status_human(report: StatusReport) -> Iterator[Block]:
    if report.logins:
        rows = [_row(each, report.now) for each in report.logins]
        yield Table(("SERVER", "LOGIN", "EXPIRES", "SCOPES", "ISSUER", "KEPT IN"), rows)


def status_notes(report: StatusReport) -> Iterator[Block]:
    if not report.logins:
        where = f"to `{report.server}`" if report.server is not None else "anywhere"
        yield Line((Cell("note:", "warn"), f" there is no login {where}"))
    for each in report.logins:
        if each.wants:
            wanted = " ".join(each.wants)
            yield Line(
                (Cell("note:", "warn"), f" `{each.server}` asked for `{wanted}`: log in again to get it")
            )


def _data(login: Login) -> dict[str, Any]:
    return {
        "server": login.server,
        "url": login.url,
        "status": login.standing,
        "issuer": login.issuer,
        "scopes": list(login.scopes),
        "expires_at": _time(login.expires_at),
        "renewable": login.renewable,
        "storage": login.storage,
        "wants": list(login.wants),
    }


def _row(login: Login, now: float) -> tuple[str | Cell, ...]:
    return (
        Cell(login.server, "name"),
        Cell(login.standing, STYLES[login.standing]),
        _expiry(login, now) if login.standing != "absent" else "-",
        " ".join(login.scopes) or "-",
        login.issuer or "-",
        login.storage,
    )


def _expiry(login: Login, now: float) -> str:
    if login.expires_at is None:
        return "never, as far as the server said"
    left = login.expires_at - now
    when = f"in {format_duration(left)}" if left > 0 else f"{format_duration(-left)} ago"
    return f"{when}, then renewed" if login.renewable and left > 0 else when


def _time(seconds: float | None) -> str | None:
    if seconds is None:
        return None
    from datetime import UTC, datetime

    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _page(event: AuthorizationAsked) -> Block:
    """Alone on its line, whole: programs read it too."""
    return Verbatim(f"{event.url}\n".encode())


LOGIN = View(report=LoginReport, data=login_data, human=login_human, streams={AuthorizationAsked: _page})
LOGOUT = View(report=LogoutReport, data=logout_data, human=logout_human, notes=logout_notes)
STATUS = View(report=StatusReport, data=status_data, human=status_human, notes=status_notes)
