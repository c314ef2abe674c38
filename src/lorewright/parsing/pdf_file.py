"""PDF files as such: opened, or refused with the reason."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from lorewright.core.errors import ParseError

CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_PASSWORD_ERROR = 4
_HEAD_BYTES = 1024
_TAIL_BYTES = 2048
_LINEARIZED = re.compile(rb"/Linearized\b[^>]{0,200}?/L\s+(\d+)")
_UNREADABLE = re.compile("[\ufffd\ue000-\uf8ff\x01-\x08\x0b\x0e-\x1f]")
_MOST_UNREADABLE = 0.2
_NO_TITLE = re.compile(
    r"untitled|title|powerpoint.*|microsoft word.*|.*\.(?:docx?|tex|dvi|ps|pdf|indd|qxd|pptx?|odt|rtf|fm|xlsx?)",
    re.IGNORECASE,
)


@contextmanager
def opened(data: bytes) -> Iterator[Any]:
    """Open a PDF for the block; yields pypdfium2's document.

    Raises:
        ParseError: The file is no PDF, cut off, encrypted, broken, or has no pages.
    """
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
        yield file
    finally:
        file.close()


def stated_title(file: Any) -> str:
    """Return the title that a file's properties state; empty for one that a program made up."""
    title = str(file.get_metadata_value("Title")).strip()
    return "" if _NO_TITLE.fullmatch(title) else title


def refuse_images(text: str, pages: int) -> None:
    """Refuse a file without text.

    Raises:
        ParseError: There is none.
    """
    if not text.strip():
        raise ParseError(
            f"the file holds no text on its {pages} pages: they are images",
            hint="recognise its text first (OCR)",
        )


def refuse_unreadable(text: str, *, more: int = 0) -> None:
    """Refuse a text most of whose characters only the file's own fonts can show.

    Args:
        text: All of the file's.
        more: How many characters are known to be such, besides those that show it.

    Raises:
        ParseError: They are too many.
    """
    strange = len(_UNREADABLE.findall(text)) + more
    if strange > _MOST_UNREADABLE * len(text):
        raise ParseError(
            f"{min(1, strange / len(text)):.0%} of the file's characters have no meaning outside its own fonts",
            hint="recognise its text from the pages as images (OCR)",
        )


def _check_ends(data: bytes) -> None:
    if b"%PDF-" not in data[:_HEAD_BYTES]:
        raise ParseError("the file is no PDF: it does not begin with %PDF-")
    if b"%%EOF" not in data[-_TAIL_BYTES:]:
        raise ParseError("the file is cut off: its last line is not %%EOF")
    promised = _LINEARIZED.search(data[:_HEAD_BYTES])
    if promised and int(promised[1]) > len(data):
        raise ParseError(f"the file is cut off: {len(data):,} of {int(promised[1]):,} bytes are there")
