"""The last gate before anything is shown: no control sequence of a server, and no secret, gets through."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mcpctl.policy.redaction import Redactor
from mcpctl.policy.sanitise import sanitise_line, sanitise_text


class Cleaner:
    def __init__(self, redactor: Redactor, *, patterns: bool) -> None:
        """`patterns` also masks what merely looks like a token: for talk and logs, not for answers."""
        self._redactor = redactor
        self._patterns = patterns

    def line(self, text: str) -> str:
        """Safe and on one line."""
        return sanitise_line(self._redactor.clean(text, patterns=self._patterns))

    def text(self, text: str) -> str:
        """Safe, lines kept."""
        return sanitise_text(self._redactor.clean(text, patterns=self._patterns))

    def secrets(self, text: str) -> str:
        """As it is but for secrets."""
        return self._redactor.clean(text, patterns=self._patterns)

    def verbatim(self, data: bytes, *, terminal: bool) -> Iterator[bytes]:
        """Bytes for a pipe stay what they are but for secrets; a terminal is protected from them."""
        data = self._redactor.clean(data, patterns=self._patterns)
        if not terminal:
            yield data
            return
        from mcpctl.policy.longtext import pieces

        for piece in pieces(data):
            yield sanitise_text(piece).encode()

    def value(self, value: Any) -> Any:
        """A JSON value without secrets."""
        return self._redactor.clean_json(value, patterns=self._patterns)
