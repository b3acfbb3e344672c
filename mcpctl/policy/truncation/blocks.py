"""One window over all the content blocks of a result: the first lines of the first, the last lines of the last.

Texts and embedded text resources are cut; images, audio, blobs and links have no lines and are handed on as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mcpctl.model.protocol import JsonObject
from mcpctl.model.server import TruncateSpec
from mcpctl.model.value import NamedTuple
from mcpctl.policy.truncation.cut import Cut, cut_to, note_of
from mcpctl.policy.truncation.lines import count_lines
from mcpctl.policy.truncation.window import Window, window_for


class _Share(NamedTuple):
    """What a block gets from the beginning of the window and from its end."""

    head: int
    tail: int


def cut_blocks(
    blocks: Iterable[JsonObject], spec: TruncateSpec | None, *, terminal: bool = False
) -> tuple[tuple[JsonObject, ...], Cut[str]]:
    """The blocks with shorter texts, and a `Cut` over all of them, whose `text` is theirs line by line."""
    given = tuple(blocks)
    texts = [_text_of(block) for block in given]
    found = [text for text in texts if text is not None]
    lines = [count_lines(text) for text in found]
    window = window_for(spec, sum(lines), terminal=terminal)
    cuts = [cut_to(text, share) for text, share in zip(found, _windows(found, lines, window), strict=True)]
    following = iter(cuts)
    shown = tuple(
        block if text is None else _with_text(block, next(following).text)
        for block, text in zip(given, texts, strict=True)
    )
    return shown, _summed(cuts, window)


def _windows(texts: Sequence[str], lines: Sequence[int], window: Window) -> list[Window]:
    if len(texts) == 1:
        return [window]
    by_lines = _shares(lines, window.head, window.tail)
    head, tail = window.sides
    first = None if window.chars is None else window.chars * head // (head + tail)
    last = None if window.chars is None or first is None else window.chars - first
    by_chars = _shares([len(text) for text in texts], first, last)
    return [
        Window(
            head=line and line.head,
            tail=line and line.tail,
            chars=_chars(text, char, window),
            split=char,
            tokens=window.tokens,
        )
        for text, line, char in zip(texts, by_lines, by_chars, strict=True)
    ]


def _chars(text: str, share: _Share | None, window: Window) -> int | None:
    if share is not None:
        return share.head + share.tail
    # It all fits: then a marker between lines must not make it longer.
    return None if window.chars is None else len(text)


def _shares(sizes: Sequence[int], head: int | None, tail: int | None) -> list[_Share | None]:
    """None for every block where all of them fit."""
    if head is None or tail is None or sum(sizes) <= head + tail:
        return [None] * len(sizes)
    heads = _poured(sizes, head)
    tails = _poured(sizes[::-1], tail)[::-1]
    return [_Share(first, last) for first, last in zip(heads, tails, strict=True)]


def _poured(sizes: Sequence[int], amount: int) -> list[int]:
    """Block after block until nothing is left."""
    poured = []
    for size in sizes:
        taken = min(size, amount)
        poured.append(taken)
        amount -= taken
    return poured


def _summed(cuts: Sequence[Cut[str]], window: Window) -> Cut[str]:
    shortened = [each for each in cuts if each.shortened]
    text = "\n".join(each.text for each in cuts)
    lines, chars = sum(each.lines for each in cuts), sum(each.chars for each in cuts)
    total_lines, total_chars = sum(each.total_lines for each in cuts), sum(each.total_chars for each in cuts)
    if not shortened:
        return Cut(text=text, lines=lines, chars=chars, total_lines=total_lines, total_chars=total_chars)
    return Cut(
        text=text,
        lines=lines,
        chars=chars,
        total_lines=total_lines,
        total_chars=total_chars,
        how="json" if all(each.how == "json" for each in shortened) else "text",
        note=note_of(lines, total_lines, chars, total_chars, tokens=window.tokens),
    )


def _text_of(block: JsonObject) -> str | None:
    """Servers lie about types: what is not a text is not cut."""
    holder = block.get("resource") if block.get("type") == "resource" else block
    if block.get("type") not in {"text", "resource"} or not isinstance(holder, dict):
        return None
    text = holder.get("text")
    return text if isinstance(text, str) else None


def _with_text(block: JsonObject, text: str) -> JsonObject:
    if block.get("type") == "resource":
        return {**block, "resource": {**block["resource"], "text": text}}
    return {**block, "text": text}
