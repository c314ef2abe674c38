"""From characters of a document's text to lines or pages of its file, and from quotes to characters."""

import re
from bisect import bisect_left, bisect_right

from lorewright.core.records import Place, SourceMap
from lorewright.core.trusted import trusted


class Locator:
    """Says where stretches of one text stood in its file; fast where they are asked for in about their order.

    Args:
        source_map: The document's map.
        text: The document's text.
    """

    def __init__(self, source_map: SourceMap, text: str) -> None:
        self._map = source_map
        self._text = text
        self._plain = source_map.unit == "line" and len(source_map.offsets) == 1
        self._reached = 0
        self._newlines = 0
        several = source_map.unit == "line" and not self._plain
        self._lines = [match.start() for match in re.finditer("\n", text)] if several else None

    def place(self, start: int, end: int) -> Place:
        """Return the first and last line or page of the characters from `start` up to, not including, `end`."""
        last = max(start, end - 1)
        if self._plain:
            first = self._map.numbers[0] + self._newlines_before(start)
            number = first + self._text.count("\n", start, last)
            return trusted(Place, {"unit": "line", "first": first, "last": number})
        first_point, last_point = self._point(start), self._point(last)
        one, other = self._number(start, first_point), self._number(last, last_point)
        if first_point == last_point:
            return Place(unit=self._map.unit, first=one, last=other)
        numbers = (one, other, *self._map.numbers[first_point + 1 : last_point + 1])
        return Place(unit=self._map.unit, first=min(numbers), last=max(numbers))

    def _point(self, offset: int) -> int:
        return max(0, bisect_right(self._map.offsets, offset) - 1)

    def _number(self, offset: int, point: int) -> int:
        number = self._map.numbers[point]
        if self._map.unit == "page":
            return number
        before = self._newlines_before(self._map.offsets[point]) if point else 0
        return number + self._newlines_before(offset) - before

    def _newlines_before(self, offset: int) -> int:
        """Count newlines: on from the offset asked for last, or, to go back and forth between points, in a list."""
        if self._lines is not None:
            return bisect_left(self._lines, offset)
        if offset >= self._reached:
            self._newlines += self._text.count("\n", self._reached, offset)
        else:
            self._newlines -= self._text.count("\n", offset, self._reached)
        self._reached = offset
        return self._newlines


def place(source_map: SourceMap, text: str, start: int, end: int) -> Place:
    """Return where one stretch stood; use a `Locator` for many stretches of one text."""
    return Locator(source_map, text).place(start, end)


def find_quote(text: str, quote: str) -> tuple[int, int] | None:
    """Return the first stretch of a text that says a quote: exactly, else with any other whitespace between words.

    None when the text does not say it, or the quote is blank.
    """
    if not quote.strip():
        return None
    exact = text.find(quote)
    if exact >= 0:
        return exact, exact + len(quote)
    match = re.search(r"\s+".join(re.escape(word) for word in quote.split()), text)
    return match.span() if match else None
