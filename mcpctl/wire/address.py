"""A URL taken apart once, so that nothing on the path of a request does it again.

Only `http` and `https`. What may be shown to people is `text`: it leaves out credentials and the query, where tokens
hide.
"""

from __future__ import annotations

import httptools

from mcpctl.errors import ConfigError
from mcpctl.model.value import dataclass, field

DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    scheme: str
    host: str
    """Without the brackets of an IPv6 literal."""
    port: int
    target: str = field(repr=False)
    """Path and query, as they stand in the request line."""
    userinfo: str | None = field(default=None, repr=False)

    @property
    def origin(self) -> tuple[str, str, int]:
        return self.scheme, self.host, self.port

    @property
    def authority(self) -> str:
        return authority(self.host, self.port)

    @property
    def host_header(self) -> str:
        if self.port == DEFAULT_PORTS[self.scheme]:
            return self.authority.rpartition(":")[0]
        return self.authority

    @property
    def text(self) -> str:
        return f"{self.scheme}://{self.host_header}{self.target.partition('?')[0]}"

    @property
    def basic_authorization(self) -> str | None:
        """What `user:password@` in a URL means to a server."""
        if self.userinfo is None:
            return None
        from base64 import b64encode
        from urllib.parse import unquote_to_bytes

        return "Basic " + b64encode(unquote_to_bytes(self.userinfo)).decode("ascii")

    def join(self, location: str) -> Address:
        """The address that a server's `location` means, seen from here."""
        from urllib.parse import urljoin

        return parse_address(urljoin(f"{self.scheme}://{self.authority}{self.target}", location))


def authority(host: str, port: int) -> str:
    """Host and port, always both."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def parse_address(url: str) -> Address:
    """Raises `ConfigError`, which does not quote what may be a secret."""
    try:
        parts = httptools.parse_url(url.strip().encode("ascii") if url.isascii() else _ascii(url))
    except (httptools.HttpParserError, ValueError) as error:
        raise _unusable(url, "it cannot be read as one") from error
    scheme = (parts.schema or b"").decode("ascii").lower()
    if scheme not in DEFAULT_PORTS:
        raise _unusable(url, "it must begin with `http://` or `https://`")
    if not parts.host:
        raise _unusable(url, "it names no host")
    target = (parts.path or b"/").decode("ascii")
    if parts.query:
        target += "?" + parts.query.decode("ascii")
    return Address(
        scheme=scheme,
        host=parts.host.decode("ascii").lower().replace("%25", "%"),
        port=parts.port or DEFAULT_PORTS[scheme],
        target=target,
        userinfo=parts.userinfo.decode("ascii") if parts.userinfo else None,
    )


def _ascii(url: str) -> bytes:
    """Names of other alphabets as the network spells them."""
    from urllib.parse import quote, urlsplit

    parts = urlsplit(url.strip())
    host = parts.hostname or ""
    userinfo, at, place = parts.netloc.rpartition("@")
    authority = userinfo + at + place.lower().replace(host, host.encode("idna").decode("ascii"))
    query = f"?{quote(parts.query, safe='=&%+/:;,@!$()*~')}" if parts.query else ""
    return f"{parts.scheme}://{authority}{quote(parts.path, safe='/%:@!$&()*+,;=~')}{query}".encode("ascii")


def _unusable(url: str, reason: str) -> ConfigError:
    shown = url.partition("?")[0].rpartition("@")[2]
    return ConfigError(
        f"`{shown}` is not a usable URL: {reason}",
        code="config.url",
        hint="write it as `https://host/path`",
    )
