"""The sections of a document, from its blocks."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lorewright.core.records import Block, Document

_NUMBERING = re.compile(r"^(?:(?:\d+|[A-Z])(?:\.\d+)*[.)]\s+|(?:step|part|chapter)\s+\d+\s*[:.-]\s*)", re.I)
_MARKS = re.compile(r"^[#=~*\s-]+|[#\s]+$")
_ONE_CODE = re.compile(r"(`{1,2})[^`]+\1")
_NOISE = re.compile(r"^[^\w(<`\[]+(?=[\w(<`\[])|[\s:#¶]+$| - (?:sub-?)*sections?$", re.I)


@dataclass(frozen=True)
class Section:
    """A heading's own content, up to the next heading of any level.

    Attributes:
        title: The heading's plain text, without numbering; the document's title for what stands before any heading.
        parents: Titles from the document's title down to the heading above.
        blocks: Leaf blocks of the section, the heading left out.
    """

    title: str
    parents: tuple[str, ...]
    blocks: tuple[Block, ...]


def tidy_title(title: str) -> str:
    """Return a heading without numbering, emoji, backticks and trailing colons."""
    plain = " ".join(title.replace("`", "").replace("**", "").split())
    tidied = _NOISE.sub("", _NUMBERING.sub("", plain))
    return plain if plain.startswith(("-", "_", ".")) else tidied.strip()


def _title(text: str, heading: Block) -> str:
    written = _MARKS.sub("", text[heading.start : heading.end].split("\n", maxsplit=1)[0])
    title = tidy_title(heading.title)
    return f"`{title}`" if title and _ONE_CODE.fullmatch(written) else title


def sections(document: Document) -> Iterator[Section]:
    """Yield the sections of a document in order; those without content too."""
    above: list[tuple[int, str]] = []
    current = tidy_title(document.title)
    parents: tuple[str, ...] = ()
    blocks: list[Block] = []
    for block in document.blocks:
        if block.kind != "heading":
            blocks.append(block)
            continue
        yield Section(current, parents, tuple(blocks))
        while above and above[-1][0] >= block.level:
            above.pop()
        current, blocks = _title(document.text, block), []
        top = () if above or current == tidy_title(document.title) else (tidy_title(document.title),)
        parents = tuple(title for title in (*top, *(title for _, title in above)) if title)
        above.append((block.level, current))
    yield Section(current, parents, tuple(blocks))
