"""The credentials of one remote server while a session lasts: sent from the first request, renewed when they run out.

What needs a person is never started here: it is remembered for `mcpctl login`, and said. Loads the SDK only when
something is to be renewed.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from typing import TYPE_CHECKING

from mcpctl.errors import AuthError, ConfigError
from mcpctl.model.events import Emit, Noticed
from mcpctl.model.server import ServerSpec
from mcpctl.model.value import replace
from mcpctl.model.world import World
from mcpctl.session.tokens import UNAUTHORIZED, Account, Challenge, Grant, place, storage_for, token_store

if TYPE_CHECKING:
    from mcpctl.session.oauth.flow import Flow
    from mcpctl.session.oauth.providers import Person

LEEWAY = 30.0
"""Seconds before its end that a token is renewed: it must last until the request arrives."""

LOCK_PATIENCE = 35.0
"""Seconds to wait for another process that renews the same token; it has 30 for its request."""

LOCK_POLL = 0.05
"""Seconds between two looks whether that one is done: a lock of a file calls nobody back."""


def access_to(
    spec: ServerSpec, world: World, *, keep_secret: Callable[[str], object], emit: Emit
) -> Access | None:
    """None for a server that is not remote, or whose configuration brings its own `Authorization`."""
    if spec.transport == "stdio" or spec.url is None or brings_authorization(spec):
        return None
    return Access(spec, world, keep_secret=keep_secret, emit=emit)


def brings_authorization(spec: ServerSpec) -> bool:
    authority = (spec.url or "").partition("://")[2].partition("/")[0]
    return "@" in authority or any(name.lower() == "authorization" for name in spec.headers)


class Access:
    """`spec` has its variables resolved."""

    def __init__(
        self, spec: ServerSpec, world: World, *, keep_secret: Callable[[str], object], emit: Emit
    ) -> None:
        self._spec = spec
        self._url = place(spec.url or "")
        self._world = world
        self._store = token_store(world)
        self._keep_secret = keep_secret
        self._emit = emit
        self._sent: str | None = None

    @property
    def is_machine(self) -> bool:
        """Whether it can log in by itself."""
        return self._spec.oauth is not None and self._spec.oauth.grant == "client_credentials"

    def account(self) -> Account:
        """What is kept of this server, or the beginning of it."""
        kept = self._store.load(self._spec.name, self._url)
        if kept is None:
            storage = storage_for(self._spec, self._world)
            return Account(server=self._spec.name, url=self._url, storage=storage)
        self._hide(kept)
        return kept

    async def dressed(self) -> ServerSpec:
        """The server with a stored token among its headers. Raises `AuthError` for a login that is over."""
        grant = self.account().grant
        if grant is None:
            return self._spec
        if self._over(grant):
            if self.is_machine:
                return self._spec  # the server will ask, and is answered then
            if grant.refresh_token is not None:
                grant = await self._renewed(grant)
        return replace(self._spec, headers={**self._spec.headers, **self._header(grant)})

    async def authorize(self, status: int, text: str | None) -> Mapping[str, str] | None:
        """Answer a refusal of the server with other headers, as far as that goes without a person."""
        from mcpctl.session.oauth.challenges import MAX_CHALLENGE, wants_more

        challenge = Challenge(status=status, text=text[:MAX_CHALLENGE] if text is not None else None)
        more = wants_more(challenge)
        if status != UNAUTHORIZED and not more:
            return None
        grant = self.account().grant
        if grant is not None and grant.access_token != self._sent and not self._over(grant):
            return self._header(grant)  # somebody logged in or renewed it meanwhile
        if self.is_machine:
            return await self._identified(challenge)
        if grant is not None and grant.refresh_token is not None and not more:
            return self._header(await self._renewed(grant))
        self.remember(challenge)
        raise self._refusal(challenge, had_token=grant is not None)

    def registered_port(self) -> int | None:
        """Where the browser came back to before: a registration holds for one address only."""
        from urllib.parse import urlsplit

        for client in self.account().clients.values():
            for uri in client.get("redirect_uris") or ():
                port = urlsplit(uri).port if isinstance(uri, str) else None
                if port:
                    return port
        return None

    def remember(self, challenge: Challenge) -> None:
        """For the next login. No reason to fail."""
        account = self.account()
        if account.challenge != challenge:
            with contextlib.suppress(ConfigError):
                self._store.save(replace(account, challenge=challenge))

    async def login(self, challenge: Challenge, person: Person, scopes: tuple[str, ...] = ()) -> Account:
        """Ask a person. `scopes` are asked for besides those that the server demands."""
        from mcpctl.session.oauth.challenges import scopes_of, union

        account = self.account()
        oauth = self._spec.oauth
        wanted = union(scopes_of(challenge), oauth.scopes if oauth is not None else (), scopes)
        if account.grant is not None and (scopes or challenge.status != UNAUTHORIZED):
            # A new token takes the place of the old one: what that was good for must not be lost.
            wanted = union(account.asked, account.grant.scopes, wanted)
        flow = await self._flow(replace(account, storage=storage_for(self._spec, self._world)), person)
        before = flow.account
        try:
            await flow.authorize(challenge, wanted)
        except BaseException:
            if flow.account is not before:  # a registration outlives the login it was made for
                with contextlib.suppress(ConfigError):
                    self._store.save(flow.account)
            raise
        self._hide(flow.account)
        self._store.save(flow.account)
        return flow.account

    async def _identified(self, challenge: Challenge) -> Mapping[str, str] | None:
        """By its own secret or key; None where that was tried for the same rights before."""
        from mcpctl.session.oauth.challenges import scopes_of, union, wants_more

        account = self.account()
        oauth = self._spec.oauth
        assert oauth is not None
        wanted = union(scopes_of(challenge), oauth.scopes)
        if wants_more(challenge) and account.grant is not None:
            if set(wanted) <= set(account.asked):
                return None
            wanted = union(account.asked, account.grant.scopes, wanted)
        flow = await self._flow(account)
        self._keep(await flow.authorize(challenge, wanted))
        grant = flow.account.grant
        return self._header(grant) if grant is not None else None

    async def _renewed(self, grant: Grant) -> Grant:
        """Raises `AuthError` where the refresh token is no longer good, `ConnectError` where nobody can be asked."""
        async with self._alone():
            account = self.account()
            if account.grant is not None and account.grant.access_token != grant.access_token:
                return account.grant
            flow = await self._flow(account)
            renewed = await flow.renew()
            if renewed is None or renewed.grant is None:
                with contextlib.suppress(ConfigError):
                    self._store.save(replace(account, grant=replace(grant, refresh_token=None)))
                raise self._refusal(Challenge(status=UNAUTHORIZED), had_token=True)
            self._keep(renewed)
            return renewed.grant

    async def _flow(self, account: Account, person: Person | None = None) -> Flow:
        from mcpctl.session.oauth.flow import Flow
        from mcpctl.session.oauth.sender import Sender, guard_for

        world = self._world
        sender = Sender(self._spec, await guard_for(self._spec), env=world.env)
        return Flow(self._spec, account, sender, now=world.now, cwd=world.cwd, person=person)

    @contextlib.asynccontextmanager
    async def _alone(self) -> AsyncIterator[None]:
        """While no other process renews this token, or after a bounded wait for it."""
        with contextlib.ExitStack() as held:
            with contextlib.suppress(OSError, TimeoutError):
                await self._take_lock(held)
            yield

    async def _take_lock(self, held: contextlib.ExitStack) -> None:
        async with asyncio.timeout(LOCK_PATIENCE):
            while not held.enter_context(self._store.locked(self._spec.name, self._url)):
                held.close()
                await asyncio.sleep(LOCK_POLL)

    def _keep(self, account: Account) -> None:
        self._hide(account)
        try:
            self._store.save(account)
        except ConfigError as error:
            self._emit(Noticed(server=self._spec.name, message=error.message, hint=error.hint))

    def _hide(self, account: Account) -> None:
        for secret in account.secrets:
            self._keep_secret(secret)

    def _over(self, grant: Grant) -> bool:
        return grant.expires_at is not None and grant.expires_at - LEEWAY <= self._world.now()

    def _header(self, grant: Grant) -> dict[str, str]:
        self._sent = grant.access_token
        return {"authorization": f"Bearer {grant.access_token}"}

    def _refusal(self, challenge: Challenge, *, had_token: bool) -> AuthError:
        import shlex

        from mcpctl.session.oauth.challenges import explanation, scopes_of, wants_more

        login = f"run `mcpctl login {shlex.quote(self._spec.name)}`"
        said = explanation(challenge)
        if wants_more(challenge):
            scopes = " ".join(scopes_of(challenge))
            rights = f" (`{scopes}`)" if scopes else ""
            message, code = f"the server wants more rights than the login has{rights}{said}", "auth.scope"
            login += " to ask for them"
        elif had_token:
            message, code = f"the login has run out or was revoked{said}", "auth.expired"
        else:
            message, code = (
                f"the server asks for authentication (HTTP {challenge.status}){said}",
                "auth.required",
            )
            login += ", or give a token with `bearer_env` or `headers`"
        return AuthError(
            message,
            code=code,
            hint=login,
            server=self._spec.name,
            http_status=challenge.status,
            www_authenticate=challenge.text,
        )
