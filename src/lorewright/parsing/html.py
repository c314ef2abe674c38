"""HTML pages as documents of Markdown-like text: the main content, with the line that each word stood on."""

import re
from typing import TYPE_CHECKING

from lorewright.core.errors import ParseError
from lorewright.core.records import Parsed
from lorewright.parsing.licences import licence_name

if TYPE_CHECKING:
    from lorewright.parsing.html_lines import Piece
    from lorewright.parsing.html_source import MarkedSource

_SEPARATOR = re.compile(r"\s+[|·•»«–—-]\s+|\s*::\s+|\s+[—|]\s*")
_SITE = re.compile(
    r"\b(?:docs?|documentation|manual|guide|reference|wiki|handbook|v?\d+(?:\.\d+)+)\b", re.IGNORECASE
)
_HINT = "lore ingest --report"


def parse_html(text: str) -> Parsed:
    r"""Return what an HTML or XHTML text holds, rendered to Markdown-like text.

    Headings become `## Title`, preformatted text code fences, tables pipe tables, definition lists
    `term\n:   description`; links and images are told by their words. Navigation, page headers and footers,
    scripts and the like are left out and listed in `metadata["dropped"]`.

    Args:
        text: Decoded, with newlines as "\n".

    Raises:
        ParseError: The page holds no text, only frames or only scripts.
    """
    from lorewright.parsing.html_lines import laid_out

    found, title, source = _read(text)
    dropped = source.dropped.listed()
    if not found:
        raise ParseError(_reason(source.frames, {str(entry["what"]) for entry in dropped}), hint=_HINT)
    rendered, source_map, blocks = laid_out(found)
    headings = [block.title for block in blocks if block.kind == "heading" and block.level == 1]
    return Parsed(
        kind="html",
        title=_title(title, headings),
        licence=licence_name(source.notice),
        text=rendered,
        source_map=source_map,
        blocks=blocks,
        metadata={"dropped": dropped} if dropped else {},
    )


def _read(text: str) -> tuple[list["Piece"], str, "MarkedSource"]:
    """Return the pieces of a page, what its title says, and its source; the tree of a large page is freed."""
    from lorewright.parsing.html_boilerplate import content_of
    from lorewright.parsing.html_render import pieces
    from lorewright.parsing.html_source import marked
    from lorewright.parsing.html_tree import read_page

    source = marked(text)
    page = read_page(source.html)
    source.html = ""
    page.measure()
    title = page.title()
    return pieces(content_of(page, source.dropped).children), title, source


def _reason(frames: list[str], dropped: set[str]) -> str:
    if frames:
        return f"the file holds no text but frames: {', '.join(frames)}"
    if dropped & {"script", "template"}:
        return "the file holds no text without its scripts"
    return "the file holds no text"


def _title(told: str, headings: list[str]) -> str:
    """Return the page's title without the name of its site; its top heading where the title holds it."""
    heading = headings[0] if headings else ""
    parts = [part for part in _SEPARATOR.split(told) if part]
    is_site = len(parts) > 1 and heading.casefold() == parts[-1].casefold()
    if not told or (heading and not is_site and heading.casefold() in told.casefold()):
        return heading or told
    if len(parts) > 1 and (is_site or _SITE.search(parts[-1]) or len(headings) == 1):
        return told[: told.rindex(parts[-1])].rstrip(" |·•»«–—-:")
    return told
