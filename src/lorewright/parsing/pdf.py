"""PDF: its text in reading order with headings, paragraphs, lists, tables and code; the source map counts pages."""

import re
from collections.abc import Iterator
from typing import Any

from lorewright.core.errors import ParseError
from lorewright.core.records import Block, Parsed, SourceMap
from lorewright.parsing.pdf_blocks import Part, in_rows, page_parts, setting_of
from lorewright.parsing.pdf_columns import in_reading_order
from lorewright.parsing.pdf_file import CONTROL, opened, refuse_images, refuse_unreadable, stated_title
from lorewright.parsing.pdf_headings import Outline, find_headings, read_outline, title_of
from lorewright.parsing.pdf_hyphens import Spelling
from lorewright.parsing.pdf_lines import LineReader, PageLines
from lorewright.parsing.pdf_margins import without_margins

_LETTER = re.compile(r"[^\W\d_]")
_VOWEL = re.compile("[aeiouy\u00e0-\u00fd]", re.IGNORECASE)
_FEWEST_LETTERS = 0.4
_FEWEST_VOWELS = 0.15


def parse_pdf(data: bytes) -> Parsed:
    """Return the text and structure of a PDF; its source map counts pages.

    `metadata["pages"]` is their number, `metadata["pages_without_text"]` lists those that are images or empty, and
    `metadata["dropped"]` says from which pages running headers, footers and page numbers were taken.

    Raises:
        ParseError: The file is encrypted, broken or cut off, has no pages, holds only images, or its fonts do not say
            which characters they show.
    """
    pages, title, outline = _read(data)
    _check(pages)
    setting = setting_of([page.lines for page in pages])
    dropped = without_margins(pages, outline=outline, body_size=setting.body_size)
    for page in pages:
        page.lines = in_rows(in_reading_order(page.lines))
    headings = find_headings(pages, outline=outline, body_size=setting.body_size, leading=setting.leading)
    spelling = Spelling(line for page in pages for line in page.lines)
    parts = {
        page.number: page_parts(page.lines, headings[page.number], setting=setting, spelling=spelling)
        for page in pages
    }
    return _laid_out(parts, title=title or title_of(headings, body_size=setting.body_size), dropped=dropped)


def _read(data: bytes) -> tuple[list[PageLines], str, Outline]:
    with opened(data) as file:
        return list(_pages(file)), stated_title(file), read_outline(file)


def _pages(file: Any) -> Iterator[PageLines]:
    from pypdfium2 import raw

    reader = LineReader()
    is_form = raw.FPDF_GetFormType(file.raw) != raw.FORMTYPE_NONE
    for index in range(len(file)):
        page = raw.FPDF_LoadPage(file.raw, index)
        if page and is_form:
            page = _with_fields(file, page, index)
        words = raw.FPDFText_LoadPage(page) if page else None
        try:
            if not words:
                raise ParseError(f"the file is a broken PDF: its page {index + 1} cannot be read")
            yield reader.read(words, index + 1)
        finally:
            if words:
                raw.FPDFText_ClosePage(words)
            if page:
                raw.FPDF_ClosePage(page)


def _with_fields(file: Any, page: Any, index: int) -> Any:
    """Return a form's page with what its fields hold as text of the page."""
    from pypdfium2 import raw

    changed = raw.FPDFPage_Flatten(page, raw.FLAT_NORMALDISPLAY) == raw.FLATTEN_SUCCESS
    if not changed:
        return page
    raw.FPDF_ClosePage(page)
    return raw.FPDF_LoadPage(file.raw, index)


def _check(pages: list[PageLines]) -> None:
    lines = [line for page in pages for line in page.lines]
    text = "".join(line.text for line in lines)
    refuse_images(text, len(pages))
    unmapped = "".join(line.text for line in lines if not line.mapped)
    refuse_unreadable(text, more=0 if _reads_as_words(unmapped) else len(unmapped))


def _reads_as_words(text: str) -> bool:
    """Whether characters that a font does not explain are what they seem: letters, as many vowels as words have."""
    letters = len(_LETTER.findall(text))
    vowels = len(_VOWEL.findall(text))
    return letters >= _FEWEST_LETTERS * len(text) and vowels >= _FEWEST_VOWELS * letters


def _laid_out(parts: dict[int, list[Part]], *, title: str, dropped: list[dict[str, str | int]]) -> Parsed:
    """Put the parts of all pages one after the other, a blank line between two."""
    texts: list[str] = []
    blocks: list[Block] = []
    offsets: list[int] = []
    numbers: list[int] = []
    position = 0
    for number, page in parts.items():
        for part in page:
            text = CONTROL.sub("", part.text)
            if not text.strip():
                continue
            if not numbers or numbers[-1] != number:
                offsets.append(position)
                numbers.append(number)
            end = position + len(text)
            blocks.append(
                Block(
                    kind=part.kind, start=position, end=end, level=part.level, title=part.title, body=position
                )
            )
            texts.append(text)
            position = end + 2
    metadata: dict[str, Any] = {"pages": len(parts)}
    silent = [number for number in parts if number not in set(numbers)]
    if silent:
        metadata["pages_without_text"] = silent
    if dropped:
        metadata["dropped"] = dropped
    return Parsed(
        kind="pdf",
        title=title,
        text="\n\n".join(texts),
        source_map=SourceMap(unit="page", offsets=tuple(offsets), numbers=tuple(numbers)),
        blocks=tuple(blocks),
        metadata=metadata,
    )
