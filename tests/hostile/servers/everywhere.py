"""A server on stdio that offers everything and misbehaves in every answer after the handshake.

usage: everywhere.py MODE        (everywhere.py --list prints the modes)
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from answers import ERRORS, EVIL, SHAPES, answer, good

Json = Any

MODES: dict[str, Callable[[Json], None]] = {}

LOCK = threading.Lock()

PAUSE = 0.2
"""Seconds between two bytes that drip."""


def mode(function: Callable[[Json], None]) -> Callable[[Json], None]:
    MODES[function.__name__] = function
    return function


def send(text: str) -> None:
    with LOCK:
        sys.stdout.buffer.write(text.encode("utf-8", "surrogatepass") + b"\n")
        sys.stdout.buffer.flush()


def note(method: str, **params: Json) -> None:
    send(json.dumps({"jsonrpc": "2.0", "method": method, "params": params}))


def fine(message: Json) -> None:
    send(answer("good", message["id"], message["method"], message.get("params")))


def aside(work: Callable[[], None]) -> None:
    threading.Thread(target=work, daemon=True).start()


@mode
def silent(message: Json) -> None:
    """Never answers."""


@mode
def crash(message: Json) -> None:
    os._exit(9)


@mode
def half(message: Json) -> None:
    """Half of an answer, then the end."""
    sys.stdout.write(answer("good", message["id"], message["method"], None)[:40])
    sys.stdout.flush()
    os._exit(0)


@mode
def endless_line(message: Json) -> None:
    """Writes for ever, and never a line end."""
    while True:
        sys.stdout.write("x" * 65536)


@mode
def endless_lines(message: Json) -> None:
    while True:
        sys.stdout.write("noise without an end\n" * 1000)


@mode
def endless_stderr(message: Json) -> None:
    def pour() -> None:
        while True:
            sys.stderr.write(f"{EVIL}\n" * 1000)

    aside(pour)
    fine(message)


@mode
def drip(message: Json) -> None:
    for letter in answer("good", message["id"], message["method"], None):
        sys.stdout.write(letter)
        sys.stdout.flush()
        time.sleep(PAUSE)


@mode
def strangers(message: Json) -> None:
    """Answers to requests that nobody made, before the right one."""
    for number in (-1, 0, 10**30, 1.5, "x", None, True, [], {}, EVIL):
        send(answer("good", number, message["method"], None))
    fine(message)


@mode
def thrice(message: Json) -> None:
    for _ in range(3):
        fine(message)


@mode
def versionless(message: Json) -> None:
    send(json.dumps({"id": message["id"], "result": good(message["method"])}))


@mode
def storm(message: Json) -> None:
    """Announcements as fast as it can, beside good answers."""
    aside(announce)
    fine(message)


def announce() -> None:
    while True:
        for kind in ("tools", "prompts", "resources"):
            note(f"notifications/{kind}/list_changed")
        note("notifications/resources/updated", uri=f"x://{EVIL}")


@mode
def notes(message: Json) -> None:
    """Notifications of every shape."""
    for params in ({}, [], None, "x", {"level": EVIL, "logger": 7, "data": EVIL}, {"uri": EVIL}):
        for method in ("message", "progress", "cancelled", "resources/updated", "initialized", EVIL):
            send(json.dumps({"jsonrpc": "2.0", "method": f"notifications/{method}", "params": params}))
    note("notifications/cancelled", requestId=message["id"], reason=EVIL)
    note("notifications/progress", progressToken=message["id"], progress=10**400, total="x", message=EVIL)
    fine(message)


@mode
def questions(message: Json) -> None:
    """Asks everything that may be asked, and some that may not."""
    deep: Json = {"type": "string"}
    for _ in range(50):
        deep = {"type": "object", "properties": {EVIL: deep}}
    asked = {
        "elicitation/create": {"message": EVIL, "requestedSchema": deep},
        "sampling/createMessage": {"messages": [{"role": EVIL, "content": EVIL}], "maxTokens": -1},
        "roots/list": None,
        "initialize": {},
        "tools/call": {"name": "rm"},
        EVIL: [EVIL],
    }
    for number, (method, params) in enumerate(asked.items()):
        send(json.dumps({"jsonrpc": "2.0", "id": f"q{number}", "method": method, "params": params}))
    fine(message)


@mode
def same_id(message: Json) -> None:
    """Asks under the very id that it is to answer."""
    for _ in range(3):
        send(json.dumps({"jsonrpc": "2.0", "id": message["id"], "method": "roots/list"}))
    fine(message)


def listen(name: str) -> None:
    for line in sys.stdin.buffer:
        message = json.loads(line)
        if "id" not in message or "method" not in message:
            continue
        number, method, params = message["id"], message["method"], message.get("params")
        if method == "server/discover":
            send(json.dumps({"jsonrpc": "2.0", "id": number, "error": {"code": -32601, "message": "no"}}))
        elif method == "initialize" and name not in {"evil", "secret"}:
            send(answer("good", number, method, params))
        elif name in MODES:
            MODES[name](message)
        else:
            send(answer(name, number, method, params))


if __name__ == "__main__":
    if sys.argv[1] == "--list":
        print(*[name for name in (*SHAPES, *ERRORS, *MODES) if name != "good"], sep="\n")
    else:
        if sys.argv[1] in {"evil", "secret", "error_secret"}:
            sys.stderr.write(f"{EVIL} {os.environ.get('CANARY_TOKEN')}\n")
            sys.stderr.flush()
        try:
            listen(sys.argv[1])
        except (BrokenPipeError, KeyboardInterrupt):
            os._exit(1)
