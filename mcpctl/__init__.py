"""Run, inspect, check and load-test MCP servers."""

__version__ = "0.1.0"
