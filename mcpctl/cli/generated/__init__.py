"""Written by `python -m mcpctl.cli.generate`; a test holds it against the living app."""
