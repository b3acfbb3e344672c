"""Runs the demo server on stdin and stdout until the client is gone."""

from __future__ import annotations

from mcp.server.mcpserver import MCPServer


def serve(server: MCPServer) -> None:
    try:
        server.run("stdio")
    except* (BrokenPipeError, ConnectionResetError):
        pass  # the client stopped reading before it closed our stdin: nobody is left to be told
