"""Fences and rows of tables inside lists, quotes and the like, which are no blocks of their own."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

Span = tuple[int, int]

_MARKED = re.compile(
    r"^(?P<before>(?:[ \t>]|[-*+:][ \t]|\d+[.)][ \t])*+)"
    r"(?:(?P<mark>`{3,}+|~{3,}+)(?P<words>.*)|(?P<row>\|.*\|[ \t]*$))",
    re.MULTILINE,
)


class _Mark(NamedTuple):
    """A line that opens or closes a fence, or is a row."""

    start: int
    end: int
    sign: str
    length: int
    closes: bool


def fences_and_rows(text: str, start: int, end: int) -> Iterator[Span]:
    """Yield where each fence and each row outside fences stands in a stretch; a fence that is left open is none."""
    marks = [_mark(found) for found in _MARKED.finditer(text, start, end)]
    hopeless: dict[str, int] = {}
    place = 0
    while place < len(marks):
        mark = marks[place]
        place += 1
        if mark.sign == "|":
            yield mark.start, mark.end
        elif mark.length < hopeless.get(mark.sign, mark.length + 1):
            closing = _closing(marks, place, mark)
            if closing is None:
                hopeless[mark.sign] = mark.length
            else:
                yield mark.start, marks[closing].end
                place = closing + 1


def _mark(found: re.Match[str]) -> _Mark:
    mark = found["mark"]
    if mark is None:
        return _Mark(*found.span("row"), "|", 0, False)
    bare = not found["words"].strip(" \t") and not found["before"].strip(" \t>")
    return _Mark(found.start("mark"), found.end(), mark[0], len(mark), bare)


def _closing(marks: Sequence[_Mark], place: int, opening: _Mark) -> int | None:
    """Return the number of the line that closes a fence, from `place` on."""
    for number in range(place, len(marks)):
        mark = marks[number]
        if mark.closes and mark.sign == opening.sign and mark.length >= opening.length:
            return number
    return None
