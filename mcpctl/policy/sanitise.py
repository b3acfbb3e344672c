r"""Text from elsewhere made harmless for a terminal: what would steer it, reorder it or hide in it becomes visible.

An escape is shown as `\x1b`, a bidi override as `\u202e`: nothing is dropped, so nothing is hidden either. Refuses to
keep colours: a server's text has none. Clean text costs a fraction of a millisecond per megabyte.
"""

from __future__ import annotations

import re

_UNSAFE = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0, DEL and C1: every escape sequence starts with one of these
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\u061c\ufeff"  # zero width, bidi, line and paragraph separators
    "\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\uffa0\ufff0-\ufffb"  # other characters that show nothing
    "\ud800-\udfff"  # half a pair: cannot even be written
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"  # invisible signs, tags that smuggle text
)

_SUSPECTS = {
    0xC2: rb"\xc2[\x80-\x9f]",
    0xCD: rb"\xcd\x8f",
    0xD8: rb"\xd8\x9c",
    0xE1: rb"\xe1(?:\x85[\x9f\xa0]|\x9e[\xb4\xb5]|\xa0[\x8b-\x8f])",
    0xE2: rb"\xe2(?:\x80[\x8b-\x8f\xa8-\xae]|\x81[\xa0-\xaf])",
    0xE3: rb"\xe3\x85\xa4",
    0xED: rb"\xed[\xa0-\xbf]",
    0xEF: rb"\xef(?:\xbb\xbf|\xbe\xa0|\xbf[\xb0-\xbb])",
    0xF0: rb"\xf0(?:\x9b\xb2[\xa0-\xa3]|\x9d\x85[\xb3-\xba])",
    0xF3: rb"\xf3\xa0[\x80-\xbf]",
}
"""By first byte in UTF-8, what is unsafe: most of a text is ruled out by its first bytes alone, which is ten times as
fast as asking for each character."""

_HARMLESS_BYTES = bytes(
    byte for byte in (0x09, 0x0A, *range(0x20, 0x7F), *range(0x80, 0x100)) if byte not in _SUSPECTS
)

_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def sanitise_text(text: str) -> str:
    """Safe to print: besides printable characters only line feeds and tabs are left; CRLF becomes a line feed."""
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    return text if is_clean(text) else re.sub(f"[{_UNSAFE}]+", _show, text)


def sanitise_line(text: str) -> str:
    """For names and other things that belong on one line: line feeds and tabs are shown too."""
    if is_clean(text) and "\n" not in text and "\t" not in text:
        return text
    return re.sub(f"[\n\t{_UNSAFE}]+", _show, text)


def json_safe(text: str) -> str:
    """JSON text with everything unsafe as an escape: the same value, harmless on a terminal.

    For JSON that was written without escapes for other than ASCII; its line feeds and tabs are layout and stay.
    """
    # In valid JSON a bare carriage return is layout as well.
    text = text.replace("\r", "")
    return text if is_clean(text) else re.sub(f"[{_UNSAFE}]+", _escape, text)


def is_clean(text: str) -> bool:
    encoded = text.encode("utf-8", "surrogatepass")
    doubtful = set(encoded.translate(None, _HARMLESS_BYTES))
    if not doubtful:
        return True
    return all(byte in _SUSPECTS for byte in doubtful) and not any(
        re.search(_SUSPECTS[byte], encoded) for byte in doubtful
    )


def _show(found: re.Match[str]) -> str:
    return "".join(_SHORT.get(character) or _visible(ord(character)) for character in found[0])


def _visible(code: int) -> str:
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _escape(found: re.Match[str]) -> str:
    units = found[0].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
