"""Parts of documents are found by the lines or pages of their files, whatever the text was made into."""

import pytest

from lorewright.core.making import make_document
from lorewright.core.records import Document, SourceMap
from lorewright.stages.documents import last_place, part_of


def document(text: str, source_map: SourceMap) -> Document:
    return make_document(source="docs", path="a", kind="text", title="A", text=text, source_map=source_map)


PLAIN = document("one\ntwo\x0bstill two\n\nfour\n", SourceMap())
PAGES = document("p one\nmore\np two\np four", SourceMap(unit="page", offsets=(0, 11, 17), numbers=(1, 2, 4)))
# A paragraph of lines 3 to 5 became one line of text, and a heading of line 9 another.
JOINED = document("three four five\n# nine\n", SourceMap(offsets=(0, 6, 11, 16), numbers=(3, 4, 5, 9)))


@pytest.mark.parametrize(
    ("whole", "first", "last", "part"),
    [
        (PLAIN, 1, 1, "one"),
        (PLAIN, 2, 3, "two\x0bstill two\n"),
        (PLAIN, 4, 99, "four\n"),
        (PLAIN, 50, 99, ""),
        (PAGES, 1, 1, "p one\nmore"),
        (PAGES, 2, 3, "p two"),
        (PAGES, 3, 3, ""),
        (JOINED, 4, 4, "three four five"),
        (JOINED, 6, 8, ""),
        (JOINED, 5, 9, "three four five\n# nine"),
    ],
)
def test_a_part_is_the_lines_of_text_that_stand_there(
    whole: Document, first: int, last: int, part: str
) -> None:
    assert part_of(whole, first, last).rstrip("\n") == part.rstrip("\n")


@pytest.mark.parametrize(("whole", "last"), [(PLAIN, 4), (PAGES, 4), (JOINED, 9)])
def test_the_last_place_is_the_last_line_or_page_of_the_file(whole: Document, last: int) -> None:
    assert last_place(whole) == last
