"""Where a stretch of text may be cut: between blocks, at a blank line, a line, a sentence, and last a word."""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise

from lorewright.core.records import Block

Span = tuple[int, int]

_PROSE = {"paragraph", "list", "quote", "definition", "heading"}
_NESTING = {"class", "function", "docstring"}
_BLANK_LINE = re.compile(r"\n(?:[^\S\n]*\n)+")
_ITEM = re.compile(r"\n(?=[^\S\n]*(?:[-*+]|\d+[.)])\s)")
_OUTER_LINE = re.compile(r"\n(?=\S)")
_LINE = re.compile(r"\n")
_SENTENCE = re.compile(r"[.!?\u2026][\"')\]\u201d\u2019]*\s+(?=[^\sa-z])|[\u3002\uff01\uff1f]+\s*")
# Best first; the second says whether ends of lines inside prose count.
_PLACES = (
    (_BLANK_LINE, True),
    (_ITEM, True),
    (_OUTER_LINE, False),
    (_LINE, False),
    (_SENTENCE, True),
    (_LINE, True),
)
_UNSPACED_SCRIPT = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


class Cutter:
    """Cuts one document's text into pieces of a limited size.

    Args:
        text: The document's text.
        blocks: Its blocks; those of prose are not cut at line ends.
        max_chars: No piece is longer.
        min_chars: No piece is shorter where that can be avoided.
    """

    def __init__(self, text: str, blocks: Sequence[Block], *, max_chars: int, min_chars: int) -> None:
        self._text = text
        leaves = [block for block in blocks if block.kind not in _NESTING]
        self._leaf_starts = [block.start for block in leaves]
        self._prose = [block.kind in _PROSE for block in leaves]
        # A heading, and a sentence that announces what comes, stay with what follows them.
        self._kept = {
            block.start
            for before, block in pairwise(leaves)
            if before.kind == "heading" or text[before.start : before.end].endswith(":")
        }
        self._starts = [block.start for block in leaves if block.start not in self._kept]
        self._max = max_chars
        self._min = min_chars

    def pieces(self, start: int, end: int) -> Iterator[Span]:
        """Yield spans that together are the whole stretch, each at most `max_chars` long."""
        while end - start > self._max:
            low = start + max(1, self._min)
            # A last piece shorter than the minimum is avoided by cutting earlier.
            high = min(start + self._max, max(low, end - self._min))
            cut = self.cut(start, low, high)
            yield start, cut
            start = cut
        if start < end:
            yield start, end

    def cut(self, start: int, low: int, high: int) -> int:
        """Return the best place from `low` to `high` inclusive to end a piece: the last one of the best sort.

        With none there, a piece ends between words anywhere up to `max_chars`, and only a word longer than that
        is cut: behind a sign, between characters of scripts without spaces, or at worst at the limit.
        """
        index = bisect_right(self._starts, high)
        if index and self._starts[index - 1] >= low:
            return self._starts[index - 1]
        for pattern, in_prose in _PLACES:
            for position in self._ends(pattern, low, high):
                if position not in self._kept and (in_prose or not self._in_prose(position - 1)):
                    return position
        limit = start + self._max
        for between, first, last in (
            (self._between_words, low, high),
            (self._between_words, start + 1, limit),
            (self._between_signs, low, limit),
            (self._between_signs, start + 1, limit),
        ):
            for position in range(last, first - 1, -1):
                if between(position):
                    return position
        return limit

    def block_starts(self, start: int, end: int) -> list[int]:
        """Return where blocks begin inside a stretch, those left out that must stay with the block before."""
        return self._starts[bisect_right(self._starts, start) : bisect_left(self._starts, end)]

    def _ends(self, pattern: re.Pattern[str], low: int, high: int) -> list[int]:
        """Where matches end, from `low` to `high`, the last first."""
        matches = pattern.finditer(self._text, max(0, low - 1), min(len(self._text), high + 1))
        return [end for end in reversed([match.end() for match in matches]) if low <= end <= high]

    def _in_prose(self, position: int) -> bool:
        index = bisect_right(self._leaf_starts, position) - 1
        return index >= 0 and self._prose[index]

    def _between_words(self, position: int) -> bool:
        return self._text[position - 1].isspace() or self._text[position].isspace()

    def _between_signs(self, position: int) -> bool:
        before, after = self._text[position - 1], self._text[position]
        if unicodedata.category(after).startswith("M"):
            return False
        return unicodedata.category(before)[0] in "PS" or bool(_UNSPACED_SCRIPT.match(before))


def trimmed(text: str, start: int, end: int) -> Span | None:
    """Return a span without blank lines before and whitespace behind; None when nothing is left.

    The indentation of a first whole line stays, because code and nested lists need it.
    """
    piece = text[start:end]
    stripped = piece.lstrip()
    if not stripped:
        return None
    blank = len(piece) - len(stripped)
    newline = piece.rfind("\n", 0, blank)
    if newline >= 0:
        start += newline + 1
    elif start > 0 and text[start - 1] != "\n":
        start += blank
    return start, end - (len(piece) - len(piece.rstrip()))
