"""Comments of code: which stand directly above something, and where the documentation in them is."""

import re
from collections.abc import Sequence
from typing import NamedTuple

_SAME_OR_NEXT_LINE = re.compile(rb"[ \t\f]*\n?[ \t\f]*")
_ONE_BLANK_LINE = re.compile(rb"[ \t\f]*\n[ \t\f]*\n[ \t\f]*")
_OF_NOTHING_BELOW = re.compile(
    rb"[@\\](?:file|fileoverview|overview|module|package|license|typedef|callback|addtogroup|defgroup|name|\{)"
)
_BLOCK_OPENINGS = (b"/*", b"=begin")
_OPENING = re.compile(rb"/\*[*!]*(?:\s|\*(?!/))*|=begin\s*|(?://[/!]?|#+)[ \t]*")
_CLOSING = re.compile(rb"(?:\*+/|\n=end)?\s*\Z")


class Above(NamedTuple):
    """A comment, or an attribute, in bytes."""

    start: int
    end: int
    is_comment: bool


def stands_above(source: bytes, above: Above, start: int) -> bool:
    """Say whether what begins at `start` follows on the same line or the next."""
    return _SAME_OR_NEXT_LINE.fullmatch(source, above.end, start) is not None


def documents_below(source: bytes, above: Above, start: int, docs: re.Pattern[bytes]) -> bool:
    """Say whether a marked doc comment documents what begins at `start`, one blank line apart."""
    return (
        _ONE_BLANK_LINE.fullmatch(source, above.end, start) is not None
        and _documents(source, above, docs)
        and _OF_NOTHING_BELOW.search(source, above.start, above.end) is None
    )


def is_block(source: bytes, comment: Above) -> bool:
    """Say whether a comment has an end of its own, other than the end of its line."""
    return source.startswith(_BLOCK_OPENINGS, comment.start)


def documentation(source: bytes, above: Sequence[Above], docs: re.Pattern[bytes]) -> tuple[int, int] | None:
    """Return where the documentation in comments above something begins and ends: the last one there.

    Args:
        source: The code.
        above: The comments, in order.
        docs: How a doc comment begins.
    """
    last = len(above) - 1
    while last >= 0 and not _documents(source, above[last], docs):
        last -= 1
    if last < 0:
        return None
    first = last
    if not is_block(source, above[last]):
        while first and _continues(source, above[first - 1], docs):
            first -= 1
    opening = _OPENING.match(source, above[first].start)
    start = opening.end() if opening else above[first].start
    inside = source[start : above[last].end]
    start += len(inside) - len(inside.lstrip())
    end = start + len(_CLOSING.sub(b"", inside.lstrip(), count=1).rstrip())
    return (start, end) if start < end else None


def _documents(source: bytes, comment: Above, docs: re.Pattern[bytes]) -> bool:
    return comment.is_comment and docs.match(source, comment.start) is not None


def _continues(source: bytes, comment: Above, docs: re.Pattern[bytes]) -> bool:
    return _documents(source, comment, docs) and not is_block(source, comment)
