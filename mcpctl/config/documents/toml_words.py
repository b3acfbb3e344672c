"""Keys and scalars of TOML: plain ones by pattern, the others by `tomli`, and patience with the rest."""

from __future__ import annotations

import re
from typing import Any

from mcpctl.config.documents.draft import Draft
from mcpctl.config.documents.toml_tables import KeyPart
from mcpctl.model.value import NamedTuple

_HEADER_LINE = r"\[\[?[ \t]*+(?!(?:true|false|inf|nan)\b)[A-Za-z_][^\[\]\n\"',=]*+\]\]?[ \t]*+(?:#|\r?\n|\Z)"
NEXT_HEADER = re.compile(rf"(?m:^)[ \t]*+{_HEADER_LINE}")
NEXT_STATEMENT = re.compile(
    rf"(?m:^)[ \t]*+(?:{_HEADER_LINE}|(?:[A-Za-z0-9_.-]++|\"[^\"\n]*+\"|'[^'\n]*+')[ \t]*+=(?!=))"
)
"""The start of a line that can hardly be the next item of a list, so that the list must have lost its bracket."""

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]++")
_LOOSE_KEY = re.compile(r"[^\s=.,:\[\]{}\"'#]++")
_SINGLE = re.compile(r"\"((?:[^\"\\\n]++|\\[^\n])*+)\"|'([^'\n]*+)'")
_MULTI = re.compile(r"\"\"\"(?:[^\"\\]++|\\[\s\S]|\"(?!\"\"))*+\"{3,5}|'''(?:[^']++|'(?!''))*+'{3,5}")
_LOOSE_TEXT = re.compile(r"[^\n\r#]*+")
_LOOSE_ITEM = re.compile(r"[^\n\r#,\[\]{}\"']*+")
_BARE = re.compile(r"[^\s,#\[\]{}\"'=]++(?: [0-9]{2}:[^\s,#\[\]{}\"'=]*+)?")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_ESCAPE = re.compile(
    r"\\(?:[btnfre\"\\]|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[ \t]*\r?\n)|(\\[\s\S])"
)
_MOST_DIGITS = 300
"""Longer numbers are refused here, because Python refuses them from 4300 digits on."""
_FOREIGN_WORDS = {
    "True": "true",
    "False": "false",
    "TRUE": "true",
    "FALSE": "false",
    "yes": "true",
    "no": "false",
    "on": "true",
    "off": "false",
    "null": "",
    "None": "",
    "nil": "",
}


class BrokenStatementError(Exception):
    """A statement cannot be read any further; reading goes on at `resume`."""

    def __init__(self, resume: int) -> None:
        self.resume = resume


class Word(NamedTuple):
    value: Any
    start: int
    end: int


class WordReader:
    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.text = draft.text

    def key(self, at: int) -> KeyPart | None:
        found = _BARE_KEY.match(self.text, at)
        if found:
            return self._whole_key(found[0], at, found.end())
        found = _SINGLE.match(self.text, at)
        if found:
            name = found[2] if found[2] is not None else self._unescape(found[0], at)
            return KeyPart(name, found.span())
        return self._whole_key("", at, at)

    def value(self, at: int, *, inside: bool) -> Word:
        char = self.text[at : at + 1]
        if char in ('"', "'"):
            return self._quoted(at, char)
        found = _BARE.match(self.text, at)
        if found is None:
            message = "there is no value here"
            self.draft.fault("missing_value", (at, at), message)
            return Word(None, at, at)
        raw = found[0]
        value = self._scalar(raw, found.span())
        if value is not None:
            return Word(value, *found.span())
        return self._loose(at, inside=inside)

    def _whole_key(self, name: str, at: int, end: int) -> KeyPart | None:
        """A bare key, with what does not belong into one."""
        found = _LOOSE_KEY.match(self.text, end)
        if found is None:
            return KeyPart(name, (at, end)) if name else None
        message = "a key of other characters than `A-Z a-z 0-9 _ -` stands in quotes"
        self.draft.fault("unquoted", (at, found.end()), message, 'write `"` around it')
        return KeyPart(self.text[at : found.end()], (at, found.end()))

    def _quoted(self, at: int, quote: str) -> Word:
        many = self.text.startswith(quote * 3, at)
        found = (_MULTI if many else _SINGLE).match(self.text, at)
        if found is None:
            return self._unclosed(at, quote, many=many)
        raw = found[0]
        if quote == "'" and not _CONTROL.search(raw):
            value = raw[3:-3].removeprefix("\r").removeprefix("\n") if many else raw[1:-1]
            return Word(value.replace("\r\n", "\n"), *found.span())
        if "\\" not in raw and not many and not _CONTROL.search(raw):
            return Word(raw[1:-1], *found.span())
        return Word(self._unescape(raw, at), *found.span())

    def _unclosed(self, at: int, quote: str, *, many: bool) -> Word:
        if many:
            place = (at, at + 3)
            self.draft.fault("unclosed_string", place, "this text is never closed", f"write `{quote * 3}`")
            following = NEXT_STATEMENT.search(self.text, at)
            raise BrokenStatementError(following.start() if following else len(self.text))
        end = _loose_end(self.text, at)
        message = "this text has no closing quote on its line"
        self.draft.fault("unclosed_string", (at, end), message, f"write `{quote}`")
        return Word(self.text[at:end].strip(quote), at, end)

    def _unescape(self, raw: str, at: int) -> str:
        import tomli

        try:
            return str(tomli.loads(f"k={raw}")["k"])
        except tomli.TOMLDecodeError:
            self._explain(raw, at)
            return raw.strip("\"'")

    def _explain(self, raw: str, at: int) -> None:
        control = _CONTROL.search(raw)
        if control:
            place = (at + control.start(), at + control.end())
            hint = f"write `\\u{ord(control[0]):04x}`"
            self.draft.fault("control_character", place, "a control character stands in this text", hint)
            return
        wrong = [found for found in _ESCAPE.finditer(raw) if found[1]]
        for found in wrong:
            place = (at + found.start(), at + found.start() + 2)
            hint = "write `\\\\` for a backslash, or use single quotes"
            self.draft.fault("bad_escape", place, "this escape sequence does not exist", hint)
        if not wrong:
            place = (at, at + len(raw))
            self.draft.fault("bad_string", place, "this text has a character that TOML does not allow")

    def _scalar(self, raw: str, place: tuple[int, int]) -> Any:
        """A number, a boolean or a date; nothing for what is none of them."""
        if raw in ("true", "false"):
            return raw == "true"
        if not (raw[0].isdecimal() or raw[0] in "+-" or raw in ("inf", "nan")):
            return None
        if len(raw) > _MOST_DIGITS:
            self.draft.fault("number_range", place, "this number is too large to be one")
            return 0
        import tomli

        try:
            return tomli.loads(f"k={raw}")["k"]
        except ValueError:
            return None

    def _loose(self, at: int, *, inside: bool) -> Word:
        found = (_LOOSE_ITEM if inside else _LOOSE_TEXT).match(self.text, at)
        raw = found[0].rstrip() if found else ""
        place = (at, at + max(len(raw), 1))
        if raw in _FOREIGN_WORDS:
            word = _FOREIGN_WORDS[raw]
            hint = f"write `{word}`" if word else "leave the key out"
            self.draft.fault("unquoted", place, f"`{raw}` is no word of TOML", hint)
            return Word(word == "true" if word else None, *place)
        self.draft.fault("unquoted", place, "text stands in quotes", 'write `"` around it')
        return Word(raw, *place)


def _loose_end(text: str, at: int) -> int:
    """The end of a text that has no closing quote: of its line, without what probably belongs to the outside."""
    end = text.find("\n", at)
    line = text[at : len(text) if end < 0 else end]
    return at + max(len(line.rstrip().rstrip(",]} \t")), 1)
