"""What was served at a URL: the kind of document, agreed on by content type, first bytes and the URL's own suffix."""

import codecs
import re
from collections.abc import Callable
from email.message import Message
from pathlib import PurePosixPath

_TYPES = {
    "application/pdf": ".pdf",
    "application/x-pdf": ".pdf",
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "text/markdown": ".md",
    "text/x-markdown": ".md",
}
_UNTOLD = {"", "application/octet-stream", "binary/octet-stream", "application/force-download"}
_HTML_SUFFIXES = {".html", ".htm", ".xhtml"}
_FOUND = {"pdf": "a PDF", "page": "an HTML page", "text": "text", "binary": "binary data"}
_PAGE = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*|<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b",
    re.I | re.S,
)
_PDF_WITHIN, _SNIFFED = 1024, 8192


class UnfitContentError(Exception):
    """What was served is no document, or not the one that the URL promises; the text says which."""


def served_suffix(url_path: str, content_type: str, data: bytes, kind_of: Callable[[str], str | None]) -> str:
    """Return the file suffix that tells the kind of what was served.

    Args:
        url_path: Path part of the URL.
        content_type: The header as it was sent; empty when it was not.
        data: The body.
        kind_of: Says which kind of document a file name is, None for none.

    Raises:
        UnfitContentError: Content type, first bytes and the URL's suffix contradict each other, or it is no text.
    """
    media = _message(content_type).get_content_type() if content_type else ""
    own = PurePosixPath(url_path).suffix.lower()
    promised = own if own in _HTML_SUFFIXES or kind_of(f"x{own}") else ""
    declared, found = _TYPES.get(media, ""), _sniff(data)
    told = f"{_FOUND[found]} with the content type {media or 'not told'}"
    if media.startswith("text/") and not declared:
        declared = promised if _family(promised) != "pdf" and promised else ".txt"
    if found == "binary" or not (declared or promised or media in _UNTOLD):
        raise UnfitContentError(f"the server sent {told}, which is no PDF, HTML, Markdown or text")
    families = {_family(suffix) for suffix in (declared, promised) if suffix}
    if families - {found} and not (found == "text" and families == {"page"}):
        perhaps = ", perhaps a login or error page" if found == "page" and declared == ".html" else ""
        wanted = f", where {promised} was promised" if promised else ""
        raise UnfitContentError(f"the server sent {told}{wanted}{perhaps}")
    if found == "pdf":
        return ".pdf"
    return promised or declared or (".html" if found == "page" else ".txt")


def as_utf8(content_type: str, suffix: str, data: bytes) -> bytes:
    """Return text in UTF-8 with a mark where the server tells another encoding, which no parser could know."""
    charset = _message(content_type).get_content_charset() if content_type else None
    try:
        if suffix == ".pdf" or not charset or codecs.lookup(charset).name in {"utf-8", "ascii"}:
            return data
        return codecs.BOM_UTF8 + data.decode(charset).encode("utf-8")
    except (LookupError, UnicodeError):
        return data


def _message(content_type: str) -> Message:
    message = Message()
    message["Content-Type"] = content_type
    return message


def _family(suffix: str) -> str:
    if suffix == ".pdf":
        return "pdf"
    return "page" if suffix in _HTML_SUFFIXES else "text"


def _sniff(data: bytes) -> str:
    if b"%PDF-" in data[:_PDF_WITHIN]:
        return "pdf"
    head = data[:_SNIFFED]
    if b"\0" in head and not head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "binary"
    return "page" if _PAGE.match(head) else "text"
