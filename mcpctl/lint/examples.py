"""An example of a page as the file that it stands for: what `explain` shows and what the tests check."""

from __future__ import annotations

import json
from typing import Any

from mcpctl.config.hosts.table import rows
from mcpctl.lint.registry import Example

_INDENT = 2


def written(example: Example) -> str:
    """The whole text of an example's file."""
    if example.whole:
        return example.text
    host = rows()[example.host]
    entry: Any = json.loads(example.text)
    value: dict[str, Any] = {example.server: entry}
    for part in reversed(host.roots[0]):
        value = {str(part): value}
    return json.dumps(value, indent=_INDENT, ensure_ascii=False)
