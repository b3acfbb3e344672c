"""What reports in the form of JUnit have in common: one document of XML, and nothing in it that XML cannot hold."""

from __future__ import annotations

import re
from typing import Any

_FORBIDDEN = "[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
"""What XML 1.0 cannot hold, escaped or not."""


def document(root: Any) -> str:
    """The text of an element tree."""
    from xml.etree import ElementTree as ET

    ET.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def holdable(text: str) -> str:
    """The text, with a mark in place of what XML cannot hold."""
    return re.sub(_FORBIDDEN, "\ufffd", text)
