"""Bytes to messages and back: framing and JSON-RPC. Fast and bounded; knows nothing of MCP, processes or sessions."""
