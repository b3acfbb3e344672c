"""The formats of MCP hosts: what is known about each, and servers read from their files."""
