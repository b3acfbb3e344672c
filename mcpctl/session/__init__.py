"""The shared core: every verb reaches every server through `SessionManager`, and through nothing else."""

from mcpctl.session.handlers import SILENT, Handlers
from mcpctl.session.manager import SessionManager
from mcpctl.session.session import Session

__all__ = ["SILENT", "Handlers", "Session", "SessionManager"]
