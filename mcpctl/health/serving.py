"""A handful of fixed pages over HTTP: one request a connection, bounded in time, size and number.

Knows GET and HEAD, no ranges, no TLS, nothing that changes anything: a proxy in front brings what is missing.
"""

from __future__ import annotations

from mcpctl.health.pages import JSON, Page, Pages
from mcpctl.wire.reply import Reply
from mcpctl.wire.serving import Bounds, HttpServer, Request

MAX_HEAD = 16 << 10
"""Bytes of a request; a probe sends two hundred."""

REQUEST_TIME = 5.0
"""Seconds that a client has to say what it wants, and to take the answer."""

MAX_CLIENTS = 64
"""At once; one more is turned away."""


class PageServer:
    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        bounds = Bounds(body=0, clients=MAX_CLIENTS, patience=REQUEST_TIME, head=MAX_HEAD, lasting=False)
        self._http = HttpServer(self._answer, bounds)

    async def start(self, host: str, port: int) -> str:
        """The address, with the port that was really taken. Raises `ConnectError`."""
        return await self._http.start(host, port)

    async def aclose(self) -> None:
        await self._http.aclose()

    def _answer(self, request: Request, reply: Reply) -> None:
        page = self._page(request.method, request.path)
        headers = {
            "content-type": page.content_type,
            "cache-control": "no-store",
            "x-content-type-options": "nosniff",
        }
        reply.respond(page.status, page.body, headers)

    def _page(self, method: str, path: str) -> Page:
        if method not in ("GET", "HEAD"):
            return Page(405, JSON, b'{"error": "only GET and HEAD"}\n')
        answer = self._pages.get(path)
        if answer is None:
            return Page(404, JSON, b'{"error": "no such page"}\n')
        try:
            return answer()
        except Exception as error:  # a page that breaks must not take the others with it
            return Page(500, JSON, f'{{"error": "{type(error).__name__}"}}\n'.encode())
