"""Which tools of a server may be called: allow and deny patterns, and read-only servers.

Deny beats allow, and read-only beats both. `readOnlyHint` is the server's own word: this guards against mistakes, not
against a server that lies.
"""

from __future__ import annotations

from fnmatch import fnmatchcase

from mcpctl.model.protocol import Tool
from mcpctl.model.server import ServerSpec
from mcpctl.policy.decision import Decision


def decide(rules: ServerSpec, name: str, tool: Tool | None) -> Decision:
    """`tool` is what the server lists under that name, or none where it lists nothing."""
    for pattern in rules.deny_tools:
        if fnmatchcase(name, pattern):
            return Decision(allowed=False, rule=f"deny_tools `{pattern}`")
    rule = "default"
    if rules.allow_tools is not None:
        fitting = next((pattern for pattern in rules.allow_tools if fnmatchcase(name, pattern)), None)
        if fitting is None:
            return Decision(allowed=False, rule="allow_tools")
        rule = f"allow_tools `{fitting}`"
    if rules.read_only and not (tool is not None and tool.read_only):
        return Decision(allowed=False, rule="read_only")
    return Decision(allowed=True, rule=rule)
