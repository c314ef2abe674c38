"""PDF: its text in reading order with headings, paragraphs, lists, tables and code; the source map counts pages."""

import re
from collections.abc import Iterator
from typing import Any

from lorewright.core.errors import ParseError
from lorewright.core.records import Block, Parsed, SourceMap
from lorewright.parsing.pdf_blocks import Part, in_rows, page_parts, setting_of
from lorewright.parsing.pdf_columns import in_reading_order
from lorewright.parsing.pdf_headings import Outline, find_headings, read_outline, title_of
from lorewright.parsing.pdf_hyphens import Spelling
from lorewright.parsing.pdf_lines import LineReader, PageLines
from lorewright.parsing.pdf_margins import without_margins

_PASSWORD_ERROR = 4
_HEAD_BYTES = 1024
_TAIL_BYTES = 2048
_LINEARIZED = re.compile(rb"/Linearized\b[^>]{0,200}?/L\s+(\d+)")
_UNREADABLE = re.compile("[\ufffd\ue000-\uf8ff\x01-\x08\x0b\x0e-\x1f]")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_MOST_UNREADABLE = 0.2
_LETTER = re.compile(r"[^\W\d_]")
_VOWEL = re.compile("[aeiouy\u00e0-\u00fd]", re.IGNORECASE)
_FEWEST_LETTERS = 0.4
_FEWEST_VOWELS = 0.15
_NO_TITLE = re.compile(
    r"untitled|title|powerpoint.*|microsoft word.*|.*\.(?:docx?|tex|dvi|ps|pdf|indd|qxd|pptx?|odt|rtf|fm|xlsx?)",
    re.IGNORECASE,
)


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
    title = "" if _NO_TITLE.fullmatch(title) else title
    return _laid_out(parts, title=title or title_of(headings, body_size=setting.body_size), dropped=dropped)


def _read(data: bytes) -> tuple[list[PageLines], str, Outline]:
    from pypdfium2 import PdfDocument, PdfiumError

    _check_ends(data)
    try:
        file = PdfDocument(data)
    except PdfiumError as error:
        # PDFium keeps the code of an earlier file's error where it has none for this one's.
        if error.err_code == _PASSWORD_ERROR and b"/Encrypt" in data:
            raise ParseError("the file is encrypted", hint="save a copy without a password") from error
        raise ParseError("the file is a broken PDF, or one without pages") from error
    try:
        return list(_pages(file)), str(file.get_metadata_value("Title")).strip(), read_outline(file)
    finally:
        file.close()


def _check_ends(data: bytes) -> None:
    if b"%PDF-" not in data[:_HEAD_BYTES]:
        raise ParseError("the file is no PDF: it does not begin with %PDF-")
    if b"%%EOF" not in data[-_TAIL_BYTES:]:
        raise ParseError("the file is cut off: its last line is not %%EOF")
    promised = _LINEARIZED.search(data[:_HEAD_BYTES])
    if promised and int(promised[1]) > len(data):
        raise ParseError(f"the file is cut off: {len(data):,} of {int(promised[1]):,} bytes are there")


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
    if not text:
        raise ParseError(
            f"the file holds no text on its {len(pages)} pages: they are images",
            hint="recognise its text first (OCR)",
        )
    unmapped = "".join(line.text for line in lines if not line.mapped)
    strange = len(_UNREADABLE.findall(text)) + (0 if _reads_as_words(unmapped) else len(unmapped))
    if strange > _MOST_UNREADABLE * len(text):
        raise ParseError(
            f"{min(1, strange / len(text)):.0%} of the file's characters have no meaning outside its own fonts",
            hint="recognise its text from the pages as images (OCR)",
        )


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
            text = _CONTROL.sub("", part.text)
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
