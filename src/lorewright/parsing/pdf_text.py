"""PDF without structure: the text of each page as the file holds it, in less than half the time."""

import re
from collections.abc import Iterator
from typing import Any

from lorewright.core.errors import ParseError
from lorewright.core.records import Parsed, SourceMap
from lorewright.parsing.pdf_file import CONTROL, opened, refuse_images, refuse_unreadable, stated_title
from lorewright.parsing.plain import paragraphs

# PDFium's own mark of a hyphen at a line end, which stands for the end too.
_SOFT_HYPHEN = re.compile("[\x02\u00ad\ufffe]\r?\n?")


def parse_pdf_text(data: bytes) -> Parsed:
    """Return the text of a PDF page by page, words that hyphens divide joined; its source map counts pages.

    Nothing is dropped or put in another order, and there are no headings: for archives whose text matters and whose
    layout does not. `metadata` is as `parse_pdf` gives it.

    Raises:
        ParseError: As of `parse_pdf`.
    """
    with opened(data) as file:
        pages = [_cleaned(page) for page in _texts(file)]
        title = stated_title(file)
    text = "\n\n".join(page for page in pages if page)
    refuse_images(text, len(pages))
    refuse_unreadable(text)
    offsets, numbers, position = [], [], 0
    for number, page in enumerate(pages, 1):
        if page:
            offsets.append(position)
            numbers.append(number)
            position += len(page) + 2
    silent = [number for number, page in enumerate(pages, 1) if not page]
    return Parsed(
        kind="pdf",
        title=title,
        text=text,
        source_map=SourceMap(unit="page", offsets=tuple(offsets), numbers=tuple(numbers)),
        blocks=paragraphs(text),
        metadata={"pages": len(pages), **({"pages_without_text": silent} if silent else {})},
    )


def _texts(file: Any) -> Iterator[str]:
    from pypdfium2 import PdfiumError

    for index in range(len(file)):
        try:
            page = file[index]
            words = page.get_textpage()
            yield words.get_text_range()
            words.close()
            page.close()
        except PdfiumError as error:
            raise ParseError(f"the file is a broken PDF: its page {index + 1} cannot be read") from error


def _cleaned(page: str) -> str:
    text = _SOFT_HYPHEN.sub("", page).replace("\r\n", "\n").replace("\r", "\n")
    return CONTROL.sub("", text).strip()
