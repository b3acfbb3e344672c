from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from mcpctl.wire.lines import LineSplitter


class Lines:
    def __init__(self, limit: int = 1 << 20) -> None:
        self.lines: list[bytes] = []
        self.oversized: list[tuple[bytes, bytes, bool]] = []
        self.splitter = LineSplitter(self.lines.append, self.too_long, limit=limit)

    def too_long(self, head: bytes, tail: bytes, /, *, ended: bool) -> None:
        self.oversized.append((head, tail, ended))

    def feed(self, *chunks: bytes) -> Lines:
        for chunk in chunks:
            self.splitter.feed(chunk)
        return self


@st.composite
def chunked(draw: st.DrawFn) -> list[bytes]:
    text = draw(st.binary(max_size=300) | st.text(alphabet="ab\n", max_size=300).map(str.encode))
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=20)))
    edges = [0, *cuts, len(text)]
    return [text[start:end] for start, end in pairwise(edges)]


@given(chunked())
def test_any_chunking_gives_the_same_lines(chunks: list[bytes]) -> None:
    lines = Lines().feed(*chunks)
    expected = b"".join(chunks).split(b"\n")
    assert [*lines.lines, lines.splitter.finish()] == expected


@given(chunked(), st.integers(1, 20))
def test_any_chunking_keeps_every_line_within_the_limit_and_no_other(chunks: list[bytes], limit: int) -> None:
    lines = Lines(limit).feed(*chunks, b"\n")
    expected = b"".join(chunks).split(b"\n")
    fitting = [line for line in expected if line and len(line) <= limit]
    assert [line for line in lines.lines if line] == fitting
    too_long = [line for line in expected if len(line) > limit]
    assert sum(not ended for _, _, ended in lines.oversized) == len(too_long)
    assert [tail for _, tail, ended in lines.oversized if ended] == too_long


def test_a_line_without_end_is_reported_once_and_not_kept() -> None:
    lines = Lines(1000).feed(*[b"x" * 100] * 1000)
    assert lines.oversized == [(b"x" * 512, b"", False)]
    assert lines.splitter.finish() == b""


def test_the_line_behind_one_that_was_too_long_is_whole() -> None:
    lines = Lines(10).feed(b"x" * 20, b"x" * 20 + b"END\nnext\n")
    assert [line for line in lines.lines if line] == [b"next"]
    assert lines.oversized[-1] == (b"x" * 20, b"x" * 40 + b"END", True)
