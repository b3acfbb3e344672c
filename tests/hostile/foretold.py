"""What a command must exit with against a server whose misbehaviour leaves no choice."""

from __future__ import annotations

from tests.hostile.judging import CODES
from tests.hostile.test_http_channel import MODES as OVER_HTTP
from tests.hostile.test_stdio_channel import MODES as OVER_PIPES
from tests.hostile.verbs import ASK, SCREEN, USE, WARM

BY_KIND = {"connect": 4, "protocol": 5, "deadline": 6, "auth": 7}
"""Exit codes by how the codes of errors begin."""

WELL = {"ok", "http:ok", "http:ok_sse"}

ANSWERED = {"inspect", "tools", "tools TOOL", "resources", "prompts", "rpc list", *USE} - {"call --save"}
"""What a server with one good tool answers."""


def foretold(verb: str, server: str) -> set[int]:
    if verb in SCREEN or verb in WARM:
        return CODES
    if server in WELL and verb in ANSWERED:
        return {0}
    early, late = _pattern(server)
    if early and verb in {*ASK, *USE}:
        return {_code(early)}
    if late and verb in {"call", "call --strict"}:
        return {_code(late)}
    return CODES


def _pattern(server: str) -> tuple[str, str]:
    """How the error begins that meets every request, and the one that meets calls."""
    mode = server.removeprefix("http:")
    if mode == server and mode in OVER_PIPES:
        return OVER_PIPES[mode].initialize, OVER_PIPES[mode].call
    if mode != server and mode in OVER_HTTP:
        return OVER_HTTP[mode].every, OVER_HTTP[mode].call
    return "", ""


def _code(pattern: str) -> int:
    return BY_KIND[pattern.removeprefix("^").partition(".")[0]]
