"""Where a stretch of text may be cut: between blocks, at a blank line, a line, a sentence, and last a word."""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from lorewright.chunking.fences import fences_and_rows
from lorewright.chunking.rulers import Ruler
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
_CLOSING_MARKS = re.compile(r"\n[ \t]*(?:\*+/|\"\"\"|''')")
_ROW = re.compile(r"\S.*")


class Cutter:
    """Cuts one document's text into pieces of a limited size.

    A fence, a row of a table and a function stay whole unless one alone is larger than a piece may be.

    Args:
        text: The document's text.
        blocks: Its blocks; those of prose are not cut at line ends.
        ruler: Measures the text.
        max_size: No piece is larger.
        min_size: No piece is smaller where that can be avoided.
        whole: Kinds of blocks that are not divided, besides the rows of tables.
    """

    def __init__(
        self,
        text: str,
        blocks: Sequence[Block],
        *,
        ruler: Ruler,
        max_size: int,
        min_size: int,
        whole: frozenset[str],
    ) -> None:
        self._text = text
        self._blocks = blocks
        self._ruler = ruler
        self._max = max_size
        self._min = min_size
        self._whole = whole
        self._known = (0, 0)
        self._leaf_starts: list[int] = []
        self._prose: list[bool] = []
        self._kept: set[int] = set()
        self._starts: list[int] = []
        self._whole_starts: list[int] = []
        self._whole_ends: list[int] = []

    def read_blocks(self, first: int, last: int) -> None:
        """Learn the blocks that begin in a stretch, before it is cut; a stretch that fits needs none."""
        self._known = (first, last)
        low = bisect_left(self._blocks, first, key=_start)
        blocks = self._blocks[low : bisect_left(self._blocks, last, low, key=_start)]
        leaves = [block for block in blocks if block.kind not in _NESTING]
        self._leaf_starts = [block.start for block in leaves]
        self._prose = [block.kind in _PROSE for block in leaves]
        # A heading, and a sentence that announces what comes, stay with what follows them.
        self._kept = {
            block.start
            for before, block in pairwise(leaves)
            if before.kind == "heading" or self._text.endswith(":", before.start, before.end)
        }
        self._starts = [block.start for block in leaves if block.start not in self._kept]
        undivided = _undivided(self._text, blocks, self._whole)
        fitting = [span for span in undivided if self._may_stay_whole(*span)]
        self._whole_starts, self._whole_ends = _outermost(fitting)

    def pieces(self, start: int, end: int) -> Iterator[Span]:
        """Yield spans that together are the whole stretch, each at most `max_size` large."""
        if (
            not self._ruler.fits(start, end, self._max)
            and not self._known[0] <= start < end <= self._known[1]
        ):
            self.read_blocks(start, end)
        while not self._ruler.fits(start, end, self._max):
            low = start + max(1, self._ruler.characters(self._min))
            # A last piece smaller than the minimum is avoided by cutting earlier.
            high = max(low, end - self._ruler.characters(self._min))
            cut = self.cut(start, low, high)
            yield start, cut
            start = cut
        if start < end:
            yield start, end

    def cut(self, start: int, low: int, high: int) -> int:
        """Return the best place from `low` to `high` inclusive to end a piece: the last one of the best sort.

        With none there, a piece ends anywhere up to `max_size` where nothing undivided is cut, and only a word
        larger than that is cut: behind a sign, between characters of scripts without spaces, or at worst at the limit.
        """
        limit = min(self._ruler.forward(start, self._max), len(self._text) - 1)
        position = self._best(start, low, high, limit)
        # Inside a word, what is cut off may change how the rest is divided into tokens.
        while (
            position > start + 1
            and not self._between_words_anyhow(position)
            and not self._ruler.fits_alone(start, position, self._max)
        ):
            limit = position - 1
            position = self._best(start, low, high, limit)
        return position

    def _may_stay_whole(self, start: int, end: int) -> bool:
        return self._ruler.fits(start, end, self._max) or self._ruler.fits_alone(start, end, self._max)

    def _best(self, start: int, low: int, high: int, limit: int) -> int:
        high = min(high, limit)
        first = start + 1
        for lowest, highest in ((low, high), (first, limit)):
            if position := self._between_blocks(lowest, highest) or self._at_a_place(lowest, highest):
                return position
        for between, lowest, highest in (
            (self._between_words, low, high),
            (self._between_words, first, limit),
            (self._at_an_edge, first, limit),
            (self._between_words_anyhow, first, limit),
            (self._between_signs, low, limit),
            (self._between_signs, first, limit),
        ):
            if position := _last(between, lowest, highest):
                return position
        return max(limit, start + 1)

    def block_starts(self, start: int, end: int) -> list[int]:
        """Return where blocks begin inside a stretch, those left out that must stay with the block before."""
        return self._starts[bisect_right(self._starts, start) : bisect_left(self._starts, end)]

    def outside(self, position: int) -> int:
        """Return the position, or the end of the fence, row or function that holds it."""
        index = self._holder(position)
        return position if index is None else self._whole_ends[index]

    def _between_blocks(self, low: int, high: int) -> int | None:
        index = bisect_right(self._starts, high)
        while index and self._starts[index - 1] >= low:
            index -= 1
            if self._holder(self._starts[index]) is None:
                return self._starts[index]
        return None

    def _at_a_place(self, low: int, high: int) -> int | None:
        for pattern, in_prose in _PLACES:
            for position in self._ends(pattern, low, high):
                if position in self._kept or self._holder(position) is not None:
                    continue
                if in_prose or not self._in_prose(position - 1):
                    return position
        return None

    def _ends(self, pattern: re.Pattern[str], low: int, high: int) -> list[int]:
        """Where matches end, from `low` to `high`, the last first."""
        matches = pattern.finditer(self._text, max(0, low - 1), min(len(self._text), high + 1))
        return [end for end in reversed([match.end() for match in matches]) if low <= end <= high]

    def _holder(self, position: int) -> int | None:
        """The number of the undivided stretch that a cut at this position would divide."""
        index = bisect_left(self._whole_starts, position) - 1
        return index if index >= 0 and position < self._whole_ends[index] else None

    def _in_prose(self, position: int) -> bool:
        index = bisect_right(self._leaf_starts, position) - 1
        return index >= 0 and self._prose[index]

    def _between_words(self, position: int) -> bool:
        return self._between_words_anyhow(position) and self._holder(position) is None

    def _at_an_edge(self, position: int) -> bool:
        """Whether something undivided begins or ends here, as functions do in code without spaces."""
        index = bisect_right(self._whole_ends, position)
        ends = index > 0 and self._whole_ends[index - 1] == position
        begins = index < len(self._whole_starts) and self._whole_starts[index] == position
        return ends or begins

    def _between_words_anyhow(self, position: int) -> bool:
        return self._text[position - 1].isspace() or self._text[position].isspace()

    def _between_signs(self, position: int) -> bool:
        before, after = self._text[position - 1], self._text[position]
        if unicodedata.category(after).startswith("M"):
            return False
        return unicodedata.category(before)[0] in "PS" or bool(_UNSPACED_SCRIPT.match(before))


def _start(block: Block) -> int:
    return block.start


def _last(suits: Callable[[int], bool], low: int, high: int) -> int | None:
    return next((position for position in range(high, low - 1, -1) if suits(position)), None)


def _undivided(text: str, blocks: Sequence[Block], whole: frozenset[str]) -> Iterator[Span]:
    """Yield what should stay whole.

    These are the blocks of some kinds, a definition's signature with its doc comment, any other doc comment, each row
    of a table, and fences and rows inside other blocks.
    """
    holder: Block | None = None
    for block in blocks:
        if block.kind in {"class", "function"}:
            holder = block
            yield block.start, block.start + len(text[block.start : block.body].rstrip())
        elif block.kind == "docstring":
            start, end = _comment(text, block)
            own = holder and block.title == holder.title and block.end <= holder.end
            yield start, end
            if holder and own:
                yield holder.start, max(end, holder.body)
        if block.kind in whole:
            yield block.start, block.end
        elif block.kind == "table":
            for row in _ROW.finditer(text, block.start, block.end):
                yield row.span()
        elif block.kind not in _NESTING and _holds_marks(text, block):
            yield from fences_and_rows(text, block.start, block.end)


def _comment(text: str, block: Block) -> Span:
    """Return the whole lines of a doc comment, with the marks around its words."""
    start = text.rfind("\n", 0, block.start) + 1
    if text[start : block.start].strip() in {"", "*"} and start:
        start = text.rfind("\n", 0, start - 1) + 1
    end = text.find("\n", block.end)
    end = len(text) if end < 0 else end
    closing = _CLOSING_MARKS.match(text, end)
    return start, closing.end() if closing else end


def _holds_marks(text: str, block: Block) -> bool:
    start, end = block.start, block.end
    return (
        text.find("```", start, end) >= 0
        or text.find("|", start, end) >= 0
        or text.find("~~~", start, end) >= 0
    )


def _outermost(spans: Sequence[Span]) -> tuple[list[int], list[int]]:
    """Return starts and ends of the spans that no other holds, in order; one that reaches into the next ends there."""
    starts: list[int] = []
    ends: list[int] = []
    for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        if ends and start < ends[-1] < end:
            ends[-1] = start
        if not ends or start >= ends[-1]:
            starts.append(start)
            ends.append(end)
    return starts, ends


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
