"""Server-sent events, whatever their spelling and however the bytes are cut."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lorewright.llm.event_stream import event_data


@pytest.mark.parametrize(
    ("stream", "events"),
    [
        ("data: a\n\ndata: b\n\n", ["a", "b"]),
        ("data: a\r\n\r\ndata: b\r\n\r\n", ["a", "b"]),
        ("data: a\r\rdata: b\r\r", ["a", "b"]),
        ("data:a\n\n", ["a"]),
        ("data:  a\n\n", [" a"]),
        ('data: {"x":\ndata: 1}\n\n', ['{"x":\n1}']),
        (": hello\n\n: ping\ndata: a\n: pong\n\n", ["a"]),
        ("event: message\nid: 7\nretry: 5\ndata: a\n\n", ["a"]),
        ("\ufeffdata: a\n\n", ["a"]),
        ("data: a\u2028b\x85c\x0bd\n\n", ["a\u2028b\x85c\x0bd"]),
        ("data\n\ndata:\n\n\n\ndata: a\n\n", ["a"]),
        ("data: a\n\ndata: broken off\n", ["a"]),
        ("data: a\n\ndata: broken o", ["a"]),
        ("", []),
    ],
)
def test_events_are_read_as_the_standard_says(stream: str, events: list[str]) -> None:
    assert list(event_data([stream.encode()])) == events
    assert list(event_data(bytes([byte]) for byte in stream.encode())) == events


LINES = st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), min_size=1, max_size=8)


@given(
    texts=st.lists(st.lists(LINES, min_size=1, max_size=3), max_size=5),
    end=st.sampled_from(["\n", "\r", "\r\n"]),
    cuts=st.lists(st.integers(0, 200), max_size=6),
)
def test_no_cut_of_the_bytes_changes_the_events(texts: list[list[str]], end: str, cuts: list[int]) -> None:
    whole = "".join("".join(f"data: {line}{end}" for line in lines) + end for lines in texts).encode()
    places = [0, *sorted(cuts), len(whole)]
    pieces = [whole[first:last] for first, last in pairwise(places)]
    assert list(event_data(pieces)) == ["\n".join(lines) for lines in texts]
