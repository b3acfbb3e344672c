"""`mcpctl validate --json` in a folder of its own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.commands.places import Answer, mcpctl


def validate(folder: Path, *argv: str, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> Answer:
    return mcpctl(folder, "validate", "--json", *argv, stdin=stdin, env=env)


def codes(answer: Answer) -> list[str]:
    return [each["code"] for each in answer.data["diagnostics"]]
