"""`mcpctl login SERVER`, `mcpctl logout SERVER` and `mcpctl auth status`: OAuth logins of remote servers.

A login is only called one when the server took its token. No token is ever shown, and no browser opened unasked.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING

from mcpctl.commands.context import Context
from mcpctl.commands.lines import read_line
from mcpctl.commands.target import target
from mcpctl.errors import AuthError, ConfigError, DeadlineError, McpctlError, ProtocolError, UsageError
from mcpctl.model.auth import (
    AuthorizationAsked,
    Login,
    LoginOptions,
    LoginReport,
    LogoutOptions,
    LogoutReport,
    Outcome,
    Standing,
    StatusOptions,
    StatusReport,
)
from mcpctl.model.events import Noticed
from mcpctl.model.server import ServerSpec
from mcpctl.session.tokens import UNAUTHORIZED, Account, Challenge, token_store

if TYPE_CHECKING:
    from mcpctl.session.oauth.access import Access
    from mcpctl.session.oauth.providers import Person

MOST_AUTHORIZATIONS = 2
"""A server may want more rights, or name another authorization server, after the first; then it is going in circles."""

PATIENCE = 300.0
"""Seconds for a person to find the password."""


async def login(options: LoginOptions, ctx: Context) -> LoginReport:
    words = (options.server,) if options.server is not None else ()
    if not words and options.aside.url is None:
        raise UsageError(
            "no server is named", code="usage.missing", hint="name one of `mcpctl ls`, or its address"
        )
    spec, rest = target(words, options.aside, ctx)
    if rest:
        raise UsageError(
            "`--url` takes the place of SERVER", code="usage.conflict", hint="leave one of them out"
        )
    access = _access(spec, ctx)
    challenge = await _refusal(spec, ctx) or access.account().challenge
    if challenge is None:
        wanted = options.scope or (spec.oauth is not None and access.account().grant is None)
        if not wanted or access.is_machine:
            return _report(access, "not_needed" if access.account().grant is None else "already", ctx)
        challenge = Challenge(status=UNAUTHORIZED)
    if access.is_machine:
        raise AuthError(
            "the server refuses the client of its `oauth` block, which logs in by itself",
            code="auth.refused",
            server=spec.name,
            hint="check `oauth.client_id`, its secret or key, and its rights",
        )
    async with _person(options, spec, access, ctx) as person:
        await _authorized(access, person, challenge=challenge, scopes=options.scope, spec=spec, ctx=ctx)
    return _report(access, "logged_in", ctx)


def logout(options: LogoutOptions, ctx: Context) -> LogoutReport:
    if (options.server is None) != options.every:
        raise UsageError(
            "name a server, or say `--all`", code="usage.missing", hint="see `mcpctl auth status`"
        )
    store = token_store(ctx.world)
    accounts = _accounts(options.server, ctx)
    for account in accounts:
        store.remove(account)
    # What is left may be a refusal that was remembered: that was no login.
    removed = tuple(_login(each, ctx) for each in accounts if each.grant is not None)
    return LogoutReport(server=options.server, removed=removed)


def status(options: StatusOptions, ctx: Context) -> StatusReport:
    logins = tuple(_login(account, ctx) for account in _accounts(options.server, ctx))
    usable = any(each.standing in ("valid", "renewable") for each in logins)
    return StatusReport(
        logins=logins,
        server=options.server,
        now=ctx.world.now(),
        exit_code=0 if usable or options.server is None else 1,
    )


def _access(spec: ServerSpec, ctx: Context) -> Access:
    from mcpctl.config.variables import resolve_server
    from mcpctl.session.oauth.access import access_to

    if spec.transport == "stdio":
        raise UsageError(
            f"`{spec.name}` is a local program, and needs no login",
            code="usage.not_remote",
            server=spec.name,
            hint="give it what it needs in its `env`",
        )
    resolved = resolve_server(spec, ctx.settings, ctx.world)
    ctx.redactor.add(*resolved.secrets)
    access = access_to(resolved.spec, ctx.world, keep_secret=ctx.redactor.add, emit=ctx.emit)
    if access is None:
        raise ConfigError(
            f"`{spec.name}` is configured with an `Authorization` of its own, which wins over any login",
            code="config.authorization",
            server=spec.name,
            hint="take it out of `headers`, `bearer_env` or the URL to log in",
        )
    return access


async def _refusal(spec: ServerSpec, ctx: Context) -> Challenge | None:
    """What the server says to whoever comes with what is stored. It may let anybody in and ask later, so a list is asked for."""
    await ctx.sessions.slot(spec).discard()
    try:
        async with ctx.sessions.open(spec) as session:
            await session.connect()
            with suppress(ProtocolError):  # it has no such list: it was not for want of a login
                await session.list("tools/list")
    except AuthError as error:
        if error.http_status is None:
            raise
        return Challenge(status=error.http_status, text=error.www_authenticate)
    return None


async def _authorized(
    access: Access,
    person: Person,
    *,
    challenge: Challenge,
    scopes: tuple[str, ...],
    spec: ServerSpec,
    ctx: Context,
) -> None:
    """Until the server takes the token. Raises `AuthError` where it never does."""
    from mcpctl.session.oauth.challenges import scopes_of, wants_more

    for _ in range(MOST_AUTHORIZATIONS):
        account = await _asked(access, person, challenge, scopes, spec)
        try:
            refusal = await _refusal(spec, ctx)
        except McpctlError as error:
            ctx.emit(
                Noticed(server=spec.name, message=f"logged in, but then: {error.message}", hint=error.hint)
            )
            return
        if refusal is None:
            return
        if wants_more(refusal) and set(scopes_of(refusal)) <= set(account.asked):
            break
        challenge = refusal
    wanted = f" for `{' '.join(scopes_of(challenge))}`" if scopes_of(challenge) else ""
    raise AuthError(
        f"the login succeeded, but the server refuses its token{wanted}",
        code="auth.refused",
        server=spec.name,
        hint="ask whoever runs the server for these rights, or log in as somebody else",
    )


async def _asked(
    access: Access, person: Person, challenge: Challenge, scopes: tuple[str, ...], spec: ServerSpec
) -> Account:
    try:
        async with asyncio.timeout(PATIENCE):
            return await access.login(challenge, person, scopes)
    except TimeoutError as error:
        raise DeadlineError(
            f"nobody came back from the login within {PATIENCE:g} s",
            step="login",
            limit=PATIENCE,
            server=spec.name,
            hint="run it again, with `--headless` if the browser is on another machine",
        ) from error


@asynccontextmanager
async def _person(
    options: LoginOptions, spec: ServerSpec, access: Access, ctx: Context
) -> AsyncIterator[Person]:
    """Whoever sits at the terminal, with a browser here or elsewhere."""
    from mcpctl.session.oauth.loopback import HOST, PATH, Loopback, free_port
    from mcpctl.session.oauth.providers import Person

    port = options.port or (spec.oauth.redirect_port if spec.oauth is not None else None)
    if options.headless:
        port = port or access.registered_port() or free_port()
        yield Person(redirect_uri=f"http://{HOST}:{port}{PATH}", visit=lambda page: _carried(page, spec, ctx))
        return
    show = partial(_show, spec=spec, options=options, ctx=ctx)
    async with Loopback(port=port, wish=access.registered_port(), show=show) as loopback:
        yield Person(redirect_uri=loopback.redirect_uri, visit=loopback.visit)


async def _carried(page: str, spec: ServerSpec, ctx: Context) -> str:
    """A person carries the address back by hand."""
    ctx.emit(AuthorizationAsked(server=spec.name, url=page))
    if ctx.world.stderr_tty:
        _say("Open this page, log in, and paste the address that it leads to:", ctx)
    line = (await read_line(ctx.world)).strip()
    if not line:
        raise AuthError(
            "no address came back from the login",
            code="auth.abandoned",
            server=spec.name,
            hint="paste the whole address that the browser ends at, even where the page there fails",
        )
    return line


def _show(page: str, *, spec: ServerSpec, options: LoginOptions, ctx: Context) -> None:
    _say(f"To log in to `{spec.name}`, open this page:\n{page}", ctx)
    if options.browser:
        from threading import Thread

        # Some browsers keep whoever starts them waiting, and the page they load comes back here.
        loop = asyncio.get_running_loop()
        unheard = Noticed(
            server=spec.name, message="no browser could be started", hint="open the page yourself"
        )
        tell = partial(loop.call_soon_threadsafe, ctx.emit, unheard)
        Thread(target=_browse, args=(page, tell), daemon=True).start()


def _browse(page: str, otherwise: Callable[[], object]) -> None:
    import webbrowser

    if not webbrowser.open(page):
        with suppress(RuntimeError):  # the login was over before
            otherwise()


def _say(text: str, ctx: Context) -> None:
    """Not a note: without this page there is no login, so `--quiet` does not hide it."""
    from mcpctl.policy.sanitise import sanitise_text

    ctx.world.stderr.write(sanitise_text(ctx.redactor.text(text)).encode() + b"\n")
    ctx.world.stderr.flush()


def _accounts(server: str | None, ctx: Context) -> list[Account]:
    """By name, whatever the configuration says today: a server that left it can still be logged out."""
    accounts = token_store(ctx.world).all()
    if server is None:
        return accounts
    found = [account for account in accounts if server in (account.server, account.url)]
    if not found:
        target((server,), LoginOptions().aside, ctx)  # says so where the name means nothing at all
    return found


def _report(access: Access, outcome: Outcome, ctx: Context) -> LoginReport:
    return LoginReport(login=_login(access.account(), ctx), outcome=outcome, now=ctx.world.now())


def _login(account: Account, ctx: Context) -> Login:
    from mcpctl.session.oauth.challenges import scopes_of

    grant = account.grant
    return Login(
        server=account.server,
        url=account.url,
        standing=_standing(account, ctx.world.now()),
        issuer=grant.issuer if grant is not None else None,
        scopes=grant.scopes if grant is not None else (),
        expires_at=grant.expires_at if grant is not None else None,
        renewable=grant is not None and grant.refresh_token is not None,
        storage=account.storage,
        wants=scopes_of(account.challenge) if account.challenge is not None else (),
    )


def _standing(account: Account, now: float) -> Standing:
    grant = account.grant
    if grant is None:
        return "absent"
    if grant.expires_at is None or grant.expires_at > now:
        return "valid"
    return "renewable" if grant.refresh_token is not None else "expired"
