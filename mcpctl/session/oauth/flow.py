"""Drives the SDK's OAuth client by hand: it says what to send and judges the answers, the sending is ours.

The SDK wants to sit between a request and its 401. Here that 401 came long ago, on a connection of ours: it is played
back to the SDK's flow, and what the flow would send again is where it ends, with its token.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mcpctl.errors import AuthError
from mcpctl.model.protocol import HANDSHAKE_VERSIONS, JsonObject
from mcpctl.model.server import ServerSpec
from mcpctl.model.value import replace
from mcpctl.session.oauth import faults
from mcpctl.session.oauth.challenges import demand, union
from mcpctl.session.oauth.providers import (
    Person,
    is_machine,
    machine_provider,
    person_provider,
    token_method,
)
from mcpctl.session.oauth.sender import Sender
from mcpctl.session.tokens import UNAUTHORIZED, Account, Challenge, Grant

if TYPE_CHECKING:
    import httpx2
    from mcp.client.auth import OAuthClientProvider
    from mcp.client.auth.oauth2 import OAuthContext
    from mcp.shared.auth import OAuthClientInformationFull, OAuthToken

RESOURCE_METADATA = "/.well-known/oauth-protected-resource"

LONG_AGO = 1.0
"""When a token ran out that is to be renewed, whatever its lifetime says."""


class Flow:
    """One authorization or renewal. `account` is what is known afterwards, whether or not it came to a good end."""

    def __init__(
        self,
        spec: ServerSpec,
        account: Account,
        sender: Sender,
        *,
        now: Callable[[], float],
        cwd: Path,
        person: Person | None = None,
    ) -> None:
        self.account = account
        self._spec = spec
        self._sender = sender
        self._now = now
        self._cwd = cwd
        self._person = person
        self._last: httpx2.Response | None = None

    async def authorize(self, challenge: Challenge, scopes: tuple[str, ...]) -> Account:
        """Ask for these scopes, or, where none are named, for those that the server publishes.

        Raises `AuthError` for what is refused, `ConnectError` for what cannot be reached, and what the person raises.
        """
        storage = _Storage(self._remember)
        provider = self._provider(storage)
        await self._drive(provider, storage, demand(challenge, scopes))
        if storage.tokens is None:
            raise AuthError("the login ended without a token", code="auth.flow")
        self._accept(storage.tokens, provider.context)
        asked = tuple((provider.context.client_metadata.scope or "").split())
        self.account = replace(self.account, challenge=None, asked=union(asked, scopes))
        return self.account

    async def renew(self) -> Account | None:
        """Trade the refresh token for new ones; None where it is no longer good."""
        from mcp.shared.auth import OAuthToken

        grant = self.account.grant
        client = self._client(grant.issuer if grant is not None else None)
        if grant is None or grant.refresh_token is None or client is None:
            return None
        held = OAuthToken(
            access_token=grant.access_token,
            refresh_token=grant.refresh_token,
            scope=" ".join(grant.scopes) or None,
        )
        storage = _Storage(self._remember, tokens=held, client=client)
        provider = self._provider(storage)
        self._recall(provider.context)
        client.token_endpoint_auth_method = self._method(provider.context, client)
        provider.context.token_expiry_time = LONG_AGO
        await self._drive(provider, storage, None)
        if storage.tokens is not held and storage.tokens is not None:
            self._accept(storage.tokens, provider.context)
            return self.account
        if self._last is not None and faults.passes(self._last.status_code):
            raise faults.unwell(self._last)
        return None

    def _provider(self, storage: _Storage) -> OAuthClientProvider:
        # The SDK tells its log, and so stderr, what we tell in an error.
        log = logging.getLogger("mcp.client.auth")
        if not log.handlers:
            log.addHandler(logging.NullHandler())
        if is_machine(self._spec):
            return machine_provider(
                self._spec, self.account.url, storage, issuer=self._bound_issuer(), cwd=self._cwd
            )
        return person_provider(
            self._spec,
            self.account.url,
            storage,
            person=self._person,
            admit=self._sender.guard.admit_unresolved,
        )

    async def _drive(self, provider: OAuthClientProvider, storage: _Storage, refusal: str | None) -> None:
        """`refusal` is the challenge to play back; without one, it ends where the flow would send its request."""
        import httpx2

        headers = {"mcp-protocol-version": HANDSHAKE_VERSIONS[0]}
        request = httpx2.Request("POST", self.account.url, headers=headers)
        flow = provider.async_auth_flow(request)
        try:
            outgoing = await anext(flow)
            while outgoing is not request or refusal is not None:
                if outgoing is request:
                    said, refusal = {"www-authenticate": refusal or ""}, None
                    response = httpx2.Response(UNAUTHORIZED, headers=said, content=b"", request=request)
                else:
                    response = await self._ask(outgoing)
                outgoing = await flow.asend(response)
                if storage.client is None and provider.context.client_info is None:
                    self._offer_client(provider.context)
        except faults.known() as error:
            self._forget_client(provider.context)
            raise faults.translated(error, self._last) from error
        finally:
            await flow.aclose()

    async def _ask(self, request: httpx2.Request) -> httpx2.Response:
        response = self._last = await self._sender.send(request)
        optional = request.method != "GET" or RESOURCE_METADATA in request.url.path
        if not optional and faults.passes(response.status_code):
            # The SDK would go on as if the authorization server published nothing, and fail somewhere else.
            raise faults.unwell(response)
        return response

    def _offer_client(self, context: OAuthContext) -> None:
        """Between two steps, as soon as the authorization server is known: who is registered there need not register."""
        if not is_machine(self._spec):
            context.client_info = self._client(context.auth_server_url or _origin(self.account.url))

    def _client(self, issuer: str | None) -> OAuthClientInformationFull | None:
        """Who mcpctl is to this authorization server: as configured, or as it was registered there."""
        from mcp.client.auth.utils import issuers_match
        from mcp.shared.auth import OAuthClientInformationFull
        from pydantic import ValidationError

        oauth = self._spec.oauth
        if oauth is not None and oauth.client_id is not None:
            bound = self._bound_issuer()
            if bound is not None and (issuer is None or not issuers_match(bound, issuer)):
                return None
            return OAuthClientInformationFull(
                client_id=oauth.client_id, client_secret=oauth.client_secret, issuer=bound
            )
        for registered, client in self.account.clients.items():
            if issuer is not None and issuers_match(registered, issuer) and self._usable(client):
                try:
                    return OAuthClientInformationFull.model_validate(client)
                except ValidationError:
                    return None
        return None

    def _usable(self, client: JsonObject) -> bool:
        """A registration names the address to come back to, and may run out."""
        expires = client.get("client_secret_expires_at")
        if isinstance(expires, int | float) and 0 < expires <= self._now():
            return False
        return self._person is None or self._person.redirect_uri in (client.get("redirect_uris") or ())

    def _bound_issuer(self) -> str | None:
        """The one authorization server that gets the configured secret: the one that is named, or the first one met."""
        oauth, grant = self._spec.oauth, self.account.grant
        assert oauth is not None
        if oauth.issuer is not None or grant is None or "issuer" not in self.account.metadata:
            return oauth.issuer
        return grant.issuer

    def _method(self, context: OAuthContext, client: OAuthClientInformationFull) -> str | None:
        oauth = self._spec.oauth
        if oauth is None or oauth.client_id is None:
            return client.token_endpoint_auth_method
        return token_method(context.oauth_metadata, oauth.client_secret)

    def _remember(self, client: OAuthClientInformationFull) -> None:
        """A registration holds even if the login behind it is given up."""
        issuer = client.issuer or _origin(self.account.url)
        told = client.model_dump(mode="json", exclude_none=True)
        self.account = replace(self.account, clients={**self.account.clients, issuer: told})

    def _forget_client(self, context: OAuthContext) -> None:
        """A registration that the authorization server no longer knows would be in the way for ever."""
        refused = self._last is not None and b"invalid_client" in self._last.content
        if refused and context.client_info is not None:
            gone = context.client_info.client_id
            kept = {
                issuer: client
                for issuer, client in self.account.clients.items()
                if client.get("client_id") != gone
            }
            self.account = replace(self.account, clients=kept)

    def _accept(self, tokens: OAuthToken, context: OAuthContext) -> None:
        lifetime = tokens.expires_in
        grant = Grant(
            access_token=tokens.access_token,
            refresh_token=tokens.refresh_token,
            scopes=tuple((tokens.scope or "").split()),
            expires_at=None if lifetime is None else self._now() + lifetime,
            issuer=context.auth_server_url or _origin(self.account.url),
        )
        documents = {"resource": context.protected_resource_metadata, "issuer": context.oauth_metadata}
        told = {
            name: document.model_dump(mode="json", exclude_none=True)
            for name, document in documents.items()
            if document is not None
        }
        self.account = replace(self.account, grant=grant, metadata=told)

    def _recall(self, context: OAuthContext) -> None:
        """The SDK forgets between runs where tokens come from, and would renew them at the MCP server's own address."""
        from mcp.shared.auth import OAuthMetadata, ProtectedResourceMetadata

        context.oauth_metadata = _read(OAuthMetadata, self.account.metadata.get("issuer"))
        context.protected_resource_metadata = _read(
            ProtectedResourceMetadata, self.account.metadata.get("resource")
        )
        grant = self.account.grant
        context.auth_server_url = grant.issuer if grant is not None else None


class _Storage:
    """The SDK's `TokenStorage`; what it is given goes to the account."""

    def __init__(
        self,
        remember: Callable[[OAuthClientInformationFull], None],
        *,
        tokens: OAuthToken | None = None,
        client: OAuthClientInformationFull | None = None,
    ) -> None:
        self.tokens = tokens
        self.client = client
        self._remember = remember

    async def get_tokens(self) -> OAuthToken | None:
        return self.tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self.tokens = tokens

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self.client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        self._remember(client_info)


def _read(model: Any, document: JsonObject | None) -> Any:
    from pydantic import ValidationError

    try:
        return None if document is None else model.model_validate(document)
    except ValidationError:  # of another version of the SDK: it is looked up again at the next login
        return None


def _origin(url: str) -> str:
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
