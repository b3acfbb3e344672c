import json

from hypothesis import given, settings
from hypothesis import strategies as st

from mcpctl.model.server import TruncateSpec
from mcpctl.policy.truncation import cut_blocks
from mcpctl.policy.truncation.lines import count_lines

IMAGE = {"type": "image", "data": "A" * 5000, "mimeType": "image/png"}


def _text(text: str) -> dict:
    return {"type": "text", "text": text, "annotations": {"audience": ["user"]}}


def _resource(text: str) -> dict:
    return {"type": "resource", "resource": {"uri": "file:///a", "text": text}}


def _lines(prefix: str, count: int) -> str:
    return "".join(f"{prefix}{number}\n" for number in range(count))


def test_one_text_is_cut_and_keeps_its_other_fields():
    (block,), found = cut_blocks([_text(_lines("a", 10))], TruncateSpec(head=2))
    assert block == _text("a0\na1\n")
    assert (found.lines, found.total_lines) == (2, 10)


def test_the_first_lines_come_from_the_first_and_the_last_from_the_last():
    given_blocks = [_text(_lines("a", 10)), IMAGE, _text(_lines("b", 10)), _resource(_lines("c", 10))]
    shown, found = cut_blocks(given_blocks, TruncateSpec(head=12, tail=3))
    assert [block.get("text") for block in shown] == [_lines("a", 10), None, "b0\nb1\n", None]
    assert shown[1] is IMAGE
    assert shown[3]["resource"] == {"uri": "file:///a", "text": "c7\nc8\nc9\n"}
    assert (found.lines, found.total_lines, found.how) == (15, 30, "text")


def test_json_blocks_stay_json():
    blocks = [_text(json.dumps(list(range(n)))) for n in (100, 5, 200)]
    shown, found = cut_blocks(blocks, TruncateSpec(max_chars=150))
    assert found.how == "json"
    assert json.loads(shown[0]["text"])[:3] == [0, 1, 2]
    assert shown[2]["text"] == ""


def test_what_fits_is_handed_on_as_it_is():
    shown, found = cut_blocks([_text("a"), IMAGE], TruncateSpec(head=5))
    assert shown[0]["text"] == "a"
    assert not found.shortened


def test_no_blocks_and_lying_blocks_are_no_trouble():
    odd = [
        {"type": "text"},
        {"type": "text", "text": 5},
        {"type": "resource", "resource": None},
        {},
        {"type": 7},
    ]
    assert cut_blocks([], TruncateSpec(head=1))[0] == ()
    assert cut_blocks(odd, TruncateSpec(head=1))[0] == tuple(odd)


def test_a_terminal_counts_all_blocks_together():
    blocks = [_text(_lines("a", 150)), _text(_lines("b", 150))]
    shown, found = cut_blocks(blocks, None, terminal=True)
    assert [count_lines(block["text"]) for block in shown] == [100, 100]
    assert found.note == "showing 200 of 300 lines, 840 of 1,280 characters"


@given(
    st.lists(st.text(st.sampled_from("ab\n"), max_size=30), max_size=5),
    st.none() | st.integers(0, 8),
    st.none() | st.integers(0, 8),
    st.none() | st.integers(0, 60),
)
@settings(max_examples=200, deadline=None)
def test_all_blocks_together_obey_the_limits(texts, head, tail, chars):
    shown, found = cut_blocks(
        [_text(text) for text in texts], TruncateSpec(head=head, tail=tail, max_chars=chars)
    )
    sizes = [block["text"] for block in shown]
    if chars is not None:
        assert sum(map(len, sizes)) <= chars
    if head is not None or tail is not None:
        assert found.lines <= (head or 0) + (tail or 0)
    assert found.total_chars == sum(map(len, texts))
    assert found.chars <= found.total_chars
