"""How large a stretch of text is: in characters, or in tokens counted in one pass over the text."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import Protocol

# Up to three lines with what is blank behind them: few enough texts to count, and most blocks begin with one.
_LINES = re.compile(r"(?:[^\n]+(?:\n|\Z)){1,3}\n*|\n+")
_CHARS_A_TOKEN = 5
_FEWEST_CHARS = 64
_LONGEST_TOKEN = 64


class Ruler(Protocol):
    """Measures stretches of one text."""

    def fits(self, start: int, end: int, size: int) -> bool:
        """Say whether the stretch is at most `size` large; at times no to one that is just as large."""
        ...

    def fits_alone(self, start: int, end: int, size: int) -> bool:
        """Say exactly whether the stretch, measured by itself, is at most `size` large."""
        ...

    def forward(self, start: int, size: int) -> int:
        """Return the furthest end such that the stretch from `start` is at most `size` large."""
        ...

    def back(self, end: int, size: int) -> int:
        """Return the earliest start such that the stretch up to `end` is at most `size` large."""
        ...

    def characters(self, size: int) -> int:
        """Return how many characters are about so large, where being exact is not worth its time."""
        ...


class TokenCounter(Protocol):
    """A tokenizer, as far as a ruler needs it (`text.tokenizer` has one)."""

    def counts(self, texts: Sequence[str]) -> list[int]:
        """Return the number of tokens of each text."""
        ...

    def ends(self, text: str) -> list[int]:
        """Return where each token ends, in characters."""
        ...


class Characters:
    """Counts characters."""

    def __init__(self, text: str) -> None:
        self._length = len(text)

    def fits(self, start: int, end: int, size: int) -> bool:
        """Say whether the stretch is at most `size` characters long."""
        return end - start <= size

    fits_alone = fits

    def forward(self, start: int, size: int) -> int:
        """Return the position `size` characters on, or the end of the text."""
        return min(start + size, self._length)

    def back(self, end: int, size: int) -> int:
        """Return the position `size` characters before, or the beginning."""
        return max(end - size, 0)

    def characters(self, size: int) -> int:
        """Return the size."""
        return size


class Tokens:
    """Counts tokens: a few lines at a time, each once, and again only the part where a stretch begins or ends inside.

    They are counted by themselves, so that a stretch of several is never larger when it is tokenized alone.
    """

    def __init__(self, text: str, counter: TokenCounter) -> None:
        self._text = text
        self._counter = counter
        lines = _LINES.findall(text)
        self._starts = list(accumulate((len(line) for line in lines), initial=0))
        self._before = list(accumulate(_counts_before_more(lines, counter), initial=0))
        self._chars_a_token = len(text) / max(1, self._before[-1])

    def fits(self, start: int, end: int, size: int) -> bool:
        """Say whether the stretch is at most `size` tokens large."""
        if end <= start:
            return True
        first = bisect_right(self._starts, start) - 1
        last = bisect_right(self._starts, end - 1)
        if self._before[last] - self._before[first] <= size:
            return True
        # A part of one or two counted pieces, as of a long line, is looked at; of more they tell enough.
        return last - first <= 2 and end <= self.forward(start, size)

    def fits_alone(self, start: int, end: int, size: int) -> bool:
        """Say whether the stretch is at most `size` tokens large when it is tokenized by itself."""
        if end - start > size * _LONGEST_TOKEN:
            return False
        return self._counter.counts([self._text[start:end].strip()])[0] <= size

    def forward(self, start: int, size: int) -> int:
        """Return an end such that the stretch from `start` holds at most `size` tokens.

        It is the furthest one or, to spare a second look inside a line, one that wastes less than a quarter.
        """
        if start >= len(self._text):
            return start
        line = bisect_right(self._starts, start) - 1
        if start > self._starts[line]:
            end = self._starts[line + 1]
            reached, taken = self._inside(start, end, size)
            if reached < end:
                return reached
            line, size = line + 1, size - taken
        last = bisect_right(self._before, self._before[line] + size) - 1
        if last >= len(self._starts) - 1:
            return len(self._text)
        taken = self._before[last] - self._before[line]
        if self._starts[last] > start and 4 * taken >= 3 * size:
            return self._starts[last]
        left = size - (self._before[last] - self._before[line])
        return self._inside(self._starts[last], self._starts[last + 1], left)[0]

    def back(self, end: int, size: int) -> int:
        """Return an early start, if not the earliest, such that the stretch up to `end` holds at most `size` tokens."""
        line = bisect_right(self._starts, max(0, end - 1)) - 1
        first = bisect_left(self._before, self._before[line + 1] - size) if self._text else 0
        if first <= line:
            return min(self._starts[first], end)
        begin = max(self._starts[line], end - max(_FEWEST_CHARS, size * _CHARS_A_TOKEN))
        ends = [0, *self._counter.ends(self._text[begin:end])]
        return begin + ends[max(0, len(ends) - 1 - size)]

    def characters(self, size: int) -> int:
        """Return how many characters of this text hold so many tokens, on average."""
        return int(size * self._chars_a_token)

    def _inside(self, start: int, end: int, size: int) -> tuple[int, int]:
        """Return how far `size` tokens reach before `end`, and how many there were."""
        if size <= 0:
            return start, 0
        room = max(_FEWEST_CHARS, size * _CHARS_A_TOKEN)
        while True:
            stop = min(end, start + room)
            ends = self._counter.ends(self._text[start:stop])
            if len(ends) > size:
                # A character of several tokens is within reach only if all of them are.
                whole = bisect_left(ends, ends[size])
                return start + (ends[whole - 1] if whole else 0), size
            if stop == end:
                return end, len(ends) + self._text.endswith("\n\n", start, end)
            room *= 4


def _counts_before_more(lines: Sequence[str], counter: TokenCounter) -> list[int]:
    """Count each as it stands before another: many tokenizers divide the newlines of a blank line that text follows."""
    blank = [line.endswith("\n\n") for line in lines]
    counted = counter.counts([f"{line}x" if more else line for line, more in zip(lines, blank, strict=True)])
    return [count - more for count, more in zip(counted, blank, strict=True)]
