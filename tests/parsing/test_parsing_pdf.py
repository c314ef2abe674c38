"""Which PDFs are read, and which are refused with which reason."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lorewright.core.errors import ParseError
from lorewright.parsing.dispatch import parse
from lorewright.parsing.pdf import parse_pdf
from lorewright.parsing.placing import placed
from lorewright.text.spans import Locator

Make = Callable[..., bytes]
_IMAGE = b"0.5 g 100 100 200 200 re f"


def test_each_page_is_text_with_its_number_and_pages_of_images_are_listed(
    pdf_file: Make, column: Make
) -> None:
    parsed = parse_pdf(
        pdf_file([column(["First page."]), _IMAGE, column(["Third page,", "second line."])], title="Stores")
    )
    assert parsed.text == "First page.\n\nThird page,\nsecond line."
    assert parsed.title == "Stores"
    assert parsed.metadata == {"pages": 3, "pages_without_text": [2]}
    places = Locator(parsed.source_map, parsed.text)
    assert [str(places.place(block.start, block.end)) for block in parsed.blocks] == ["p. 1", "p. 3"]


def test_without_a_title_the_file_name_is_one(pdf_file: Make, column: Make) -> None:
    parsed = parse(pdf_file([column(["Words."])]), kind="pdf")
    assert placed(parsed, source="s", path="papers/store.pdf").title == "store"


@pytest.mark.parametrize("title", ["Microsoft Word - store.doc", "store.dvi", "untitled"])
def test_a_title_that_a_program_made_is_none(pdf_file: Make, column: Make, title: str) -> None:
    assert parse_pdf(pdf_file([column(["Words."])], title=title)).title == ""


def test_images_alone_are_refused_with_a_way_out(pdf_file: Make) -> None:
    with pytest.raises(ParseError, match="holds no text on its 2 pages") as caught:
        parse_pdf(pdf_file([_IMAGE, _IMAGE]))
    assert "OCR" in caught.value.hint


def test_a_file_that_needs_a_password_is_refused(pdf_file: Make, column: Make) -> None:
    with pytest.raises(ParseError, match="the file is encrypted"):
        parse_pdf(pdf_file([column(["Secret."])], user_password="open"))


def test_a_file_that_only_its_owner_may_change_is_read(pdf_file: Make, column: Make) -> None:
    data = pdf_file([column(["Open to all readers."])], user_password="")
    assert b"Open to all" not in data
    assert parse_pdf(data).text == "Open to all readers."


def test_a_file_without_pages_is_refused_for_that_even_after_an_encrypted_one(pdf_file: Make) -> None:
    with pytest.raises(ParseError, match="encrypted"):
        parse_pdf(pdf_file([_IMAGE], user_password="open"))
    with pytest.raises(ParseError, match="without pages"):
        parse_pdf(pdf_file([]))


@pytest.mark.parametrize("data", [b"<html>%%EOF</html>", b"PK\x03\x04%%EOF", b"\x00" * 3000])
def test_a_file_that_is_no_pdf_is_refused(data: bytes) -> None:
    with pytest.raises(ParseError, match="no PDF"):
        parse_pdf(data)


@pytest.mark.parametrize("data", [b"%PDF-1.4\nnonsense\n%%EOF\n", b"%PDF-1.7\n%%EOF"])
def test_a_broken_file_is_refused(data: bytes) -> None:
    with pytest.raises(ParseError, match="broken PDF"):
        parse_pdf(data)


def test_a_page_that_cannot_be_read_is_named(pdf_file: Make, column: Make) -> None:
    data = pdf_file([column(["One."]), column(["Two."])])
    with pytest.raises(ParseError, match="page 2"):
        parse_pdf(data.replace(b"/Kids [8 0 R 10 0 R]", b"/Kids [8 0 R 99 0 R]"))


@pytest.mark.parametrize("cut", [20, 200, 600, -30])
def test_a_file_that_is_cut_off_is_refused(pdf_file: Make, column: Make, cut: int) -> None:
    with pytest.raises(ParseError, match="cut off"):
        parse_pdf(pdf_file([column([f"Line {number}" for number in range(40)])])[:cut])


def test_a_linearized_file_that_is_cut_after_its_first_part_is_refused(pdf_file: Make, column: Make) -> None:
    data = pdf_file([column(["Words."])]).replace(b"%PDF-1.4\n", b"%PDF-1.4\n<< /Linearized 1 /L 123456 >>\n")
    with pytest.raises(ParseError, match="of 123,456 bytes"):
        parse_pdf(data)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(change=st.data())
def test_a_damaged_file_is_text_or_a_reason_never_a_crash_or_nothing(
    pdf_file: Make, column: Make, change: st.DataObject
) -> None:
    data = pdf_file([column([f"Line {number} of {page}" for number in range(20)]) for page in range(3)])
    start = change.draw(st.integers(0, len(data)))
    end = change.draw(st.integers(start, len(data)))
    filling = change.draw(st.binary(max_size=20))
    try:
        parsed = parse_pdf(data[:start] + filling + data[end:])
    except ParseError:
        return
    assert parsed.text.strip()
    assert parsed.blocks


@pytest.mark.parametrize("number", [b"0", b"-1", b"1e9", b"99999999999", b"0.00001", b"9" * 40])
def test_numbers_beyond_any_page_do_no_harm(pdf_file: Make, column: Make, number: bytes) -> None:
    for place in (b"Tf", b"TL", b"Td"):
        content = column(["def start(pump):", "return  pump"], font=3).replace(
            b" " + place, b" " + number + b" " + place
        )
        parsed = parse_pdf(pdf_file([column(["Words."]), content]))
        assert parsed.text.startswith("Words.")


def test_bytes_that_stand_for_nothing_are_refused(pdf_file: Make) -> None:
    with pytest.raises(ParseError):
        parse_pdf(pdf_file([b"BT /F1 10 Tf 50 700 Td (%s) Tj ET" % bytes(range(1, 9)) * 10]))


def test_a_font_that_does_not_say_what_it_shows_is_refused(pdf_file: Make) -> None:
    glyph = b"<< /Length 27 >>\nstream\n500 0 0 0 400 400 d1 0 0 9 9 re f\nendstream"
    names = b" ".join(b"/g%d" % code for code in range(33, 48))
    font = (
        b"<< /Type /Font /Subtype /Type3 /FontBBox [0 0 500 500] /FontMatrix [0.001 0 0 0.001 0 0] /FirstChar 33"
        b" /LastChar 47 /Widths [%s] /Encoding << /Differences [33 %s] >> /CharProcs << %s >> >>"
    ) % (b"500 " * 15, names, b" ".join(b"/g%d 10 0 R" % code for code in range(33, 48)))
    content = b"BT /T3 10 Tf 50 700 Td (!#$%&'*+,-.!#$%&'*+,-.) Tj ET"
    data = pdf_file([content], more=[glyph, font], page_entries=b"/Resources << /Font << /T3 11 0 R >> >>")
    with pytest.raises(ParseError, match="no meaning"):
        parse_pdf(data)


def test_what_a_form_holds_is_text(pdf_file: Make, column: Make) -> None:
    shown = b"BT /F1 10 Tf 2 4 Td (Filled by hand) Tj ET"
    appearance = (
        b"<< /Type /XObject /Subtype /Form /BBox [0 0 100 20] /Resources << /Font << /F1 4 0 R >> >> /Length %d >>"
        b"\nstream\n%s\nendstream"
    ) % (len(shown), shown)
    field = (
        b"<< /Type /Annot /Subtype /Widget /FT /Tx /T (name) /V (Filled by hand) /Rect [50 600 150 620] /F 4"
        b" /AP << /N 10 0 R >> >>"
    )
    data = pdf_file(
        [column(["Name:"])],
        more=[appearance, field],
        catalog=b"/AcroForm << /Fields [11 0 R] >>",
        page_entries=b"/Annots [11 0 R]",
    )
    assert parse_pdf(data).text == "Name:\n\nFilled by hand"
