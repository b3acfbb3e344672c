"""Strings, numbers and words of JSON and its relatives: the patterns of plain ones, and patience with the others."""

from __future__ import annotations

import json
import re
from math import isinf
from typing import Any

from mcpctl.config.documents.draft import Draft
from mcpctl.config.documents.encoding import mend_surrogates
from mcpctl.config.documents.flat import ODD
from mcpctl.model.value import NamedTuple

_BLANK = r"[ \t\r\n]*+"
_END = r"(?![^ \t\r\n,\]}])"
_TEXT = r'"((?:[^"\\\x00-\x1f]++|\\["\\/bfnrtu])*+)"'
_DIGITS = r"(-?+(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?+(?:[eE][+-]?+[0-9]++)?+)"
_VALUE = rf"(?:{_TEXT}|{_DIGITS}{_END}|(true|false|null){_END}|([\[{{]))"
ENTRY = re.compile(rf"{_BLANK}{_TEXT}{_BLANK}:{_BLANK}{_VALUE}{_BLANK}")
ITEM = re.compile(rf"{_BLANK}(){_VALUE}{_BLANK}")
"""Both have the key in group 1 (nothing for an item), then one group for each kind of value."""
TEXT, DIGITS, OPENER = 2, 3, 5

_MOST_DIGITS = 300
"""Longer ones are no floats, and from 4300 on Python refuses to read them."""

_CONSTANTS = {"true": True, "false": False, "null": None}
_FOREIGN_CONSTANTS = {
    "True": True,
    "False": False,
    "None": None,
    "undefined": None,
    "nil": None,
    "TRUE": True,
    "FALSE": False,
    "NULL": None,
}
SPACES = re.compile("[ \t\r\n]+")
ODD_SPACES = re.compile("[\v\f\xa0\u1680\u2000-\u200b\u2028\u2029\u202f\u205f\u3000\ufeff]+")
_CONTROL = re.compile("[\x00-\x1f]")
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|\r\n|[\s\S])")
_SHORT_ESCAPES = {
    '"': '"',
    "\\": "\\",
    "/": "/",
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
}
_JSON5_ESCAPES = {"'": "'", "v": "\v", "0": "\0", "\n": "", "\r": "", "\r\n": "", "\u2028": "", "\u2029": ""}

_CURLY, _SINGLE_CURLY = "\u201c\u201d\u201e", "\u2018\u2019"
_QUOTES = {
    '"': '"',
    "'": "'",
    "`": "`",
    **dict.fromkeys(_CURLY, _CURLY),
    **dict.fromkeys(_SINGLE_CURLY, _SINGLE_CURLY),
}
"""What opens a text in files that people paste together, and what may close it."""

_KEY = re.compile(r"""(?:(?!//|/\*)[^\s,:{}\[\]"'])+|[\s\S]""")
_LOOSE_TEXT = re.compile(r"""(?:(?![ \t]//|[ \t]/\*)[^\r\n,{}\[\]"'])+|[\s\S]""")
_LOOSE_NUMBER = re.compile(
    r"[+-]?(?:0[xX][0-9a-fA-F]+|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|Infinity|NaN)"
)


class Word(NamedTuple):
    value: Any
    start: int
    end: int


def plain_value(kind: int | None, raw: str) -> Any:
    """The value of one group of `ENTRY` or `ITEM`, or `ODD` where only a `WordReader` can tell."""
    if kind == TEXT:
        return raw if "\\" not in raw else _plain_unescape(raw)
    if kind == DIGITS:
        return _number(raw)
    return None if kind == OPENER else _CONSTANTS[raw]


def _plain_unescape(raw: str) -> Any:
    try:
        value = json.loads(f'"{raw}"')
    except ValueError:
        return ODD
    return ODD if "\\u" in raw and mend_surrogates(value)[1] else value


def _number(raw: str) -> Any:
    if len(raw) > _MOST_DIGITS:
        return ODD
    try:
        return int(raw)
    except ValueError:
        value = float(raw)
        return ODD if isinf(value) else value


class WordReader:
    """Reads one string, number or word from anywhere, whatever it looks like, and says what is wrong with it."""

    def __init__(self, draft: Draft, *, json5: bool) -> None:
        self.draft = draft
        self.text = draft.text
        self.json5 = json5

    def read(self, at: int, *, as_key: bool) -> Word:
        quote = self.text[at]
        if quote in _QUOTES:
            return self._quoted(at, quote)
        return self._bare_key(at) if as_key else self._bare_value(at)

    def _quoted(self, at: int, quote: str) -> Word:
        closers = _QUOTES[quote]
        line_end = r"\r\n|[\s\S]" if self.json5 else r"[^\r\n]"
        body = re.compile(rf"(?:[^{closers}\\\r\n]++|\\(?:{line_end}))*+").match(self.text, at + 1)
        assert body is not None
        end = body.end()
        if self.text[end : end + 1] not in closers or end >= len(self.text):
            return self._unclosed(at, body[0])
        if quote != '"' and not (self.json5 and quote == "'"):
            message = "text stands in straight double quotes"
            self.draft.fault("quotes", (at, end + 1), message, 'write `"` instead')
        return Word(self._unescape(body[0], at + 1), at, end + 1)

    def _unclosed(self, at: int, body: str) -> Word:
        body = body.rstrip().rstrip(",]} \t")
        end = at + 1 + len(body)
        self.draft.fault(
            "unclosed_string", (at, end), "this text has no closing quote on its line", 'write `"`'
        )
        return Word(body.replace("\\", ""), at, end)

    def _unescape(self, body: str, offset: int) -> str:
        control = _CONTROL.search(body)
        if control and not (self.json5 and control[0] in "\r\n"):
            place = (offset + control.start(), offset + control.end())
            escaped = json.dumps(control[0])[1:-1]
            message = "a control character stands in this text"
            self.draft.fault("control_character", place, message, f"write `{escaped}`")
        if "\\" not in body:
            return body
        value = _ESCAPE.sub(lambda found: self._escape(found, offset), body)
        value, broken = mend_surrogates(value)
        if broken:
            place = (offset - 1, offset + len(body) + 1)
            message = "this text has half a surrogate pair, which is no character"
            self.draft.fault("lone_surrogate", place, message, "write the character itself")
        return value

    def _escape(self, found: re.Match[str], offset: int) -> str:
        name = found[1]
        if name in _SHORT_ESCAPES:
            return _SHORT_ESCAPES[name]
        if len(name) == 5 and name[0] == "u":
            return chr(int(name[1:], 16))
        if self.json5 and name in _JSON5_ESCAPES:
            return _JSON5_ESCAPES[name]
        if self.json5 and len(name) == 3:
            return chr(int(name[1:], 16))
        if not self.json5 or name[0] in "ux123456789":
            place = (offset + found.start(), offset + found.start() + 2)
            message = "this escape sequence does not exist"
            self.draft.fault("bad_escape", place, message, "write `\\\\` for a backslash")
        return name

    def _bare_key(self, at: int) -> Word:
        found = _KEY.match(self.text, at)
        assert found is not None
        if not (self.json5 and found[0].replace("$", "_").isidentifier()):
            self.draft.fault("unquoted", found.span(), "a key stands in double quotes", 'write `"` around it')
        return Word(found[0], at, found.end())

    def _bare_value(self, at: int) -> Word:
        found = _KEY.match(self.text, at)
        assert found is not None
        raw, end = found[0], found.end()
        if raw in _CONSTANTS:
            return Word(_CONSTANTS[raw], at, end)
        if raw in _FOREIGN_CONSTANTS:
            value = _FOREIGN_CONSTANTS[raw]
            hint = f"write `{json.dumps(value)}`"
            self.draft.fault("unquoted", (at, end), f"`{raw}` is no word of JSON", hint)
            return Word(value, at, end)
        if _LOOSE_NUMBER.fullmatch(raw):
            return Word(self._loose_number(raw, (at, end)), at, end)
        return self._bare_text(at)

    def _loose_number(self, raw: str, place: tuple[int, int]) -> Any:
        if raw.lstrip("+-") in ("NaN", "Infinity"):
            if not self.json5:
                message = "JSON has neither `NaN` nor `Infinity`"
                self.draft.fault("not_finite", place, message, "write a number or `null`")
            return None
        digits = raw.lstrip("+-")
        if digits[:2] in ("0x", "0X"):
            value: Any = int(digits, 16) if len(digits) <= _MOST_DIGITS else ODD
        else:
            value = _number(digits)
        if value is ODD:
            self.draft.fault("number_range", place, "this number is too large to be one")
            return None
        if not self.json5 and not ITEM.fullmatch(raw):
            message = "JSON writes numbers without `+`, leading zeros, hexadecimal digits or a bare dot"
            self.draft.fault("number_form", place, message)
        return -value if raw[0] == "-" else value

    def _bare_text(self, at: int) -> Word:
        found = _LOOSE_TEXT.match(self.text, at)
        assert found is not None
        raw = found[0].rstrip() or found[0]
        place = (at, at + len(raw))
        self.draft.fault("unquoted", place, "text stands in double quotes", 'write `"` around it')
        return Word(raw, *place)
