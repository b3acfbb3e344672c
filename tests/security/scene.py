"""A folder whose configuration holds secrets of every kind and servers that tell them, and what may come out of it."""

from __future__ import annotations

import base64
import json
import re
import sys
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

from tests.support import ROOT

INDISCREET = ROOT / "tests/security/indiscreet.py"

TOKEN = "cAnArY-0f-tHe-EnViRoNmEnT+/=x"
ARGUMENT = "cAnArY-iN-aRgUmEnTs-77"
HEADER = "cAnArY-iN-hEaDeRs-4711"

VARIABLES = {"CANARY_TOKEN": TOKEN, "CANARY_SECRET": ARGUMENT, "CANARY_BEARER": HEADER}

OURS = re.compile(r"\r(?=\x1b\[)|\x1b\[\?25[lh]|\x1b\[\?1049[lh]|\x1b\[[0-9;]*[mAHJK]")
"""What mcpctl itself writes to a terminal: colours, and drawing anew. What a server sends has worse beside them."""

UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f]")


def prepare(folder: Path, *, remote: str = "http://127.0.0.1:9/mcp") -> None:
    command = {"command": sys.executable, "env": {"CANARY_TOKEN": "${CANARY_TOKEN}"}}
    bad = [str(INDISCREET), "--token", "${CANARY_SECRET}"]
    servers = {
        "bad": {**command, "args": bad},
        "dead": {**command, "args": [*bad, "--die"]},
        "far": {"url": remote, "bearer_env": "CANARY_BEARER"},
    }
    (folder / "mcpctl.json").write_text(json.dumps({"servers": servers}))


def spellings(secret: str) -> Iterator[str]:
    yield secret
    yield base64.b64encode(secret.encode()).decode().rstrip("=")
    yield urllib.parse.quote(secret, safe="")


def leaked(text: str) -> list[str]:
    """The variables whose values are in a text, in any spelling."""
    return [name for name, value in VARIABLES.items() if any(each in text for each in spellings(value))]


def unsafe(text: str) -> str:
    """What could steer a terminal, besides what mcpctl steers it with; nothing where all is well."""
    found = UNSAFE.search(OURS.sub("", text))
    return "" if found is None else text[max(0, found.start() - 60) : found.end() + 60]
