"""A server on HTTP that offers everything and whose responses are bad as HTTP, or bad answers in good HTTP.

usage: responses.py PORT        with the mode as the path; `responses.py --list` prints the modes. Loopback only.
"""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
import sys
import zlib
from collections.abc import Awaitable, Callable
from typing import Any

from answers import EVIL, answer

Json = Any
Writer = asyncio.StreamWriter
Mode = Callable[[Writer, Json], Awaitable[None]]

MODES: dict[str, tuple[bool, Mode]] = {}
"""By name: whether the handshake meets it too, and what it does."""

SLOW = 0.2
"""Seconds between two parts of what never ends slowly."""

IN_SHAPE = "string deep deep_unclosed nan wide_number surrogate evil newline many error_evil error_types".split()
"""Answers that are bad in themselves; the rest of them is the same whatever carries it."""


def mode(function: Mode) -> Mode:
    MODES[function.__name__] = (False, function)
    return function


def at_once(function: Mode) -> Mode:
    MODES[function.__name__] = (True, function)
    return function


def told(message: Json, name: str = "good") -> bytes:
    text = answer(name, message.get("id"), message.get("method"), message.get("params"))
    return text.encode("utf-8", "surrogatepass")


async def write(writer: Writer, data: bytes) -> None:
    writer.write(data)
    await writer.drain()


async def full(writer: Writer, body: bytes, *headers: str, status: str = "200 OK", length: Json = None) -> None:
    lines = [f"HTTP/1.1 {status}", "Content-Type: application/json"]
    lines += [f"Content-Length: {len(body) if length is None else length}", "Connection: close", *headers]
    await write(writer, "\r\n".join([*lines, "", ""]).encode("latin-1", "replace") + body)


async def stream(writer: Writer, *headers: str) -> None:
    lines = ["HTTP/1.1 200 OK", "Content-Type: text/event-stream", "Connection: close", *headers, "", ""]
    await write(writer, "\r\n".join(lines).encode())


async def for_ever(writer: Writer, data: bytes, pause: float = 0) -> None:
    while True:
        await write(writer, data)
        await asyncio.sleep(pause)


for shape in IN_SHAPE:

    async def shaped(writer: Writer, message: Json, shape: str = shape) -> None:
        await full(writer, told(message, shape))

    MODES[shape] = (False, shaped)


@at_once
async def header_long(writer: Writer, message: Json) -> None:
    await full(writer, told(message), f"X-Long: {'x' * (4 << 20)}")


@at_once
async def header_many(writer: Writer, message: Json) -> None:
    await full(writer, told(message), *[f"X-{number}: y" for number in range(100_000)])


@at_once
async def header_endless(writer: Writer, message: Json) -> None:
    await write(writer, b"HTTP/1.1 200 OK\r\nX: ")
    await for_ever(writer, b"x" * 65536)


@at_once
async def header_drip(writer: Writer, message: Json) -> None:
    await write(writer, b"HTTP/1.1 200 OK\r\n")
    await for_ever(writer, b"X: y\r\n", SLOW)


@at_once
async def status_evil(writer: Writer, message: Json) -> None:
    await full(writer, EVIL.encode(), status=f"500 {EVIL[:40]}".replace("\n", ""))


@at_once
async def status_number(writer: Writer, message: Json) -> None:
    await full(writer, told(message), status="99999999999999999999 Yes")


@at_once
async def continues(writer: Writer, message: Json) -> None:
    await for_ever(writer, b"HTTP/1.1 100 Continue\r\n\r\n")


@at_once
async def redirect_on(writer: Writer, message: Json) -> None:
    await full(writer, b"", f"Location: /redirect_on?{message.get('id')}x", status="307 On")


@at_once
async def redirect_evil(writer: Writer, message: Json) -> None:
    await full(writer, b"", f"Location: http://a:b@{EVIL.translate(dict.fromkeys([0, 10, 13]))}/", status="307 On")


@at_once
async def redirect_long(writer: Writer, message: Json) -> None:
    await full(writer, b"", f"Location: /{'x' * 60_000}", status="308 On")


@at_once
async def redirect_nowhere(writer: Writer, message: Json) -> None:
    await full(writer, b"", status="307 On")


@at_once
async def login_long(writer: Writer, message: Json) -> None:
    await full(writer, b"", f'WWW-Authenticate: Bearer realm="{"x" * 30_000}"', status="401 No")


@at_once
async def login_inward(writer: Writer, message: Json) -> None:
    where = 'Bearer resource_metadata="http://169.254.169.254/latest/meta-data"'
    await full(writer, b"", f"WWW-Authenticate: {where}", status="401 No")


@at_once
async def login_evil(writer: Writer, message: Json) -> None:
    evil = EVIL.translate(dict.fromkeys([0, 10, 13]))
    await full(writer, EVIL.encode(), f'WWW-Authenticate: Bearer error_description="{evil}"', status="401 No")


@at_once
async def later(writer: Writer, message: Json) -> None:
    await full(writer, b"", "Retry-After: 99999999999999999999", status="503 Later")


@at_once
async def later_never(writer: Writer, message: Json) -> None:
    await full(writer, b"", "Retry-After: nan", status="429 Later")


@mode
async def length_short(writer: Writer, message: Json) -> None:
    await full(writer, told(message), length=10)


@mode
async def length_long(writer: Writer, message: Json) -> None:
    await full(writer, told(message), length=10**9)


@mode
async def length_negative(writer: Writer, message: Json) -> None:
    await full(writer, told(message), length=-5)


@mode
async def length_twice(writer: Writer, message: Json) -> None:
    await full(writer, told(message), "Content-Length: 3", "Transfer-Encoding: chunked")


@mode
async def length_huge(writer: Writer, message: Json) -> None:
    await full(writer, told(message), length="9" * 30)


async def chunks(writer: Writer) -> None:
    lines = ("HTTP/1.1 200 OK", "Content-Type: application/json", "Transfer-Encoding: chunked", "", "")
    await write(writer, "\r\n".join(lines).encode())


@mode
async def chunk_huge(writer: Writer, message: Json) -> None:
    await chunks(writer)
    await write(writer, b"ffffffffffffffffffff\r\n" + told(message))


@mode
async def chunk_endless(writer: Writer, message: Json) -> None:
    await chunks(writer)
    await for_ever(writer, b"10000\r\n" + b" " * 65536 + b"\r\n")


@mode
async def chunk_drip(writer: Writer, message: Json) -> None:
    await chunks(writer)
    await for_ever(writer, b"1\r\n \r\n", SLOW)


@mode
async def chunk_trailers(writer: Writer, message: Json) -> None:
    await chunks(writer)
    await write(writer, b"%x\r\n%b\r\n0\r\n" % (len(told(message)), told(message)))
    await for_ever(writer, b"X: y\r\n")


@mode
async def packed_gzip(writer: Writer, message: Json) -> None:
    await full(writer, gzip.compress(b" " * (50 << 20)), "Content-Encoding: gzip")


@mode
async def packed_twice(writer: Writer, message: Json) -> None:
    body = gzip.compress(gzip.compress(b" " * (50 << 20)))
    await full(writer, body, "Content-Encoding: gzip, gzip")


@mode
async def packed_deflate(writer: Writer, message: Json) -> None:
    await full(writer, zlib.compress(b" " * (50 << 20)), "Content-Encoding: deflate")


@mode
async def packed_odd(writer: Writer, message: Json) -> None:
    await full(writer, b"\x28\xb5\x2f\xfd" * 100, "Content-Encoding: zstd, br, x-evil")


@mode
async def events_comments(writer: Writer, message: Json) -> None:
    await stream(writer)
    await for_ever(writer, b": still there\n\n", SLOW)


@mode
async def events_line(writer: Writer, message: Json) -> None:
    await stream(writer)
    await write(writer, b"data: ")
    await for_ever(writer, b"x" * 65536)


@mode
async def events_lines(writer: Writer, message: Json) -> None:
    """One event of many lines, without an end."""
    await stream(writer)
    await for_ever(writer, b"data: x\n" * 5000)


@mode
async def events_again(writer: Writer, message: Json) -> None:
    await stream(writer)
    await write(writer, b"retry: 0\nid: 1\ndata:\n\n")


@mode
async def events_retry(writer: Writer, message: Json) -> None:
    await stream(writer)
    await write(writer, b"retry: " + b"9" * 400 + b"\nid: \x1b[31m\ndata:\n\n")


@mode
async def events_garbage(writer: Writer, message: Json) -> None:
    await stream(writer)
    await write(writer, b"event: message\ndata: {not json\n\ndata: 7\n\n\xff\xfe\ndata: []\n\n" * 50)
    await write(writer, b"data: " + told(message) + b"\n\n")


@mode
async def events_endpoint(writer: Writer, message: Json) -> None:
    """The event of the old transport, which would send requests elsewhere."""
    await stream(writer)
    await write(writer, b"event: endpoint\ndata: http://127.0.0.1:1/elsewhere\n\n")


@at_once
async def session_long(writer: Writer, message: Json) -> None:
    await full(writer, told(message), f"Mcp-Session-Id: {'s' * 60_000}")


@at_once
async def session_evil(writer: Writer, message: Json) -> None:
    await full(writer, told(message), "Mcp-Session-Id: a\x1b[31m\tb\x7f; c=\x9b")


@at_once
async def session_anew(writer: Writer, message: Json) -> None:
    """Another session with each response, and nobody is known by it."""
    status = "200 OK" if message.get("method") == "initialize" else "404 Gone"
    await full(writer, told(message), f"Mcp-Session-Id: {message.get('id')}", status=status)


async def got(writer: Writer, name: str) -> None:
    """The stream for announcements: endless ones where that is the point, none otherwise."""
    if not name.startswith("events"):
        await full(writer, b"", status="405 No")
        return
    await MODES[name][1](writer, {"id": 1, "method": "ping"})


async def serve(reader: asyncio.StreamReader, writer: Writer) -> None:
    with contextlib.suppress(OSError, ValueError, asyncio.IncompleteReadError, TimeoutError):
        async with asyncio.timeout(60):
            await respond(reader, writer)
    with contextlib.suppress(OSError):
        writer.close()


async def respond(reader: asyncio.StreamReader, writer: Writer) -> None:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    verb, path, _ = head.split(" ", 2)
    name = path.strip("/").partition("?")[0]
    if verb != "POST":
        await (got(writer, name) if verb == "GET" else full(writer, b""))
        return
    headers = {key.lower(): value for key, _, value in (line.partition(": ") for line in head.split("\r\n"))}
    message = json.loads(await reader.readexactly(int(headers["content-length"])))
    method = message.get("method")
    early, bad = MODES.get(name, (True, None))
    if bad is not None and (early or method not in {"initialize", "server/discover"} and "id" in message):
        await bad(writer, message)
    elif "id" not in message:
        await full(writer, b"", status="202 Accepted")
    elif method == "server/discover":
        await full(writer, b'{"jsonrpc": "2.0", "id": %d, "error": {"code": -32601, "message": "no"}}' % message["id"])
    else:
        await full(writer, told(message), "Mcp-Session-Id: s")


async def main() -> None:
    server = await asyncio.start_server(serve, "127.0.0.1", int(sys.argv[1]), limit=1 << 22)
    await server.serve_forever()


if __name__ == "__main__":
    if sys.argv[1] == "--list":
        print(*MODES, sep="\n")
    else:
        asyncio.run(main())
