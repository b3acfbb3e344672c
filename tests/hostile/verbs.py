"""The columns of the matrix: every verb that meets a server, in each of its shapes, as a user would type it.

Servers are called `bad` in the configuration, and `worse` where a verb wants two, or one without a token.
"""

from __future__ import annotations

from collections.abc import Mapping

CALL = ("echo", "x=1")
"""A tool that every hostile server has, with an argument that it takes."""

LOAD = (*CALL, "-n", "20", "-c", "2", "-d", "300ms", "--call-timeout", "1s")

ASK: Mapping[str, tuple[str, ...]] = {
    "inspect": ("inspect", "bad"),
    "tools": ("tools", "bad"),
    "tools TOOL": ("tools", "bad", "echo"),
    "resources": ("resources", "bad"),
    "read": ("read", "bad", "x://a"),
    "prompts": ("prompts", "bad"),
    "prompt": ("prompt", "bad", "p"),
    "complete": ("complete", "bad", "p", "a=b"),
    "listen": ("listen", "bad", "--for", "500ms"),
    "listen --uri": ("listen", "bad", "--uri", "x://a", "--for", "500ms"),
    "rpc": ("rpc", "bad", "ping"),
    "rpc list": ("rpc", "bad", "tools/list"),
}
"""Verbs that ask one server, and call no tool."""

USE: Mapping[str, tuple[str, ...]] = {
    "call": ("call", "bad", *CALL),
    "call --cut": ("call", "bad", *CALL, "--max-chars", "40", "--retries", "1"),
    "call --strict": ("call", "bad", *CALL, "--strict-output", "--elicit", "defaults"),
    "call --save": ("call", "bad", *CALL, "--save", "saved", "--root", ".", "--field", "/x"),
}

JUDGE: Mapping[str, tuple[str, ...]] = {
    "inspect --all": ("inspect", "--all"),
    "search": ("search", "echo"),
    "health start": ("health", "bad", "--level", "start"),
    "health list": ("health", "bad", "--level", "list"),
    "health soak": ("health", "bad", "--level", "soak"),
    "validate --connect": ("validate", "--connect"),
    "loadtest": ("loadtest", "bad", *LOAD),
    "loadtest --rate": ("loadtest", "bad", *CALL, "--rate", "50/s", "-d", "500ms", "--call-timeout", "1s"),
    "loadtest --connect": ("loadtest", "bad", "--connect", "-n", "3", "-d", "1s", "-c", "2"),
    "loadtest --resource": ("loadtest", "bad", "--resource", "x://a", "-n", "5", "-c", "1", "-d", "1s"),
    "loadtest-ab": ("loadtest-ab", "--a", "bad", "--b", "worse", *LOAD, "--pairs", "1"),
    "run": ("run", "bad", "--for", "500ms"),
    "run --stdio": ("run", "bad", "--stdio"),
    "login": ("login", "worse"),
    "route": ("route", "none"),
}
"""Verbs that have a verdict of their own on what they meet."""

COLD: Mapping[str, tuple[str, ...]] = {**ASK, **USE, **JUDGE}

SCREEN = {
    f"{verb} on a terminal": COLD[verb]
    for verb in (
        "inspect",
        "tools",
        "tools TOOL",
        "call",
        "prompt",
        "listen",
        "health list",
        "loadtest",
        "run",
    )
}
"""The same without `--json`, into a terminal."""

WARM: Mapping[str, tuple[str, ...]] = {
    "run --detach": ("run", "bad", "--detach"),
    "ps": ("ps",),
    **{f"{verb}, warm": COLD[verb] for verb in ("inspect", "tools", "read", "prompt", "complete", "listen")},
    **{
        f"{verb}, warm": COLD[verb]
        for verb in ("rpc", "call", "call --cut", "health list", "search", "route")
    },
    "stats": ("stats", "bad"),
    "logs": ("logs", "bad"),
    "restart": ("restart", "bad"),
    "reload": ("reload", "bad"),
    "call, warm again": COLD["call"],
    "stop": ("stop", "bad"),
    "stop --all": ("stop", "--all"),
}
"""In this order, through one supervisor: a hostile server that it keeps must not harm whoever comes next."""

STREAMS = {"listen", "run", "logs", "login"}
"""Their JSON is an object a line."""

CONVERSATION = """
{"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "a", "version": "1"}}}
{"jsonrpc": "2.0", "method": "notifications/initialized"}
{"jsonrpc": "2.0", "id": 2, "method": "tools/list"}
{"jsonrpc": "2.0", "id": 3, "method": "tools/call", "params": {"name": "echo", "arguments": {"x": "1"}}}
""".lstrip().encode()
"""What the host types into `run --stdio` before it leaves."""
