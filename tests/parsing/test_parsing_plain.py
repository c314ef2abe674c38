import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lorewright.parsing.log import parse_log
from lorewright.parsing.placing import placed
from lorewright.parsing.plain import paragraphs, parse_plain


@settings(deadline=None)
@given(st.text(alphabet="a \t\n\x0c\u2028", max_size=40))
def test_paragraphs_hold_every_word_and_no_blank_line(text: str) -> None:
    blocks = paragraphs(text)
    rest = list(text)
    for block in blocks:
        piece = text[block.start : block.end]
        assert piece == piece.strip()
        assert all(line.strip() for line in piece.split("\n"))
        rest[block.start : block.end] = " " * (block.end - block.start)
    assert not "".join(rest).strip()


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Release notes\n\nMore words.", "Release notes"),
        ("\n  Release notes\n=====\nMore words.", "Release notes"),
        ("Words that go on\nand on.", "notes.txt"),
        ("A sentence.\n\nMore.", "notes.txt"),
        ("word " * 30 + "\n\nMore.", "notes.txt"),
    ],
)
def test_the_first_line_is_the_title_when_it_reads_like_one(text: str, title: str) -> None:
    assert placed(parse_plain(text), source="s", path="docs/notes.txt").title == title


def test_a_log_is_called_by_its_path_and_is_no_prose() -> None:
    document = placed(parse_log("INFO a\nINFO b\n\nINFO c\n"), source="s", path="dag/1.log")
    assert document.title == "dag/1.log"
    assert [(block.kind, document.text[block.start : block.end]) for block in document.blocks] == [
        ("other", "INFO a"),
        ("other", "INFO b"),
        ("other", "INFO c"),
    ]
