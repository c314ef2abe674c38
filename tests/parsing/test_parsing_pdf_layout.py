"""The structure that a PDF's page shows: reading order, headings, paragraphs, code, tables, running headers."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lorewright.core.records import Parsed
from lorewright.parsing.pdf import parse_pdf
from lorewright.text.spans import Locator

Make = Callable[..., bytes]

_PROSE = [
    "The pump lifts water from the lower basin into the tank above the",
    "valley, where it is kept until the mills below have need of it in",
    "the dry months of the year, and then runs down through two pipes.",
]


def _shown(parsed: Parsed) -> list[tuple[str, str]]:
    return [(block.kind, parsed.text[block.start : block.end]) for block in parsed.blocks]


def _headings(parsed: Parsed) -> list[tuple[int, str]]:
    return [(block.level, block.title) for block in parsed.blocks if block.kind == "heading"]


def test_a_word_divided_at_a_line_end_is_joined_and_a_compound_is_not(pdf_file: Make, column: Make) -> None:
    lines = ["A well-known sched-", "uler is well-", "known at UTF-", "8 only."]
    assert (
        parse_pdf(pdf_file([column(lines)])).text == "A well-known scheduler is well-known at UTF-\n8 only."
    )


def test_two_words_of_the_file_keep_the_hyphen_between_them(pdf_file: Make, column: Make) -> None:
    lines = ["It is typed statically, and statically-", "typed means that typed values are check-", "ed."]
    text = parse_pdf(pdf_file([column(lines)])).text
    assert "statically-typed means" in text
    assert text.endswith("checked.")


def test_ligatures_are_the_letters_they_stand_for(pdf_file: Make) -> None:
    ligatures = b"/Differences [1 /fi /fl /ff /ffi]"
    encoding = (
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Times-Roman /Encoding << /Type /Encoding %s >> >>"
        % ligatures
    )
    data = pdf_file(
        [b"BT /L 10 Tf 50 700 Td (e\x03ect, \x01le, \x02ow, o\x04ce) Tj ET"],
        more=[encoding],
        page_entries=b"/Resources << /Font << /L 10 0 R >> >>",
    )
    assert parse_pdf(data).text == "effect, file, flow, office"


def test_columns_that_the_file_holds_one_after_the_other_stay_so(pdf_file: Make, column: Make) -> None:
    left = [f"Left column line {number}" for number in range(5)]
    right = [f"Right column line {number}" for number in range(5)]
    text = parse_pdf(pdf_file([column(left) + column(right, x=320)])).text
    assert [line for line in text.split("\n") if line] == left + right


def test_columns_that_the_file_holds_line_by_line_are_read_one_after_the_other(
    pdf_file: Make, column: Make
) -> None:
    left = [f"The left column goes on in line number {number:02}" for number in range(12)]
    right = [f"The right column goes on in line number {number:02}" for number in range(12)]
    rows = b"".join(
        column([one], x=50, y=700 - 12 * number) + column([other], x=320, y=700 - 12 * number)
        for number, (one, other) in enumerate(zip(left, right, strict=True))
    )
    title = column(["A title that stands over both of the columns of this page"], x=120, y=740, size=14)
    text = parse_pdf(pdf_file([title + rows])).text
    lines = [line for line in text.split("\n") if line]
    assert lines[0].startswith("A title")
    assert lines[1:] == left + right


def test_the_cells_of_a_table_stay_in_their_rows(pdf_file: Make, column: Make) -> None:
    cells = [("Option", "Default", "What it sets"), ("interval", "5", "Seconds between two looks")]
    cells += [(f"option_{number}", str(number), f"The meaning of number {number}") for number in range(8)]
    rows = b"".join(
        column([cell], x=x, y=700 - 14 * number)
        for number, row in enumerate(cells)
        for cell, x in zip(row, (50, 200, 300), strict=True)
    )
    parsed = parse_pdf(pdf_file([column(["The options:"], y=730) + rows]))
    assert _shown(parsed) == [
        ("paragraph", "The options:"),
        ("table", "\n".join("  ".join(row) for row in cells)),
    ]


def test_running_headers_and_page_numbers_are_dropped_and_recorded(pdf_file: Make, column: Make) -> None:
    pages = [
        column([f"Pumps of the valley, chapter {number // 3 + 1}"], y=780, size=8)
        + column([f"Page {number} speaks of pump {number} and of the water", *_PROSE], y=700)
        + column([str(number)], x=300, y=20, size=8)
        for number in range(1, 7)
    ]
    parsed = parse_pdf(pdf_file(pages))
    assert "Pumps of the valley" not in parsed.text
    assert parsed.metadata["dropped"] == [
        {"what": "page number", "first": 1, "last": 6},
        {"what": "running header", "first": 1, "last": 6},
    ]
    assert _shown(parsed) == [
        ("paragraph", "\n".join([f"Page {number} speaks of pump {number} and of the water", *_PROSE]))
        for number in range(1, 7)
    ]


def test_pages_that_say_the_same_keep_their_text(pdf_file: Make, column: Make) -> None:
    parsed = parse_pdf(pdf_file([column(_PROSE)] * 6))
    assert [text for _, text in _shown(parsed)] == ["\n".join(_PROSE)] * 6


def test_chapters_that_differ_in_their_number_alone_keep_their_headings(pdf_file: Make, column: Make) -> None:
    pages = [column([f"Lesson {number}"], y=760, size=16) + column(_PROSE, y=700) for number in range(1, 6)]
    assert _headings(parse_pdf(pdf_file(pages))) == [(1, f"Lesson {number}") for number in range(1, 6)]


def test_a_running_line_that_names_each_page_anew_is_known_by_its_page_number(
    pdf_file: Make, column: Make
) -> None:
    names = ["Water", "Wind", "Valves", "Pipes", "Mills"]
    pages = [column(_PROSE) + column([f"{number} {name}"], y=30) for number, name in enumerate(names, 11)]
    parsed = parse_pdf(pdf_file(pages))
    assert parsed.text == "\n\n".join(["\n".join(_PROSE)] * 5)
    assert parsed.metadata["dropped"] == [{"what": "running footer", "first": 1, "last": 5}]


def test_a_line_that_two_pages_share_is_no_running_header(pdf_file: Make, column: Make) -> None:
    parsed = parse_pdf(pdf_file([column(["Warning", "of water."]), column(["Warning", "of fire."])]))
    assert parsed.text == "Warning\nof water.\n\nWarning\nof fire."
    assert "dropped" not in parsed.metadata


def test_text_in_the_margin_set_sideways_is_dropped_and_recorded(pdf_file: Make, column: Make) -> None:
    stamp = b"BT /F4 20 Tf 0 1 -1 0 30 200 Tm (arXiv:1234.5678v1 [cs.CL] 1 Jan 2024) Tj ET\n"
    parsed = parse_pdf(pdf_file([stamp + column(_PROSE, x=80)]))
    assert parsed.text == "\n".join(_PROSE)
    assert parsed.metadata["dropped"] == [{"what": "margin text", "first": 1, "last": 1}]


def test_text_set_sideways_inside_the_page_stays_apart_from_its_lines(pdf_file: Make, column: Make) -> None:
    label = b"BT /F1 10 Tf 0 1 -1 0 200 500 Tm (litres a second) Tj ET\n"
    parsed = parse_pdf(pdf_file([column(_PROSE) + label + column(_PROSE, y=400)]))
    prose = "\n".join(_PROSE)
    assert _shown(parsed) == [("paragraph", prose), ("other", "litres a second"), ("paragraph", prose)]


@pytest.mark.parametrize(
    ("turn", "matrix"), [(90, "0 1 -1 0 100 50"), (180, "-1 0 0 -1 550 100"), (270, "0 -1 1 0 400 750")]
)
def test_a_page_set_sideways_as_a_whole_is_read_like_any_other(
    pdf_file: Make, column: Make, turn: int, matrix: str
) -> None:
    shown = b"".join(b"(%s) Tj T*\n" % line.encode() for line in ["A heading", *_PROSE])
    content = b"BT /F1 10 Tf 12 TL %s Tm\n%s ET" % (matrix.encode(), shown)
    assert parse_pdf(pdf_file([content], rotate=turn)).text.split("\n") == ["A heading", *_PROSE]


def test_headings_have_levels_by_their_size(pdf_file: Make, column: Make) -> None:
    page = column(["Pumps"], y=760, size=20) + column(["How a pump is started"], y=720, size=14)
    page += column(_PROSE, y=690) + column(
        ["How a pump is stopped", "when it runs hot"], y=620, size=14, leading=16
    )
    page += column(_PROSE, y=570) + column(["Its valves"], y=510, font=2) + column(_PROSE, y=490)
    parsed = parse_pdf(pdf_file([page]))
    assert _headings(parsed) == [
        (1, "Pumps"),
        (2, "How a pump is started"),
        (2, "How a pump is stopped when it runs hot"),
        (3, "Its valves"),
    ]


def test_headings_have_the_levels_of_the_outline(pdf_file: Make, column: Make) -> None:
    pages = [
        column([f"{number}. Pump number {number}"], y=740, size=12, font=2) + column(_PROSE, y=700)
        for number in range(1, 4)
    ]
    data = pdf_file(pages, outline=[(f"Pump number {number}", number - 1) for number in range(1, 4)])
    assert _headings(parse_pdf(data)) == [(1, f"{number}. Pump number {number}") for number in range(1, 4)]


def test_a_bold_title_of_the_outline_is_divided_from_the_sentence_that_runs_on(
    pdf_file: Make, column: Make
) -> None:
    names = ["Valves", "Pipes", "Water mills"]
    pages = [
        b"BT 50 700 Td /F2 10 Tf (%s ) Tj /F1 10 Tf (are made of iron, as all the parts are that) Tj ET\n"
        % name.encode()
        + column(_PROSE[1:], y=688)
        for name in names
    ]
    parsed = parse_pdf(pdf_file(pages, outline=[(name, page) for page, name in enumerate(names)]))
    assert _headings(parsed) == [(1, name) for name in names]
    prose = "\n".join(["are made of iron, as all the parts are that", *_PROSE[1:]])
    assert [text for kind, text in _shown(parsed) if kind == "paragraph"] == [prose] * 3


def test_the_largest_heading_of_the_first_page_is_the_title_where_the_file_states_none(
    pdf_file: Make, column: Make
) -> None:
    first = column(["Pumps", "and what they lift"], y=760, size=20, leading=24) + column(_PROSE, y=690)
    second = column(["A chapter"], y=760, size=14) + column(_PROSE, y=690)
    assert parse_pdf(pdf_file([first, second])).title == "Pumps and what they lift"
    assert parse_pdf(pdf_file([second, first])).title == ""


def test_the_label_over_a_chapter_is_part_of_its_heading(pdf_file: Make, column: Make) -> None:
    page = column(["Chapter 3"], y=760, size=16) + column(["Pumps"], y=720, size=24) + column(_PROSE, y=690)
    assert _headings(parse_pdf(pdf_file([page]))) == [(1, "Chapter 3 Pumps")]


def test_a_large_first_letter_makes_no_heading(pdf_file: Make) -> None:
    content = b"BT /F1 30 Tf 50 700 Td (T) Tj /F1 10 Tf (he pump lifts water into the tank above.) Tj ET"
    assert [kind for kind, _ in _shown(parse_pdf(pdf_file([content])))] == ["paragraph"]


def test_a_paragraph_set_in_bold_or_large_is_no_heading(pdf_file: Make, column: Make) -> None:
    song = [f"Word {number} of a song" for number in range(9)]
    page = column(_PROSE * 3, font=2) + column(song, y=600, size=14, leading=17) + column(_PROSE * 9, y=400)
    assert _headings(parse_pdf(pdf_file([page]))) == []


def test_code_keeps_its_lines_spaces_and_indentation(pdf_file: Make, column: Make) -> None:
    code = ["def start(pump):", "    if pump.cold:", "        pump.heat()     # waits", "", "    return pump"]
    drawn = b"".join(
        column([line.strip()], x=60 + 6 * (len(line) - len(line.lstrip())), y=650 - 12 * number, font=3)
        for number, line in enumerate(code)
        if line
    )
    parsed = parse_pdf(pdf_file([column(_PROSE) + drawn + column(_PROSE, y=560)]))
    prose = "\n".join(_PROSE)
    assert _shown(parsed) == [("paragraph", prose), ("code", "\n".join(code)), ("paragraph", prose)]


def test_a_typewritten_file_is_prose(pdf_file: Make, column: Make) -> None:
    assert {kind for kind, _ in _shown(parse_pdf(pdf_file([column(_PROSE, font=3)])))} == {"paragraph"}


def test_a_short_line_that_ends_a_sentence_ends_its_paragraph(pdf_file: Make, column: Make) -> None:
    lines = ["A line that is as long as the column is wide", "ends here."]
    lines += ["Another line that is as long as the column", "goes on here."]
    assert _shown(parse_pdf(pdf_file([column(lines)]))) == [
        ("paragraph", "\n".join(lines[:2])),
        ("paragraph", "\n".join(lines[2:])),
    ]


def test_space_and_indentation_divide_paragraphs(pdf_file: Make, column: Make) -> None:
    page = (
        column(_PROSE)
        + column(_PROSE, y=700)
        + column([_PROSE[0][:-6]], x=65, y=664)
        + column(_PROSE[1:], y=652)
    )
    assert [len(text.split("\n")) for _, text in _shown(parse_pdf(pdf_file([page])))] == [3, 3, 3]


def test_items_are_one_list_with_their_further_lines(pdf_file: Make, column: Make) -> None:
    page = column(["Before you start:"], y=760) + column(
        ["\u2022 Open the lower valve, which is the red one"], x=60, y=740
    )
    page += (
        column(["beside the door."], x=68, y=728)
        + column(["\u2022 Wait."], x=60, y=716)
        + column(_PROSE, y=690)
    )
    assert [kind for kind, _ in _shown(parse_pdf(pdf_file([page])))] == ["paragraph", "list", "paragraph"]


def test_a_footnote_is_kept_with_its_number(pdf_file: Make, column: Make) -> None:
    note = b"BT /F1 6 Tf 50 63 Td (1) Tj /F1 8 Tf 0 -3 Td ( The older pump had three.) Tj ET\n"
    mark = b"BT /F1 10 Tf 50 700 Td (It has two pipes.) Tj /F1 6 Tf 4 Ts (1) Tj ET\n"
    text = parse_pdf(pdf_file([mark + column(_PROSE, y=680) + note])).text
    assert text.startswith("It has two pipes.")
    assert text.split("\n\n")[-1].replace(" ", "") == "1Theolderpumphadthree."


_WORDS = st.lists(st.text("abcdefghij", min_size=2, max_size=9), min_size=1, max_size=30)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(pages=st.lists(_WORDS, min_size=1, max_size=5), width=st.integers(1, 9))
def test_every_word_is_kept_and_maps_to_its_page(
    pdf_file: Make, column: Make, pages: list[list[str]], width: int
) -> None:
    tagged = [[f"p{number}{word}" for word in words] for number, words in enumerate(pages, 1)]
    contents = [
        column([" ".join(words[at : at + width]) for at in range(0, len(words), width)], size=9)
        for words in tagged
    ]
    parsed = parse_pdf(pdf_file(contents))
    places = Locator(parsed.source_map, parsed.text)
    assert parsed.text.split() == [word for words in tagged for word in words]
    at = 0
    for number, words in enumerate(tagged, 1):
        for word in words:
            at = parsed.text.index(word, at)
            assert places.place(at, at + len(word)).first == number
            at += len(word)
    assert all(parsed.text[block.start : block.end].strip() for block in parsed.blocks)
    assert all(one.end <= other.start for one, other in zip(parsed.blocks, parsed.blocks[1:], strict=False))
