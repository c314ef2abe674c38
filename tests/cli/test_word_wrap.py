"""Streamed text is broken between words, the same however it was cut into pieces."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lorewright.cli.word_wrap import WordWrap


def wrapped(text: str, width: int | None, size: int = 1) -> str:
    wrap = WordWrap(width)
    return "".join(wrap.feed(text[at : at + size]) for at in range(0, len(text), size)) + wrap.end()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("one two three four", "one two\nthree four"),
        ("one two   three\nfour", "one two\nthree\nfour"),
        ("\n\n  one\n\n", "  one"),
        ("see http://example.org/long end", "see\nhttp://example.org/long end"),
        ("```\na long line of code\n```\nnow three words", "```\na long line of code\n```\nnow three\nwords"),
        ("漢字漢字漢字漢字", "漢字漢字漢\n字漢字"),
    ],
)
def test_lines_end_between_words_and_code_stays(text: str, expected: str) -> None:
    assert wrapped(text, 10) == expected


def test_a_word_is_printed_when_it_is_whole() -> None:
    wrap = WordWrap(20)
    assert [wrap.feed(piece) for piece in ("Wo", "rd ne", "xt.", "\n")] == ["", "Word", "", " next."]
    assert wrap.end() == ""


@given(st.text(alphabet="ab 漢\n`", max_size=60), st.sampled_from([None, 4, 9]))
def test_pieces_do_not_matter_and_nothing_but_white_space_changes(text: str, width: int | None) -> None:
    whole = wrapped(text, width, size=1000)
    assert wrapped(text, width) == whole
    assert "".join(whole.split()) == "".join(text.split())
    if width is None:
        assert whole == text.lstrip("\n").rstrip()
