"""Resources: a text, a picture, the counter, and a template whose variable completes."""

from __future__ import annotations

from mcp.server.mcpserver import MCPServer

from mcpctl.demo.counter import COUNTER_URI, Counter
from mcpctl.demo.picture import png

GREETING_TEMPLATE = "demo://greeting/{name}"
NAMES = ("Ada", "Alan", "Barbara", "Edsger", "Grace", "Katherine", "Linus", "Margaret")

NOTE = """\
# The demo server

It echoes, adds, waits, fails and asks. Nothing that it does leaves this process.
"""


def register(server: MCPServer, counter: Counter) -> None:
    server.resource("demo://note", name="note", title="A note", mime_type="text/markdown")(note)
    server.resource("demo://logo.png", name="logo", title="A picture", mime_type="image/png")(logo)
    server.resource(COUNTER_URI, name="counter", title="The counter", mime_type="text/plain")(counter.read)
    server.resource(GREETING_TEMPLATE, name="greeting", title="A greeting", mime_type="text/plain")(greeting)


def note() -> str:
    """What this server is."""
    return NOTE


def logo() -> bytes:
    """A PNG of two gradients."""
    return png(32)


def greeting(name: str) -> str:
    """A greeting for whoever is named in the address."""
    return f"Hello, {name}!"
