"""Server-sent events: the standard's own examples, every way of cutting them, and the cap."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcpctl.errors import ProtocolError
from mcpctl.wire.events import Event, EventParser

LIMIT = 1 << 20


def parse(*chunks: bytes, limit: int = LIMIT) -> list[Event]:
    parser = EventParser(limit)
    return [event for chunk in chunks for event in parser.feed(chunk)]


def test_an_event_without_a_type_is_a_message() -> None:
    assert parse(b"data: {}\n\n") == [Event(b"message", b"{}")]


def test_several_data_lines_are_one_text() -> None:
    assert parse(b"event: x\ndata: a\ndata:b\ndata\n\n") == [Event(b"x", b"a\nb\n")]


def test_all_three_line_ends_and_a_byte_order_mark_are_understood() -> None:
    assert parse(b"\xef\xbb\xbfdata: a\r\ndata: b\r\r\ndata: c\n\n") == [
        Event(b"message", b"a\nb"),
        Event(b"message", b"c"),
    ]


def test_comments_and_unknown_fields_are_passed_over() -> None:
    assert parse(b": keep-alive\n\nnonsense: 1\ndata: x\n\n") == [Event(b"message", b"x")]


def test_an_event_that_was_cut_is_never_given_out_and_its_id_does_not_count() -> None:
    parser = EventParser(LIMIT)
    parser.feed(b"id: 1\ndata: a\n\nid: 2\ndata: b\n")
    assert parser.last_id == b"1"


def test_the_id_stays_until_another_comes_and_an_empty_one_clears_it() -> None:
    parser = EventParser(LIMIT)
    parser.feed(b"id: 1\n\ndata: x\n\n")
    assert parser.last_id == b"1"
    parser.feed(b"id\n\n")
    assert parser.last_id is None


def test_an_id_with_a_null_byte_or_of_absurd_length_is_ignored() -> None:
    parser = EventParser(LIMIT)
    parser.feed(b"id: a\0b\n\nid: " + b"x" * 5000 + b"\n\n")
    assert parser.last_id is None


@pytest.mark.parametrize(
    ("text", "seconds"), [(b"200", 0.2), (b"-1", None), (b"soon", None), (b"9" * 30, None)]
)
def test_retry_is_read_as_milliseconds_or_not_at_all(text: bytes, seconds: float | None) -> None:
    parser = EventParser(LIMIT)
    parser.feed(b"retry: " + text + b"\n\n")
    assert parser.retry == seconds


def test_a_type_holds_for_one_event_only() -> None:
    assert [event.type for event in parse(b"event: x\n\ndata: 1\n\n")] == [b"message"]


@pytest.mark.parametrize(
    "chunk", [b"data: " + b"x" * 300, b"data: x\n" * 200, b"x" * 300], ids=["line", "lines", "junk"]
)
def test_an_event_over_the_limit_raises_instead_of_growing(chunk: bytes) -> None:
    with pytest.raises(ProtocolError, match="over the limit of 256 bytes"):
        parse(*(chunk[i : i + 50] for i in range(0, len(chunk), 50)), limit=256)


def test_many_events_under_the_limit_never_add_up_to_it() -> None:
    assert len(parse(*[b"id: 1\ndata: " + b"x" * 100 + b"\n\n"] * 1000, limit=256)) == 1000


LINES = st.lists(
    st.sampled_from(
        [b"data: a", b"data:b", b"data", b"id: 7", b"event: e", b": c", b"retry: 5", b"", b"", b"junk"]
    ),
    max_size=20,
)


@given(lines=LINES, end=st.sampled_from([b"\n", b"\r\n", b"\r"]), data=st.data())
def test_where_the_network_cuts_changes_nothing(lines: list[bytes], end: bytes, data: st.DataObject) -> None:
    text = b"".join(line + end for line in lines)
    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=6)))
    pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    whole, cut = EventParser(LIMIT), EventParser(LIMIT)
    assert whole.feed(text) == [event for piece in pieces for event in cut.feed(piece)]
    assert (whole.last_id, whole.retry) == (cut.last_id, cut.retry)


def test_pieces_of_a_byte_cost_hardly_more_than_what_they_hold() -> None:
    parser = EventParser(LIMIT)
    tracemalloc.start()
    try:
        parser.feed(b"data: ")
        for _ in range(20_000):
            parser.feed(b"xy")
        for _ in range(20_000):
            parser.feed(b"\ndata: z")
        assert tracemalloc.get_traced_memory()[0] < 200_000
    finally:
        tracemalloc.stop()
    (event,) = parser.feed(b"\n\n")
    assert len(event.data) == 40_000 + 40_000


def test_a_large_event_is_never_there_more_than_twice() -> None:
    size = 4 << 20
    chunk = b"x" * (1 << 16)
    parser = EventParser(2 * size)
    tracemalloc.start()
    try:
        parser.feed(b"data: ")
        for _ in range(size // len(chunk)):
            parser.feed(chunk)
        (event,) = parser.feed(b"\n\n")
        assert tracemalloc.get_traced_memory()[1] < 2.5 * size
    finally:
        tracemalloc.stop()
    assert len(event.data) == size
