"""Builds the SDK's OAuth client that fits a server: for a person with a browser, or for a machine with a secret or key."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mcpctl import __version__
from mcpctl.errors import AuthError, ConfigError
from mcpctl.model.server import OAuthSpec, ServerSpec
from mcpctl.model.value import dataclass

if TYPE_CHECKING:
    from mcp.client.auth import AuthorizationCodeResult, OAuthClientProvider, TokenStorage
    from mcp.shared.auth import OAuthMetadata

MAX_EXPLANATION = 200
"""Characters of what an authorization server says about a refusal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who can open a page."""

    redirect_uri: str
    visit: Callable[[str], Awaitable[str]]
    """Shows the page at this address, and returns the address that it led to in the end."""


def is_machine(spec: ServerSpec) -> bool:
    """Whether mcpctl can log in by itself."""
    return spec.oauth is not None and spec.oauth.grant == "client_credentials"


def machine_provider(
    spec: ServerSpec, url: str, storage: TokenStorage, *, issuer: str | None, cwd: Path
) -> OAuthClientProvider:
    """For `client_credentials`. Raises `ConfigError` for credentials that are none."""
    import warnings

    from mcp.client.auth.extensions.client_credentials import PrivateKeyJWTOAuthProvider
    from mcp.shared.exceptions import MCPDeprecationWarning

    oauth = spec.oauth
    assert oauth is not None
    scope = " ".join(oauth.scopes) or None
    with warnings.catch_warnings():
        # Without an issuer the first one that the server names is taken, and held on to by whoever calls this.
        warnings.simplefilter("ignore", MCPDeprecationWarning)
        if oauth.client_id is None:
            raise _missing("client_id", spec)
        if oauth.private_key is not None:
            return PrivateKeyJWTOAuthProvider(
                url,
                storage,
                client_id=oauth.client_id,
                assertion_provider=_signer(oauth.client_id, oauth.private_key, cwd),
                scope=scope,
                issuer=issuer,
            )
        if oauth.client_secret is None:
            raise _missing("client_secret", spec)
        return _secret_provider(
            url,
            storage,
            client_id=oauth.client_id,
            client_secret=oauth.client_secret,
            scope=scope,
            issuer=issuer,
        )


def person_provider(
    spec: ServerSpec, url: str, storage: TokenStorage, *, person: Person | None, admit: Callable[[str], None]
) -> OAuthClientProvider:
    """For `authorization_code`; without a person it can only renew. `admit` judges the page before it is shown."""
    from mcp.client.auth import OAuthClientProvider
    from mcp.shared.auth import OAuthClientMetadata
    from pydantic import AnyUrl

    oauth = spec.oauth or OAuthSpec()
    led_to = ""

    async def redirect(page: str) -> None:
        nonlocal led_to
        assert person is not None
        admit(page)
        info = provider.context.client_info
        if info is not None and oauth.client_id is not None:
            info.token_endpoint_auth_method = token_method(
                provider.context.oauth_metadata, oauth.client_secret
            )
        led_to = await person.visit(page)

    async def callback() -> AuthorizationCodeResult:
        return _code_in(led_to)

    try:
        provider = OAuthClientProvider(
            url,
            OAuthClientMetadata(
                redirect_uris=None if person is None else [AnyUrl(person.redirect_uri)],
                client_name="mcpctl",
                software_id="mcpctl",
                software_version=__version__,
            ),
            storage,
            redirect_handler=redirect if person is not None else None,
            callback_handler=callback if person is not None else None,
            client_metadata_url=oauth.client_metadata_url,
        )
    except ValueError as error:
        raise ConfigError(
            "`oauth.client_metadata_url` is no https address with a path",
            code="config.oauth",
            server=spec.name,
            hint="write it as `https://host/client.json`",
        ) from error
    return provider


def token_method(metadata: OAuthMetadata | None, secret: str | None) -> str:
    """How a client that was registered by hand shows who it is: Basic unless the server takes only a form field."""
    if secret is None:
        return "none"
    supported = (metadata.token_endpoint_auth_methods_supported if metadata is not None else None) or ()
    only_form = "client_secret_post" in supported and "client_secret_basic" not in supported
    return "client_secret_post" if only_form else "client_secret_basic"


def _secret_provider(
    url: str, storage: TokenStorage, *, client_secret: str, **about: Any
) -> OAuthClientProvider:
    import httpx2
    from mcp.client.auth.extensions.client_credentials import ClientCredentialsOAuthProvider

    class SecretProvider(ClientCredentialsOAuthProvider):
        async def _perform_authorization(self) -> httpx2.Request:
            """The SDK wants the method beforehand; only here it is known what the server takes."""
            assert self.context.client_info is not None
            self.context.client_info.token_endpoint_auth_method = token_method(
                self.context.oauth_metadata, client_secret
            )
            return await super()._perform_authorization()

    return SecretProvider(url, storage, client_secret=client_secret, **about)


def _signer(client_id: str, key: str, cwd: Path) -> Callable[[str], Awaitable[str]]:
    from mcp.client.auth.extensions.client_credentials import SignedJWTParameters

    pem = key if "-----BEGIN" in key else _read_key(cwd / Path(key).expanduser())
    signed = SignedJWTParameters(
        issuer=client_id, subject=client_id, signing_key=pem, signing_algorithm=_algorithm(pem)
    )
    return signed.create_assertion_provider()


def _read_key(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii")
    except (OSError, ValueError) as error:
        # It is not quoted: what is no path may be the key itself.
        raise ConfigError(
            "`oauth.private_key` is neither PEM text nor a file that can be read",
            code="config.private_key",
            hint="give the path of a PEM file",
        ) from error


def _algorithm(pem: str) -> str:
    """What a key of this kind signs with."""
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError) as error:
        raise ConfigError(
            "`oauth.private_key` holds no usable private key",
            code="config.private_key",
            hint="give a PEM key without a passphrase: `openssl pkey -in KEY -out PLAIN`",
        ) from error
    if isinstance(key, rsa.RSAPrivateKey):
        return "RS256"
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return "EdDSA"
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return {"secp384r1": "ES384", "secp521r1": "ES512"}.get(key.curve.name, "ES256")
    raise ConfigError("keys of the kind of `oauth.private_key` sign no tokens", code="config.private_key")


def _code_in(location: str) -> AuthorizationCodeResult:
    """What a page put into the address that it led to. Raises `AuthError` where that is a refusal."""
    from urllib.parse import parse_qs, urlsplit

    from mcp.client.auth import AuthorizationCodeResult

    query = {name: values[0] for name, values in parse_qs(urlsplit(location.strip()).query).items()}
    if "error" in query:
        about = query.get("error_description")
        said = f"{query['error']}: {about}" if about else query["error"]
        raise AuthError(
            f"the authorization server refused: {' '.join(said.split())[:MAX_EXPLANATION]}",
            code="auth.denied",
        )
    if "code" not in query:
        raise AuthError(
            "the address holds no `code`: it is not the one that the page leads to",
            code="auth.no_code",
            hint="copy the whole address out of the browser's address bar",
        )
    return AuthorizationCodeResult(code=query["code"], state=query.get("state"), iss=query.get("iss"))


def _missing(field: str, spec: ServerSpec) -> ConfigError:
    return ConfigError(
        f"`oauth.{field}` is missing, and the grant `client_credentials` needs it",
        code="config.oauth",
        server=spec.name,
        hint="set it, with a variable such as `${CLIENT_SECRET}` for what is secret",
    )
