"""Bytes -> text: the faults that come before any syntax. Guesses no encoding beyond what the first bytes say."""

from __future__ import annotations

import re

from mcpctl.config.documents.draft import Draft

_MARKS = (
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
"""The longer ones first: the mark of UTF-32 starts like that of UTF-16."""

_SURROGATE = re.compile("[\ud800-\udfff]")
_SAVE_AS_UTF8 = "save the file as UTF-8"


def decode(data: bytes, draft: Draft, *, strict: bool, limit: int) -> None:
    """Fill in the text of the draft; where bytes are wrong the text has U+FFFD, and a fault says where."""
    if len(data) > limit:
        draft.give_up("too_large", (0, 0), f"the file is larger than {limit >> 20} MiB")
    encoding = _foreign_encoding(data)
    if encoding:
        draft.encoding = encoding
        draft.text = data.decode(encoding, "replace").removeprefix("\ufeff")
        draft.fault("encoding", (0, 0), f"the file is {encoding.upper()}, not UTF-8", _SAVE_AS_UTF8)
        return
    if data.startswith(b"\xef\xbb\xbf"):
        draft.bom = True
        data = data[3:]
    try:
        draft.text = data.decode()
    except UnicodeDecodeError:
        _decode_damaged(data, draft)
    if draft.bom and strict:
        draft.fault(
            "bom", (0, 0), "the file starts with a byte order mark", "save the file as UTF-8 without BOM"
        )


def mend_surrogates(text: str) -> tuple[str, bool]:
    """Pairs of escapes become the character they mean, halves U+FFFD; and whether there was a half."""
    if not _SURROGATE.search(text):
        return text, False
    mended = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return mended, mended.count("\ufffd") > text.count("\ufffd")


def _foreign_encoding(data: bytes) -> str | None:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding
    head = data[:4]
    if len(data) % 2 == 0 and len(head) == 4:
        if head[1::2] == b"\0\0" and head[0] and head[2]:
            return "utf-16-le"
        if head[::2] == b"\0\0" and head[1] and head[3]:
            return "utf-16-be"
    return None


def _decode_damaged(data: bytes, draft: Draft) -> None:
    escaped = data.decode("utf-8", "surrogateescape")
    draft.text = re.sub("[\udc80-\udcff]", "\ufffd", escaped)
    for run in re.finditer("[\udc80-\udcff]+", escaped):
        draft.fault("encoding", run.span(), "these bytes are not UTF-8", _SAVE_AS_UTF8)
