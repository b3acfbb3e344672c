"""The compiled echo server, and plans against it."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mcpctl.loadtest.plan import Operation, Plan, Target
from mcpctl.loadtest.profile import FOREVER, steady
from tests.support import ROOT

SOURCES = ROOT / "tests" / "servers"
INITIALIZE = {
    "protocolVersion": "2025-11-25",
    "capabilities": {},
    "clientInfo": {"name": "test", "version": "1"},
}


def compiled(name: str) -> str:
    """Path of a compiled program; compiled once for each content. Skips the test where there is no compiler."""
    source = SOURCES / f"{name}.c"
    digest = hashlib.sha256(source.read_bytes()).hexdigest()[:16]
    binary = Path(tempfile.gettempdir()) / f"mcpctl-test-{name}-{digest}"
    if not binary.exists():
        if shutil.which("cc") is None:
            pytest.skip("no C compiler")
        with tempfile.TemporaryDirectory(dir=binary.parent) as folder:
            made = Path(folder) / name
            subprocess.run(["cc", "-O2", "-o", made, source], check=True)
            made.replace(binary)
    return str(binary)


def stdio_target(*options: str, name: str = "echo") -> Target:
    stateless = "--stateless" in options
    return Target(
        name=name,
        transport="stdio",
        era="stateless" if stateless else "handshake",
        protocol_version="2026-07-28" if stateless else "2025-11-25",
        initialize=INITIALIZE,
        command=compiled("echo_server"),
        args=("stdio", *options),
        start_timeout=5,
    )


@contextmanager
def http_target(*options: str, name: str = "echo") -> Iterator[Target]:
    server = subprocess.Popen([compiled("echo_server"), "http", "0", *options], stdout=subprocess.PIPE)
    stateless = "--stateless" in options
    try:
        assert server.stdout is not None
        port = int(server.stdout.readline())
        yield Target(
            name=name,
            transport="http",
            era="stateless" if stateless else "handshake",
            protocol_version="2026-07-28" if stateless else "2025-11-25",
            initialize=INITIALIZE,
            url=f"http://127.0.0.1:{port}/mcp",
            start_timeout=5,
        )
    finally:
        server.kill()
        server.wait()
        if server.stdout is not None:
            server.stdout.close()


def call(text: str = "hi", *, name: str = "echo", target: int = 0, weight: float = 1.0) -> Operation:
    return Operation(
        name=name,
        kind="tool",
        target=target,
        method="tools/call",
        params=json.dumps({"name": "echo", "arguments": {"text": text}}),
        weight=weight,
    )


def closed(target: Target, *, places: int = 4, requests: int | None = 200, **about: object) -> Plan:
    """So many requests by default, so that a test takes as long as it must."""
    given: dict[str, object] = {"operations": (call(),), "call_timeout": 5.0, "requests": requests}
    given |= {"profile": steady(places, until=FOREVER)} | about
    return Plan(targets=(target,), model="closed", **given)  # type: ignore[arg-type]


def opened(target: Target, *, rate: float = 500, seconds: float = 0.4, **about: object) -> Plan:
    given: dict[str, object] = {"operations": (call(),), "call_timeout": 5.0}
    given |= {"profile": steady(rate, until=seconds)} | about
    return Plan(targets=(target,), model="open", **given)  # type: ignore[arg-type]
