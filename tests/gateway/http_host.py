"""A host that speaks HTTP by hand: what it sends is exactly what a test wrote."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from mcpctl.gateway.http import BOUNDS, HttpFace
from mcpctl.gateway.visitors import Visitors
from mcpctl.model.server import ServerSpec
from mcpctl.supervisor.fleet import Fleet
from mcpctl.wire.serving import Bounds
from tests.supervisor.places import fleet

HELLO = {
    "protocolVersion": "2025-11-25",
    "capabilities": {"roots": {}},
    "clientInfo": {"name": "host", "version": "7"},
}
META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": {"name": "host", "version": "7"},
    "io.modelcontextprotocol/clientCapabilities": {},
}
BOTH = "application/json, text/event-stream"


_lines: list[asyncio.StreamWriter] = []
"""Whatever is still open when a test ends."""


class Response:
    """One answer, read as it comes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self.status = 0
        self.headers: dict[str, str] = {}
        self.ids: list[str] = []
        """Of the events so far."""

    async def head(self) -> Response:
        text = (await self._reader.readuntil(b"\r\n\r\n")).decode()
        first, *rest = text.strip().split("\r\n")
        self.status = int(first.split()[1])
        self.headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in rest)}
        return self

    async def json(self) -> Any:
        body = await self._reader.readexactly(int(self.headers["content-length"]))
        self.leave()
        return json.loads(body) if body else None

    async def event(self) -> Any:
        """The next message of the stream; None at its end."""
        while True:
            size = int(await self._reader.readline(), 16)
            chunk = await self._reader.readexactly(size + 2)
            if not size:
                self.leave()
                return None
            for line in chunk.decode().splitlines():
                if line.startswith("id: "):
                    self.ids.append(line[4:])
            lines = [line[6:] for line in chunk.decode().splitlines() if line.startswith("data: ")]
            if lines:
                return json.loads("".join(lines))

    @property
    def last_id(self) -> str:
        return self.ids[-1]

    def leave(self) -> None:
        self._writer.close()


class HttpHost:
    def __init__(self, url: str, *, modern: bool = False) -> None:
        self.port = int(url.rsplit(":", 1)[1].partition("/")[0])
        self.session: str | None = None
        self._modern = modern

    async def send(self, method: str, body: bytes = b"", path: str = "/mcp", **headers: str) -> Response:
        """Header names have `_` for `-`; an empty value leaves one out."""
        default = {"host": f"127.0.0.1:{self.port}", "content_type": "application/json", "accept": BOTH}
        if self.session is not None:
            default["mcp_session_id"] = self.session
        lines = [f"{method} {path} HTTP/1.1", f"content-length: {len(body)}"]
        lines += [f"{k.replace('_', '-')}: {v}" for k, v in {**default, **headers}.items() if v]
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        _lines.append(writer)
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        return await Response(reader, writer).head()

    async def post(self, message: Any, **headers: str) -> Response:
        return await self.send("POST", json.dumps({"jsonrpc": "2.0", **message}).encode(), **headers)

    async def begin(self, identity: Any, method: str, params: Any = None, **headers: str) -> Response:
        """Ask, and read no more than the head of the answer."""
        message = {"id": identity, "method": method, **({} if params is None else {"params": params})}
        if self._modern:
            params = {**(params or {}), "_meta": {**META, **(params or {}).get("_meta", {})}}
            message["params"] = params
            stamped = {"mcp_protocol_version": "2026-07-28", "mcp_method": method}
            if "name" in params:
                stamped["mcp_name"] = params["name"]
            headers = {**stamped, **headers}
        return await self.post(message, **headers)

    async def ask(self, identity: Any, method: str, params: Any = None, **headers: str) -> Any:
        """The result, or the error; whatever else the answer's stream brought is left out."""
        response = await self.begin(identity, method, params, **headers)
        if response.headers["content-type"] == "application/json":
            answer = await response.json()
        else:
            while (answer := await response.event()) is not None and "method" in answer:
                pass
        assert answer["id"] == identity
        return answer.get("result", answer.get("error"))

    async def greet(self) -> Any:
        response = await self.begin(0, "initialize", HELLO)
        self.session = response.headers.get("mcp-session-id")
        welcome = await response.json()
        told = await self.post({"method": "notifications/initialized"})
        assert (told.status, await told.json()) == (202, None)
        return welcome["result"]

    async def listen(self, **headers: str) -> Response:
        return await self.send("GET", accept="text/event-stream", **headers)

    async def end(self) -> int:
        response = await self.send("DELETE")
        await response.json()
        return response.status


@asynccontextmanager
async def facing(
    tmp_path: Path, spec: ServerSpec, *, bounds: Bounds = BOUNDS, **more: Any
) -> AsyncIterator[tuple[str, Fleet]]:
    """An endpoint in front of a server: its URL, and the fleet behind it."""
    async with fleet(tmp_path, spec, **more) as kept:
        face = HttpFace(kept, spec.name, Visitors("127.0.0.1"), bounds=bounds)
        try:
            yield await face.start("127.0.0.1", 0), kept
        finally:
            await face.aclose()
            while _lines:
                _lines.pop().close()
            await asyncio.sleep(0)  # closing takes a turn of the loop
