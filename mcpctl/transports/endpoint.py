"""Where the requests of one session go: address, connections, and the headers that all of them carry.

Knows no JSON-RPC. A redirect is judged here: nothing that was configured for one origin is ever sent to another.
"""

from __future__ import annotations

from collections.abc import Mapping

from mcpctl import __version__
from mcpctl.errors import ConfigError, ConnectError, UsageError
from mcpctl.model.server import ServerSpec
from mcpctl.model.value import replace
from mcpctl.wire.address import DEFAULT_PORTS, Address, parse_address
from mcpctl.wire.dial import route_to
from mcpctl.wire.http import Exchange, Headers
from mcpctl.wire.pool import lease
from mcpctl.wire.tls import tls_files

MAX_REDIRECTS = 5
"""A trailing slash is one, `http` to `https` a second."""
MAX_HEADS = 256
"""Sets of header names whose common part is kept ready; a tool may bring a set of its own."""
KEEPS_METHOD = (307, 308)
PERMANENT = 308
OURS = frozenset({"connection", "content-length", "transfer-encoding", "upgrade", "te", "trailer", "expect"})
"""What frames a message: from a configuration it could only break it."""
TOKEN = frozenset("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz")


class Endpoint:
    """One URL. `close` gives its connections back."""

    def __init__(self, spec: ServerSpec, *, env: Mapping[str, str]) -> None:
        """Wants a running event loop. Raises `ConfigError`."""
        if spec.url is None:
            raise ConfigError("a remote server needs a `url`", code="config.url", server=spec.name)
        self._env = env
        self._files = tls_files(
            env, ca_file=spec.ca_file, client_cert=spec.client_cert, client_key=spec.client_key
        )
        self.address = parse_address(spec.url)
        self._headers = _configured(spec, self.address)
        self._lane = lease(route_to(self.address, env=env, files=self._files))
        self._heads: dict[tuple[str, ...], bytes] = {}

    @property
    def headers(self) -> dict[str, str]:
        """What every request carries by now, for whoever takes the wire over."""
        return {name: line.partition(": ")[2].rstrip("\r\n") for name, line in self._headers.items()}

    def set_header(self, name: str, value: str) -> None:
        """From now on, in every request."""
        self._headers[name.lower()] = header_line(name, value)
        self._heads.clear()

    def post(
        self,
        exchange: Exchange,
        body: bytes,
        headers: Mapping[str, str] | None = None,
        *,
        target: str | None = None,
    ) -> None:
        """Send without blocking. Raises `UsageError` for a header that cannot be sent."""
        names = tuple(headers) if headers else ()
        head = self._heads.get(names) if target is None else None
        if head is None:
            head = self._head("POST", target or self.address.target, names)
            if target is None and len(self._heads) < MAX_HEADS:
                self._heads[names] = head
        if headers:
            head += _encoded([header_line(name, value) for name, value in headers.items()])
        self._lane.send(exchange, b"%bcontent-length: %d\r\n\r\n%b" % (head, len(body), body))

    def send(
        self, exchange: Exchange, method: str, headers: Mapping[str, str], *, target: str | None = None
    ) -> None:
        """A request without a body, such as the GET of a stream."""
        head = self._head(method, target or self.address.target, tuple(headers))
        extra = _encoded([header_line(name, value) for name, value in headers.items()])
        self._lane.send(exchange, head + extra + b"\r\n")

    def redirect(self, status: int, headers: Headers, *, target: str | None = None) -> str:
        """Where the request that went to `target` is to go; raises `ConnectError` for what must not be followed.

        Only what keeps the method and stays on the origin is followed, or leads from `http` to `https` on its host.
        """
        from mcpctl.transports.http_faults import redirected

        location = headers.get(b"location", b"").decode("latin-1")
        here = self.address if target is None else replace(self.address, target=target)
        try:
            there = here.join(location or "about:blank")
        except ConfigError as error:
            shown = location.partition("?")[0][:200] or "nowhere"
            raise redirected(status, shown, "it is no HTTP address", usable=False) from error
        if status not in KEEPS_METHOD:
            raise redirected(status, there.text, "it would turn the request into another one")
        if there.userinfo and there.userinfo != here.userinfo:
            raise redirected(status, there.text, "it brings credentials of its own")
        if there.origin != here.origin:
            self._upgrade(status, there)
        elif status == PERMANENT:
            self.move(there)
        return there.target

    def move(self, there: Address) -> None:
        """From now on, requests go to another place of the same origin."""
        self.address = there
        self._heads.clear()

    def close(self) -> None:
        self._lane.leave()

    def _upgrade(self, status: int, there: Address) -> None:
        from mcpctl.transports.http_faults import redirected

        here = self.address
        plain = here.scheme == "http" and here.port == DEFAULT_PORTS["http"]
        secure = there.scheme == "https" and there.port == DEFAULT_PORTS["https"]
        if here.host != there.host or not (plain and secure):
            why = (
                "it is another origin"
                if there.scheme == here.scheme
                else "it changes between `http` and `https`"
            )
            raise redirected(status, there.text, why)
        lane = lease(route_to(there, env=self._env, files=self._files))
        self._lane.leave()
        self._lane = lane
        self.move(there)

    def _head(self, method: str, target: str, names: tuple[str, ...]) -> bytes:
        """Request line and common headers, without those that the request brings itself."""
        address, route = self.address, self._lane.route
        lines = [f"{method} {f'http://{address.host_header}' if route.absolute else ''}{target} HTTP/1.1\r\n"]
        common = {"host": f"host: {address.host_header}\r\n", **self._headers}
        if method == "POST":
            common.setdefault("content-type", "content-type: application/json\r\n")
        if route.absolute and route.proxy is not None and (credentials := route.proxy.basic_authorization):
            common["proxy-authorization"] = f"proxy-authorization: {credentials}\r\n"
        own = {_required_name(name) for name in names}
        return _encoded(lines + [line for name, line in common.items() if name not in own])


def header_line(name: str, value: str) -> str:
    """Raises `UsageError` for a value that could end the line early."""
    if not value.isprintable() and not value.replace("\t", " ").replace("\xa0", " ").isprintable():
        raise UsageError(f"the header `{name}` holds control characters", code="usage.header")
    return f"{name}: {value}\r\n"


def too_many_redirects(status: int, headers: Headers) -> ConnectError:
    from mcpctl.transports.http_faults import redirected

    where = headers.get(b"location", b"").decode("latin-1").partition("?")[0][:200]
    return redirected(status, where, f"{MAX_REDIRECTS} redirects came before it", usable=False)


def _configured(spec: ServerSpec, address: Address) -> dict[str, str]:
    headers = {
        "accept": "application/json, text/event-stream",
        "user-agent": f"mcpctl/{__version__}",
    }
    if credentials := address.basic_authorization:
        headers["authorization"] = credentials
    try:
        headers |= {_required_name(name): value.strip() for name, value in spec.headers.items()}
        headers["accept-encoding"] = "identity"
        lines = {name: header_line(name, value) for name, value in headers.items()}
        _encoded(list(lines.values()))
    except UsageError as error:
        raise ConfigError(error.message, code="config.header", server=spec.name) from error
    return lines


def _required_name(name: str) -> str:
    """In lower case, if it is a name that a request may bring."""
    lower = name.lower()
    if not lower or not TOKEN.issuperset(lower):
        raise UsageError(f"`{name}` is no name of a header", code="usage.header")
    if lower in OURS:
        raise UsageError(
            f"the header `{name}` belongs to the transport and cannot be set", code="usage.header"
        )
    return lower


def _encoded(lines: list[str]) -> bytes:
    text = "".join(lines)
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError as error:
        name = next(line for line in lines if not line.isascii()).partition(":")[0]
        raise UsageError(
            f"the header `{name}` holds characters that HTTP cannot carry", code="usage.header"
        ) from error
