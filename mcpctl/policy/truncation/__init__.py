"""How much of a result is shown: the first and last lines, or so many characters, without breaking what it is.

JSON stays JSON, Markdown keeps its fences closed, no character or escape is split, counts are true. Time is linear and
memory a small multiple of what is kept. Refuses to write files or to print: `Cut` says what was left out.
"""

from __future__ import annotations

from mcpctl.policy.truncation.cut import Cut, cut, cut_to
from mcpctl.policy.truncation.window import Window, window_for

__all__ = ["Cut", "Window", "cut", "cut_to", "window_for"]
