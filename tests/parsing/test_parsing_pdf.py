import pytest

from lorewright.core.errors import ParseError
from lorewright.core.records import Document
from lorewright.parsing.dispatch import parse
from lorewright.parsing.placing import placed
from lorewright.text.spans import Locator


def _stream(content: bytes) -> bytes:
    return b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content)


def _column(lines: list[str], x: int) -> bytes:
    shown = b"".join(b"(%s) Tj T*\n" % line.encode("latin-1") for line in lines)
    return b"BT /F1 10 Tf 12 TL %d 750 Td\n%s ET\n" % (x, shown)


def _pdf(
    contents: list[bytes], *, title: str = "", trailer: bytes = b"", extra: list[bytes] | None = None
) -> bytes:
    """A PDF of one page a content stream, written by hand."""
    count = len(contents)
    kids = b" ".join(b"%d 0 R" % (4 + 2 * index) for index in range(count))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, count),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for index, content in enumerate(contents):
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents %d 0 R"
            b" /Resources << /Font << /F1 3 0 R >> >> >>" % (5 + 2 * index)
        )
        objects.append(_stream(content))
    objects.append(b"<< /Title (%s) >>" % title.encode())
    info = len(objects)
    objects += extra or []
    file = b"%PDF-1.4\n"
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(file))
        file += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(file)
    file += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    file += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    file += b"trailer << /Size %d /Root 1 0 R /Info %d 0 R %s >>\n" % (len(objects) + 1, info, trailer)
    return file + b"startxref\n%d\n%%%%EOF\n" % start


def _parse(data: bytes) -> Document:
    return placed(parse(data, kind="pdf"), source="s", path="papers/store.pdf")


_IMAGE = b"0.5 g 100 100 200 200 re f"


def test_each_page_is_text_with_its_number() -> None:
    document = _parse(
        _pdf(
            [_column(["First page."], 50), _IMAGE, _column(["Third page,", "second line."], 50)],
            title="Stores",
        )
    )
    assert document.text == "First page.\n\nThird page,\nsecond line."
    assert document.title == "Stores"
    assert document.metadata == {"pages": 3, "pages_without_text": [2]}
    places = Locator(document.source_map, document.text)
    assert [str(places.place(block.start, block.end)) for block in document.blocks] == ["p. 1", "p. 3"]


def test_without_a_title_the_file_name_is_one() -> None:
    assert _parse(_pdf([_column(["Words."], 50)])).title == "store"


def test_a_word_divided_at_a_line_end_is_joined_and_a_compound_is_not() -> None:
    lines = ["A well-known sched-", "uler is well-", "known at UTF-", "8 only."]
    assert _parse(_pdf([_column(lines, 50)])).text == "A well-known scheduler is well-known at UTF-\n8 only."


def test_two_columns_are_read_one_after_the_other() -> None:
    left = [f"Left column line {number}" for number in range(5)]
    right = [f"Right column line {number}" for number in range(5)]
    text = _parse(_pdf([_column(left, 50) + _column(right, 320)])).text
    assert text.split("\n") == left + right


def test_a_short_line_that_ends_a_sentence_ends_its_paragraph() -> None:
    lines = [
        "A line that is as long as the column is wide",
        "ends here.",
        "Another line that is as long as the column",
        "goes on here.",
    ]
    document = _parse(_pdf([_column(lines, 50)]))
    assert [document.text[block.start : block.end] for block in document.blocks] == [
        "A line that is as long as the column is wide\nends here.",
        "Another line that is as long as the column\ngoes on here.",
    ]


def test_images_alone_are_refused_with_a_way_out() -> None:
    with pytest.raises(ParseError, match="holds no text on its 2 pages") as caught:
        _parse(_pdf([_IMAGE, _IMAGE]))
    assert "OCR" in caught.value.hint


def test_an_encrypted_file_is_refused() -> None:
    encryption = b"<< /Filter /Standard /V 1 /R 2 /O <%s> /U <%s> /P -4 >>" % (b"41" * 32, b"42" * 32)
    data = _pdf([_column(["Secret."], 50)], trailer=b"/Encrypt 7 0 R /ID [<00> <00>]", extra=[encryption])
    with pytest.raises(ParseError, match=r"s/papers/store\.pdf is encrypted"):
        _parse(data)


@pytest.mark.parametrize("cut", [20, 200, 600, -30])
def test_a_file_that_is_cut_off_is_refused(cut: int) -> None:
    with pytest.raises(ParseError, match="cut off"):
        _parse(_pdf([_column([f"Line {number}" for number in range(40)], 50)])[:cut])


@pytest.mark.parametrize("data", [b"%PDF-1.4\nnonsense\n%%EOF\n", b"<html>%%EOF</html>", b"%PDF-1.7\n%%EOF"])
def test_a_broken_file_is_refused(data: bytes) -> None:
    with pytest.raises(ParseError, match="broken PDF"):
        _parse(data)


def test_fonts_without_meaning_are_refused() -> None:
    content = b"BT /F1 10 Tf 50 700 Td (%s) Tj ET" % bytes(range(1, 9)) * 10
    with pytest.raises(ParseError):
        _parse(_pdf([content]))
