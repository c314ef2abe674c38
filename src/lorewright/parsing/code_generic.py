"""Code and configuration in any language: the source as it is, cut where nothing is indented."""

import re
from collections.abc import Iterator
from itertools import pairwise

from lorewright.core.records import Block, Parsed
from lorewright.parsing.licences import is_licence, licence_name

# A line that is neither indented nor only closes what was open.
_BEGINS = re.compile(r"(?!end\b)[^\s})\]]")


def parse_code_generic(text: str) -> Parsed:
    """Return code that no grammar is known for, whole; its blocks are its outermost parts.

    A part begins at a line without indentation that follows a blank line.
    """
    blocks = tuple(_parts(text))
    top = text[blocks[0].start : blocks[0].end] if blocks else ""
    return Parsed(
        kind="code",
        text=text,
        licence=licence_name(top) if is_licence(top) else "",
        blocks=blocks,
    )


def _parts(text: str) -> Iterator[Block]:
    starts = [0, *_beginnings(text), len(text)]
    for first, following in pairwise(starts):
        part = text[first:following]
        start = first + len(part) - len(part.lstrip())
        end = first + len(part.rstrip())
        if start < end:
            yield Block(kind="code", start=start, end=end, body=start)


def _beginnings(text: str) -> Iterator[int]:
    position, after_blank = 0, False
    for line in text.split("\n"):
        if after_blank and _BEGINS.match(line):
            yield position
        after_blank = not line.strip()
        position += len(line) + 1
