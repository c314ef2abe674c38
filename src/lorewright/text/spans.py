"""From characters of a document's text to lines or pages of its file, and from quotes to characters."""

import re
from bisect import bisect_right

from lorewright.core.records import Place, SourceMap


class Locator:
    """Says where stretches of one text stood in its file; made once a document, then fast.

    Args:
        source_map: The document's map.
        text: The document's text.
    """

    def __init__(self, source_map: SourceMap, text: str) -> None:
        self._map = source_map
        self._newlines = (
            [match.start() for match in re.finditer("\n", text)] if source_map.unit == "line" else []
        )

    def place(self, start: int, end: int) -> Place:
        """Return the first and last line or page of the characters from `start` up to, not including, `end`."""
        last = max(start, end - 1)
        numbers = [self._number(start), self._number(last)]
        first_point, last_point = self._point(start), self._point(last)
        numbers += self._map.numbers[first_point + 1 : last_point + 1]
        return Place(unit=self._map.unit, first=min(numbers), last=max(numbers))

    def _point(self, offset: int) -> int:
        return max(0, bisect_right(self._map.offsets, offset) - 1)

    def _number(self, offset: int) -> int:
        point = self._point(offset)
        number = self._map.numbers[point]
        if self._map.unit == "page":
            return number
        return number + self._newlines_before(offset) - self._newlines_before(self._map.offsets[point])

    def _newlines_before(self, offset: int) -> int:
        return bisect_right(self._newlines, offset - 1)


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
