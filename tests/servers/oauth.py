"""An MCP server that asks for a token, and its authorization server, in threads of the test: every request is kept.

What they answer is a matter of plain attributes, so that a test reads as what it changes.
"""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

TOOL = {"name": "touch", "inputSchema": {"type": "object"}}
PRM = "/.well-known/oauth-protected-resource"
METADATA = "/.well-known/oauth-authorization-server"


@dataclass(slots=True)
class Seen:
    method: str
    path: str
    headers: dict[str, str]
    body: str

    @property
    def form(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.body).items()}

    @property
    def rpc(self) -> str:
        return str(json.loads(self.body)["method"])

    @property
    def bearer(self) -> str | None:
        return self.headers.get("authorization")


@dataclass
class House:
    """One address with both of them; give `issuer` another house's address to part them."""

    tokens: dict[str, set[str]] = field(default_factory=dict)
    """Good tokens, and their scopes."""
    scopes: dict[str, set[str]] = field(default_factory=dict)
    """What a method needs; an empty set is just a token."""
    api_key: str | None = None
    issuer: str = ""
    resource: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    """Over what is published otherwise."""
    answers: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)
    """Path -> what is answered instead."""
    registers: dict[str, Any] = field(default_factory=dict)
    clients: dict[str, str | None] = field(default_factory=dict)
    lifetime: int = 3600
    granted: str | None = None
    """Scopes that are granted whatever was asked."""
    refresh: str | None = "refresh-token-0"
    seen: list[Seen] = field(default_factory=list)
    url: str = ""
    _count: int = 0

    @property
    def mcp(self) -> str:
        return f"{self.url}/mcp"

    def asked(self, path: str) -> list[Seen]:
        return [each for each in self.seen if each.path.partition("?")[0] == path]

    def called(self, method: str) -> list[Seen]:
        return [each for each in self.asked("/mcp") if each.rpc == method]

    def answer(self, seen: Seen) -> tuple[int, dict[str, str], bytes]:
        parts = urlsplit(seen.path)
        if parts.path in self.answers:
            return self.answers[parts.path]
        if parts.path == "/mcp":
            return self._mcp(seen)
        if parts.path == f"{PRM}/mcp":
            return _json({"resource": self.mcp, "authorization_servers": [self.issuer], **self.resource})
        if parts.path == METADATA:
            return _json(self._published())
        if parts.path == "/register":
            return self._register(json.loads(seen.body))
        if parts.path == "/authorize":
            return self._authorize({name: each[0] for name, each in parse_qs(parts.query).items()})
        if parts.path == "/token":
            return self._token(seen)
        return 404, {}, b""

    def _mcp(self, seen: Seen) -> tuple[int, dict[str, str], bytes]:
        if seen.method != "POST":
            return 405, {}, b""
        message = json.loads(seen.body)
        method = message["method"]
        refused = self._refused(seen, method)
        if refused is not None:
            return refused
        if "id" not in message:
            return 202, {}, b""
        results = {
            "initialize": {
                "protocolVersion": "2025-11-25",
                "capabilities": {"tools": {}},
                "serverInfo": {"name": "house", "version": "1"},
            },
            "tools/list": {"tools": [TOOL]},
            "tools/call": {"content": [{"type": "text", "text": "touched"}]},
        }
        if method not in results:
            return _json({"jsonrpc": "2.0", "id": message["id"], "error": {"code": -32601, "message": "no"}})
        return _json({"jsonrpc": "2.0", "id": message["id"], "result": results[method]})

    def _refused(self, seen: Seen, method: str) -> tuple[int, dict[str, str], bytes] | None:
        if self.api_key is not None:
            return None if seen.headers.get("x-api-key") == self.api_key else (401, {}, b"")
        needed = self.scopes.get(method, set())
        token = (seen.bearer or "").removeprefix("Bearer ")
        if token in self.tokens and needed <= self.tokens[token]:
            return None
        told = f'resource_metadata="{self.url}{PRM}/mcp"'
        if needed:
            told += f', scope="{" ".join(sorted(needed))}"'
        if token in self.tokens:
            return 403, {"www-authenticate": f'Bearer error="insufficient_scope", {told}'}, b""
        return 401, {"www-authenticate": f"Bearer {told}"}, b""

    def _published(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "registration_endpoint": f"{self.url}/register",
            "code_challenge_methods_supported": ["S256"],
            **self.metadata,
        }

    def _register(self, wanted: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
        client = f"client-{len(self.clients)}"
        self.clients[client] = self.registers.get("client_secret")
        return _json({**wanted, "client_id": client, **self.registers}, 201)

    def _authorize(self, query: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        self.clients.setdefault(query["client_id"], None)
        told = {"code": query.get("scope", "") or "none", "state": query["state"]}
        return 302, {"location": f"{query['redirect_uri']}?{urlencode(told)}"}, b""

    def _token(self, seen: Seen) -> tuple[int, dict[str, str], bytes]:
        form = seen.form
        asked = form.get("code", "") if form["grant_type"] == "authorization_code" else form.get("scope", "")
        if form["grant_type"] == "refresh_token" and form["refresh_token"] != self.refresh:
            return _json({"error": "invalid_grant"}, 400)
        self._count += 1
        token = f"access-token-{self._count}"
        scope = self.granted if self.granted is not None else asked
        self.tokens[token] = set(scope.split())
        told: dict[str, Any] = {"access_token": token, "token_type": "Bearer", "expires_in": self.lifetime}
        if form["grant_type"] != "client_credentials" and self.refresh is not None:
            self.refresh = f"refresh-token-{self._count}"
            told["refresh_token"] = self.refresh
        return _json(told)


def basic(seen: Seen) -> tuple[str, str] | None:
    """Who a client said it is, by Basic authentication."""
    scheme, _, text = (seen.bearer or "").partition(" ")
    if scheme != "Basic":
        return None
    name, _, secret = base64.b64decode(text).decode().partition(":")
    return unquote(name), unquote(secret)


@contextmanager
def house(**settings: Any) -> Iterator[House]:
    place = House(**settings)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
            headers = {name.lower(): value for name, value in self.headers.items()}
            seen = Seen(self.command, self.path, headers, body)
            place.seen.append(seen)
            status, more, answer = place.answer(seen)
            self.send_response(status)
            for name, value in {**more, "content-length": str(len(answer))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_DELETE = do_POST  # noqa: N815 - as above

        def log_message(self, *words: object) -> None:
            """The test keeps what it wants to know."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *words: object) -> None:
            """A client that leaves in the middle is part of the play."""

    with Server(("127.0.0.1", 0), Handler) as server:
        place.url = f"http://127.0.0.1:{server.server_port}"
        place.issuer = place.issuer or place.url
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield place
        finally:
            server.shutdown()
            thread.join()


def _json(value: Any, status: int = 200) -> tuple[int, dict[str, str], bytes]:
    return status, {"content-type": "application/json"}, json.dumps(value).encode()
