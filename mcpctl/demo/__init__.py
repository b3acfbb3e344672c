"""The built-in MCP server, for tests, samples and first steps.

It stands on the official SDK, not on code of ours, so that what mcpctl says is heard by somebody else. Imported by
nobody: it runs as `python -m mcpctl.demo`.
"""
