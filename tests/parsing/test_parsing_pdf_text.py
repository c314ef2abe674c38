"""PDF without structure: all text, page by page, in the file's own order."""

from collections.abc import Callable

import pytest

from lorewright.core.errors import ParseError
from lorewright.parsing.dispatch import parse
from lorewright.text.spans import Locator

Make = Callable[..., bytes]


def test_each_page_keeps_its_words_in_order_and_its_number(pdf_file: Make, column: Make) -> None:
    pages = [column([f"Page {number} begins here.", "And ends."]) for number in (1, 2)]
    parsed = parse(pdf_file([pages[0], b"", pages[1]], title="Pumps"), kind="pdf-text")
    assert (parsed.kind, parsed.title) == ("pdf", "Pumps")
    assert parsed.text == "Page 1 begins here.\nAnd ends.\n\nPage 2 begins here.\nAnd ends."
    assert parsed.metadata == {"pages": 3, "pages_without_text": [2]}
    locator = Locator(parsed.source_map, parsed.text)
    assert [locator.place(block.start, block.end).first for block in parsed.blocks] == [1, 3]


def test_running_headers_stay(pdf_file: Make, column: Make) -> None:
    pages = [column(["The Handbook"], y=780) + column([f"Words {number}."]) for number in range(6)]
    assert parse(pdf_file(pages), kind="pdf-text").text.count("The Handbook") == 6


def test_what_the_full_parser_refuses_is_refused(pdf_file: Make, column: Make) -> None:
    words = column(["Words."])
    for data, reason in (
        (pdf_file([b""]), "they are images"),
        (pdf_file([words], user_password="word"), "is encrypted"),
        (pdf_file([words])[:-20], "is cut off"),
        (b"words", "is no PDF"),
    ):
        with pytest.raises(ParseError, match=reason):
            parse(data, kind="pdf-text")
