import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lorewright.core.records import SourceMap
from lorewright.text.spans import Locator, find_quote, place


def test_lines_are_counted_from_the_last_point_of_the_map() -> None:
    text = "one\ntwo\nsix\nseven\n"
    source_map = SourceMap(offsets=(0, 8), numbers=(1, 6))
    assert str(place(source_map, text, 0, 3)) == "1"
    assert str(place(source_map, text, 4, 7)) == "2"
    assert str(place(source_map, text, 8, 17)) == "6-7"
    assert str(place(source_map, text, 0, len(text))) == "1-7"


def test_a_trailing_newline_belongs_to_its_own_line() -> None:
    assert str(place(SourceMap(), "a\nb\n", 0, 2)) == "1"


def test_pages_hold_until_the_next_point() -> None:
    source_map = SourceMap(unit="page", offsets=(0, 10), numbers=(1, 3))
    text = "a\nb\nc\nd\n  third page"
    assert str(place(source_map, text, 0, 8)) == "p. 1"
    assert str(place(source_map, text, 2, 12)) == "p. 1-3"


def test_a_stretch_that_was_moved_covers_all_its_lines() -> None:
    source_map = SourceMap(offsets=(0, 2, 4), numbers=(5, 9, 2))
    assert str(place(source_map, "a\nb\nc\n", 0, 6)) == "2-9"


@settings(deadline=None)
@given(st.text(alphabet="ab\n", max_size=40), st.data())
def test_the_identity_map_numbers_lines_like_a_person(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, max(0, len(text) - 1)))
    end = data.draw(st.integers(start, len(text)))
    found = Locator(SourceMap(), text).place(start, end)
    assert found.first == text.count("\n", 0, start) + 1
    assert found.last == text.count("\n", 0, max(start, end - 1)) + 1


@pytest.mark.parametrize(
    ("quote", "expected"),
    [
        ("set  retries", (0, 12)),
        ("set retries", (0, 12)),
        ("retries on\nthe task", (5, 24)),
        ("task", (20, 24)),
        ("never said", None),
        ("set.*retries", None),
        (" \n", None),
    ],
)
def test_a_quote_is_found_whatever_the_whitespace(quote: str, expected: tuple[int, int] | None) -> None:
    assert find_quote("set  retries on the task", quote) == expected
