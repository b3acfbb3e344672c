"""What is small and grows: schemas, patterns, configurations. Each comes to an end in bounded time and memory."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import PYTHON, ROOT

MEMORY = 1 << 30
"""Bytes of address space that a command may have, with everything it loads."""

LIMIT = 60
"""Seconds: a bomb that works would take hours or all the memory there is."""

LAUGHS = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]\n" for level in range(1, 12)
)

FILES = {
    "nested.mcp.json": "[" * 200_000,
    "objects.mcp.json": '{"a":' * 200_000,
    "closed.mcp.json": '{"mcpServers":' * 500 + "{}" + "}" * 500,
    "number.mcp.json": '{"mcpServers": {"a": {"command": "x", "timeout": 1' + "0" * 400_000 + "}}}",
    "keys.mcp.json": json.dumps({"mcpServers": {f"s{at}": {"command": "x"} for at in range(5_000)}}),
    "same.mcp.json": '{"mcpServers": {' + ", ".join(['"a": {"command": "x"}'] * 5_000) + "}}",
    "secrets.mcp.json": json.dumps(
        {"mcpServers": {"a": {"command": "x", "env": {"K": "a" * 500_000 + "!"}}}}
    ),
    "address.mcp.json": json.dumps({"mcpServers": {"a": {"url": "http://" + "a." * 100_000}}}),
    "variables.mcp.json": json.dumps({"mcpServers": {"a": {"command": "${A" * 50_000}}}),
    "mcpctl.toml": "a" + ".a" * 50_000 + " = 1\n",
    "mcpctl.bomb.toml": "x = " + "[" * 100_000,
    "config.yaml": LAUGHS,
}


def bounded(folder: Path, *argv: str, memory: int = MEMORY) -> subprocess.CompletedProcess[str]:
    """A command with a limit on its memory that is set before it starts."""
    limits = f"import resource; resource.setrlimit(resource.RLIMIT_AS, ({memory}, {memory}))"
    code = f"{limits}\nimport sys; sys.argv = ['mcpctl', *{argv!r}]\nfrom mcpctl.__main__ import main\nsys.exit(main())"
    home = {"HOME": str(folder), "PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [PYTHON, "-c", code],
        cwd=folder,
        env=home,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=LIMIT,
        check=False,
        stdin=subprocess.DEVNULL,
    )


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS has no limit on address space")
@pytest.mark.parametrize("name", FILES)
def test_a_configuration_that_explodes_is_judged_and_no_more(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(FILES[name])
    more = ("--host", "goose") if name.endswith(".yaml") else ()
    done = bounded(tmp_path, "validate", name, *more, "--json")
    assert done.returncode in {0, 1, 3}, done.stdout[-500:] + done.stderr[-2000:]
    assert json.loads(done.stdout)["mcpctl"] == 1


SERVER = """
import json, sys
SCHEMA = json.loads(sys.argv[1])
for line in sys.stdin:
    message = json.loads(line)
    if "id" not in message:
        continue
    results = {
        "initialize": {"protocolVersion": "2025-11-25", "capabilities": {"tools": {}}, "serverInfo": {"name": "x", "version": "1"}},
        "tools/list": {"tools": [{"name": "t", "inputSchema": SCHEMA, "outputSchema": SCHEMA}]},
        "tools/call": {"content": [], "structuredContent": {"key": "a" * 40 + "!"}},
    }
    reply = {"jsonrpc": "2.0", "id": message["id"]}
    method = message["method"]
    reply |= {"result": results[method]} if method in results else {"error": {"code": -32601, "message": "no"}}
    print(json.dumps(reply), flush=True)
"""

SCHEMAS = {
    "pattern": {"type": "object", "properties": {"key": {"type": "string", "pattern": "^(a+)+$"}}},
    "names": {"type": "object", "patternProperties": {"^(\\w+\\s?)*$": {}}, "additionalProperties": False},
    "itself": {"$ref": "#"},
    "circle": {"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}, "$ref": "#/$defs/a"},
    "wide": {"type": "object", "anyOf": [{"properties": {"key": {"const": at}}} for at in range(2_000)]},
    "away": {"$ref": "http://127.0.0.1:9/schema.json"},
}


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_that_explodes_does_not(name: str, tmp_path: Path) -> None:
    (tmp_path / "server.py").write_text(SERVER)
    entry = {"command": PYTHON, "args": ["server.py", json.dumps(SCHEMAS[name])]}
    (tmp_path / "mcpctl.json").write_text(json.dumps({"servers": {"s": entry}}))
    value = "a" * 40 + "!"
    done = bounded(tmp_path, "call", "s", "t", f"key={value}", "--timeout", "20s", memory=4 * MEMORY)
    assert done.returncode in {0, 1, 2, 5}, done.stdout[-500:] + done.stderr[-2000:]
