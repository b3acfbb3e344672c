"""An MCP server on stdio that starts at once and answers at once: it imports nothing but `sys`.

It knows one tool, one client, and only as much of JSON as it takes to find an id, a method and a text. Run it as
`python -I -S echo.py`.
"""

import sys

TOOL = (
    b'{"name":"echo","description":"Say it back","annotations":{"readOnlyHint":true},"inputSchema":'
    b'{"type":"object","properties":{"text":{"type":"string"}},"required":["text"]}}'
)
ANSWERS = {
    b"initialize": b'{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},'
    b'"serverInfo":{"name":"bench-echo","version":"1"}}',
    b"ping": b"{}",
    b"tools/list": b'{"tools":[' + TOOL + b"]}",
}


def answer(message: bytes) -> bytes | None:
    """The response to one message, or nothing when it was a notification."""
    number = _value(message, b'"id"')
    if number is None:
        return None
    method = (_value(message, b'"method"') or b"").strip(b'"')
    if method == b"tools/call":
        text = _value(message, b'"text"') or b'""'
        return _response(number, b'"result":{"content":[{"type":"text","text":' + text + b"}]}")
    if method in ANSWERS:
        return _response(number, b'"result":' + ANSWERS[method])
    return _response(number, b'"error":{"code":-32601,"message":"method not found"}')


def main() -> None:
    read, write = sys.stdin.buffer.readline, sys.stdout.buffer
    while line := read():
        response = answer(line)
        if response is not None:
            write.write(response + b"\n")
            write.flush()


def _response(number: bytes, rest: bytes) -> bytes:
    return b'{"jsonrpc":"2.0","id":' + number + b"," + rest + b"}"


def _value(message: bytes, key: bytes) -> bytes | None:
    """What stands behind a key: a number, or a string without escapes, in quotes."""
    found = message.find(key)
    if found < 0:
        return None
    rest = message[found + len(key) :].lstrip(b" :")
    if rest[:1] == b'"':
        return rest[: rest.index(b'"', 1) + 1]
    end = min(at for at in (rest.find(b","), rest.find(b"}")) if at >= 0)
    return rest[:end].strip()


if __name__ == "__main__":
    main()
