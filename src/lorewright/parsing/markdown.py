"""Markdown (CommonMark, GitHub, MyST, MkDocs, MDX) as documents that keep their source text.

Boilerplate goes by whole lines; every other character that is not white space belongs to exactly one block.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from lorewright.core.errors import ParseError
from lorewright.core.records import Block, Parsed, SourceMap
from lorewright.parsing.licences import licence_name
from lorewright.parsing.markdown_boilerplate import boilerplate
from lorewright.parsing.markdown_cover import covering
from lorewright.parsing.markdown_header import Header, read_header
from lorewright.parsing.markdown_nested import with_nested
from lorewright.parsing.markdown_parts import Part, markdown_parts
from lorewright.text.spans import Locator

_BLANK_LINES = re.compile(r"(?:[^\S\n]*\n)*")


@dataclass
class _Page:
    """What is left of a text while boilerplate goes.

    Attributes:
        parts: Their places are in `text`.
        offsets: Where in `text` each stretch begins that follows something left out.
        lines: The line of the file at each offset.
        dropped: What went, and its first and last line.
        notice: Licence comments that went.
    """

    text: str
    parts: Sequence[Part]
    offsets: list[int]
    lines: list[int]
    dropped: list[dict[str, Any]] = field(default_factory=list)
    notice: str = ""


def parse_markdown(text: str) -> Parsed:
    r"""Return what a Markdown text holds.

    Front matter, licence comments, badges, navigation and the marks of tools are left out of `Parsed.text` and
    listed in `metadata["dropped"]`; the rest stays as it was written.

    Args:
        text: Decoded, with newlines as "\n".

    Raises:
        ParseError: Nothing is left but white space.
    """
    header = read_header(text)
    page = _page(text, header)
    _drop_boilerplate(page)
    if not page.text:
        only = " and ".join(dict.fromkeys(piece["what"] for piece in page.dropped))
        raise ParseError(f"the file holds no text{only and ', only '}{only}", hint="lore ingest --report")
    return Parsed(
        kind="markdown",
        title=_title(page.parts, header.title),
        licence=licence_name(page.notice),
        text=page.text,
        source_map=SourceMap(offsets=tuple(page.offsets), numbers=tuple(page.lines)),
        blocks=tuple(map(_block, page.parts)),
        metadata={"dropped": page.dropped} if page.dropped else {},
    )


def _page(text: str, header: Header) -> _Page:
    """Return the text under its header, without blank lines above and white space below."""
    blank = _BLANK_LINES.match(text, header.end)
    start = blank.end() if blank else header.end
    body = text[start:].rstrip()
    parts = list(covering(body, with_nested(body, markdown_parts(body))))
    page = _Page(body, parts, [0], [text.count("\n", 0, start) + 1], notice=header.notice)
    locator = Locator(SourceMap(), text[: header.end])
    for what, first, end in header.pieces:
        piece = text[first:end]
        place = locator.place(end - len(piece.lstrip()), first + len(piece.rstrip()))
        page.dropped.append({"what": what, "first": place.first, "last": place.last})
    return page


def _drop_boilerplate(page: _Page) -> None:
    """Take out of a page, by whole lines, the parts that are boilerplate."""
    names = boilerplate(page.text, page.parts)
    if not any(names):
        return
    locator = Locator(SourceMap(numbers=(page.lines[0],)), page.text)
    kept: list[Part] = []
    stretches: list[str] = []
    position = gone = 0
    for part, name in zip(page.parts, names, strict=True):
        lines = _whole_lines(page.text, part) if name else None
        if lines is None:
            _shift(part, gone)
            kept.append(part)
            continue
        start, end = lines
        place = locator.place(part.start, part.end)
        page.dropped.append({"what": name, "first": place.first, "last": place.last})
        if name == "licence":
            page.notice += page.text[part.start : part.end]
        stretches.append(page.text[position:start])
        gone += end - start
        position = end
        _begin(page, end - gone, locator.place(end, end).first)
    stretches.append(page.text[position:])
    page.parts = kept
    page.text = "".join(stretches).rstrip()
    if len(page.offsets) > 1 and page.offsets[-1] >= len(page.text):
        page.offsets.pop()
        page.lines.pop()


def _whole_lines(text: str, part: Part) -> tuple[int, int] | None:
    """Return the lines a part stands on, with the blank ones below if one is above; None where more stands there."""
    start = text.rfind("\n", 0, part.start) + 1
    end = text.find("\n", part.end) + 1 or len(text)
    if text[start : part.start].strip() or text[part.end : end].strip():
        return None
    above = text.rfind("\n", 0, max(0, start - 1)) + 1
    blank = None if text[above:start].strip() else _BLANK_LINES.match(text, end)
    return start, blank.end() if blank else end


def _shift(part: Part, gone: int) -> None:
    part.start -= gone
    part.end -= gone
    part.body -= gone if part.body >= 0 else 0


def _begin(page: _Page, offset: int, line: int) -> None:
    """Note the line that follows a stretch left out."""
    if page.offsets[-1] == offset:
        page.offsets.pop()
        page.lines.pop()
    page.offsets.append(offset)
    page.lines.append(line)


def _title(parts: Sequence[Part], front_title: str) -> str:
    first = ""
    for part in parts:
        if part.kind == "heading" and (words := _words(part)):
            if part.level == 1:
                return words
            first = first or words
    return front_title or first


def _words(part: Part) -> str:
    return " ".join("".join(part.words).split())


def _block(part: Part) -> Block:
    title = _words(part) if part.words else ""
    return Block(
        part.kind, part.start, part.end, part.level, title, part.body if part.body >= 0 else part.start
    )
