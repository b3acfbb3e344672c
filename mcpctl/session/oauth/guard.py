"""Where OAuth may lead: a server names the addresses, so they are judged as the words of a stranger.

Encrypted, except on this machine; and never into a private network, to a link-local address or a cloud's metadata
service, unless the MCP server itself is at that address or the configuration vouches for the host.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from mcpctl.errors import AuthError
from mcpctl.model.value import dataclass

Ip = IPv4Address | IPv6Address

_NAT64 = ip_network("64:ff9b::/96")
"""Holds an IPv4 address in its last four bytes, and counts as public."""

_PLATFORM = frozenset({ip_address("168.63.129.16")})
"""Metadata services that live at public addresses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    home: frozenset[Ip] = frozenset()
    """Addresses of the MCP server itself."""
    trusted: Collection[str] = ()
    """Hosts that the configuration vouches for."""

    def admit_url(self, url: str) -> None:
        """Judge what can be seen without asking the network. Raises `AuthError`."""
        self._look(url)

    def admit_unresolved(self, url: str) -> None:
        """For a request that a proxy or a browser makes: what cannot be seen must at least be encrypted."""
        parts = urlsplit(url)
        if not self._look(url) and parts.scheme != "https" and _host(url) not in self.trusted:
            raise _refusal(url, "it is not `https`")

    def admit(self, url: str, addresses: Iterable[Ip]) -> None:
        """Judge the addresses that a request would go to. Raises `AuthError`."""
        if _host(url) in self.trusted:
            return
        real = [_unwrapped(each) for each in addresses]
        for each in real:
            if not self._permits(each):
                raise _refusal(url, f"`{each}` is {_kind(each)}, and the server is elsewhere")
        if urlsplit(url).scheme != "https" and not all(each.is_loopback for each in real):
            raise _refusal(url, "it is not `https`")

    def _look(self, url: str) -> bool:
        """Whether the URL alone says where it leads."""
        parts, host = urlsplit(url), _host(url)
        if parts.scheme not in ("http", "https") or not host:
            raise _refusal(url, "it is no web address")
        if parts.username is not None or parts.password is not None:
            raise _refusal(url, "it brings credentials of its own")
        literal = _literal(host)
        if literal is None and (host == "localhost" or host.endswith(".localhost")):
            literal = ip_address("127.0.0.1")
        if literal is not None:
            self.admit(url, [literal])
        return literal is not None

    def _permits(self, address: Ip) -> bool:
        if address in self.home:
            return True
        if address.is_loopback:
            return any(each.is_loopback for each in self.home)
        special = address.is_multicast or address.is_reserved or address in _PLATFORM
        return address.is_global and not special and not getattr(address, "is_site_local", False)


def addresses_of(found: Iterable[str]) -> frozenset[Ip]:
    """What name resolution returned, as it is compared here."""
    literals = (_literal(each) for each in found)
    return frozenset(_unwrapped(each) for each in literals if each is not None)


def home_of(host: str, found: Iterable[str]) -> frozenset[Ip]:
    """The addresses that count as the MCP server's own.

    Whoever rules its name could add any address to it: a name with a public address has no private home, and only a
    literal in the configuration leads to link-local ones.
    """
    literal = _literal(host)
    if literal is not None:
        return frozenset({_unwrapped(literal)})
    addresses = addresses_of(found)
    if any(each.is_global for each in addresses):
        return frozenset()
    return frozenset(each for each in addresses if not each.is_link_local)


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").rstrip(".")


def _literal(host: str) -> Ip | None:
    try:
        return ip_address(host.partition("%")[0])
    except ValueError:
        return None


def _unwrapped(address: Ip) -> Ip:
    """The IPv4 address that an IPv6 one stands for: it is where packets end up."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def _kind(address: Ip) -> str:
    if address in _PLATFORM:
        return "a metadata service"
    if address.is_loopback:
        return "this machine"
    if address.is_link_local:
        return "a link-local address"
    return "a private address" if address.is_private else "no public address"


def _refusal(url: str, why: str) -> AuthError:
    parts = urlsplit(url)
    shown = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"[:200]
    host = parts.hostname or "the host"
    return AuthError(
        f"the OAuth address `{shown}` is refused: {why}",
        code="auth.unsafe_address",
        hint=f"put `{host}` into `oauth.allow_hosts` of this server, but only if you know it",
    )
