"""PDF: the text of each page, lines that hyphens divided joined again."""

import re
from typing import Any

from lorewright.core.errors import ParseError
from lorewright.core.records import Block, Parsed, SourceMap
from lorewright.parsing.plain import paragraphs

_PASSWORD_ERROR = 4
# PDFium's own mark of a hyphen at a line end, which stands for the end too.
_SOFT_HYPHEN = re.compile("[\x02\u00ad\ufffe]\n?")
_LINE_HYPHEN = re.compile(r"(\w+)-\n([a-z\u00df-\u00f6\u00f8-\u00ff]\w*)")
_UNREADABLE = re.compile("[\ufffd\ue000-\uf8ff\x01-\x08\x0e-\x1f]")
_MOST_UNREADABLE = 0.2
_SHORT_LINE = 0.75
_ENDING = (".", "!", "?", ":", "\u3002")


def parse_pdf(data: bytes) -> Parsed:
    """Return the text of a PDF; its source map counts pages.

    `metadata["pages"]` is their number, `metadata["pages_without_text"]` lists those that are images or empty.

    Raises:
        ParseError: The file is encrypted, broken or cut off, holds only images, or its fonts do not say which
            characters they show.
    """
    pages, title = _pages(data)
    readable = [_clean(page) for page in pages]
    silent = [number for number, page in enumerate(readable, 1) if not page]
    if len(silent) == len(pages):
        raise ParseError(
            f"the file holds no text on its {len(pages)} pages: they are images",
            hint="recognise its text first (OCR)",
        )
    text = "\n\n".join(page for page in readable if page)
    strange = len(_UNREADABLE.findall(text)) / len(text)
    if strange > _MOST_UNREADABLE:
        raise ParseError(f"{strange:.0%} of the file's characters have no meaning outside its own fonts")
    offsets, numbers, blocks = _layout(readable)
    metadata: dict[str, Any] = {"pages": len(pages)}
    if silent:
        metadata["pages_without_text"] = silent
    return Parsed(
        kind="pdf",
        title=title,
        text=text,
        source_map=SourceMap(unit="page", offsets=offsets, numbers=numbers),
        blocks=blocks,
        metadata=metadata,
    )


def _pages(data: bytes) -> tuple[list[str], str]:
    from pypdfium2 import PdfDocument, PdfiumError

    if b"%%EOF" not in data[-2048:]:
        raise ParseError("the file is no PDF or is cut off: its last line is not %%EOF")
    try:
        file = PdfDocument(data)
    except PdfiumError as error:
        if error.err_code == _PASSWORD_ERROR:
            raise ParseError("the file is encrypted", hint="save a copy without a password") from error
        raise ParseError(f"the file is a broken PDF: {error}") from error
    try:
        pages = []
        for page in file:
            words = page.get_textpage()
            pages.append(words.get_text_range())
            words.close()
            page.close()
        return pages, str(file.get_metadata_value("Title")).strip()
    except PdfiumError as error:
        raise ParseError(f"the file is a broken PDF: page {len(pages) + 1}: {error}") from error
    finally:
        file.close()


def _clean(page: str) -> str:
    """Return a page's text with words joined over line ends, and blank lines where paragraphs seem to end."""
    text = page.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    text = _SOFT_HYPHEN.sub("-\n", text)
    text = _LINE_HYPHEN.sub(lambda match: _joined(match, text), text)
    lines = [line.rstrip() for line in text.split("\n")]
    lengths = sorted(len(line) for line in lines if line)
    if not lengths:
        return ""
    full = lengths[int(len(lengths) * 0.9)]
    divided = [
        line + "\n" if line.endswith(_ENDING) and len(line) < _SHORT_LINE * full else line for line in lines
    ]
    return "\n".join(divided).strip()


def _joined(match: re.Match[str], text: str) -> str:
    """A compound that the page spells with its hyphen elsewhere keeps it."""
    compound = f"{match[1]}-{match[2]}"
    return compound if compound in text else match[1] + match[2]


def _layout(pages: list[str]) -> tuple[tuple[int, ...], tuple[int, ...], tuple[Block, ...]]:
    offsets: list[int] = []
    numbers: list[int] = []
    blocks: list[Block] = []
    position = 0
    for number, page in enumerate(pages, 1):
        if not page:
            continue
        offsets.append(position)
        numbers.append(number)
        blocks += [
            block.model_copy(
                update={
                    "start": block.start + position,
                    "end": block.end + position,
                    "body": block.body + position,
                }
            )
            for block in paragraphs(page)
        ]
        position += len(page) + 2
    return tuple(offsets), tuple(numbers), tuple(blocks)
