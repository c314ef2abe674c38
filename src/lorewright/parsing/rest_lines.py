"""Which source line each rendered line of a reST document came from.

docutils tells a line for most nodes, sometimes a few lines off and sometimes none. A rendered line keeps the
words of its source line, so each told line is checked against the source and moved where the words are.
"""

import re
from collections.abc import Iterator, Sequence

from lorewright.core.records import SourceMap

_WORD = re.compile(r"\w+")
_REACH_BACK = 12
_REACH_AHEAD = 40
_ENOUGH = 0.6


def source_lines(rendered: Sequence[tuple[str, int]], source: Sequence[str]) -> list[int]:
    """Return the 1-based source line of each rendered line.

    Args:
        rendered: Text and told line (0 when unknown) of each rendered line, in order.
        source: The lines of the source.
    """
    bags = [frozenset(_WORD.findall(line)) for line in source]
    numbers: list[int] = []
    last = 1
    for text, told in rendered:
        cell = text.split(" | ", 1)[0] if text.startswith("| ") else text  # a row may span several lines
        words = frozenset(_WORD.findall(cell))
        expected = min(told or last, len(source))
        last = _nearest(words, expected, bags) if words else expected
        numbers.append(last)
    return numbers


def _nearest(words: frozenset[str], expected: int, bags: Sequence[frozenset[str]]) -> int:
    """Return the line around the expected one that holds most of the words; the expected one if it holds enough."""
    if _share(words, bags[expected - 1]) >= _ENOUGH:
        return expected
    best, best_share = expected, _share(words, bags[expected - 1])
    for number in _around(expected, len(bags)):
        share = _share(words, bags[number - 1])
        if share > best_share:
            best, best_share = number, share
            if share >= _ENOUGH:
                break
    return best


def _around(expected: int, count: int) -> Iterator[int]:
    for distance in range(1, _REACH_AHEAD + 1):
        if expected + distance <= count:
            yield expected + distance
        if distance <= _REACH_BACK and expected - distance >= 1:
            yield expected - distance


def _share(words: frozenset[str], bag: frozenset[str]) -> float:
    return len(words & bag) / len(words)


def line_map(text: str, numbers: Sequence[int]) -> SourceMap:
    """Return the source map of a text whose lines came from the numbered source lines."""
    offsets, points = [0], [numbers[0]]
    position, running = 0, numbers[0]
    for line, number in zip(text.split("\n"), numbers, strict=True):
        if number != running and position > 0:
            offsets.append(position)
            points.append(number)
        running = number + 1
        position += len(line) + 1
    return SourceMap(offsets=tuple(offsets), numbers=tuple(points))
