"""Text that comes in pieces, broken between words at the width of a terminal."""

from unicodedata import east_asian_width

from rich.cells import cell_len

_FENCES = ("```", "~~~")


class WordWrap:
    """Breaks a stream of text between words, fenced code excepted.

    A word is held back until it is whole, and white space until something follows it, so that none begins or ends
    the text. Without a width a line is as long as it is.
    """

    def __init__(self, width: int | None) -> None:
        self._width = width
        self._column = 0
        self._gap = ""
        self._word = ""
        self._fenced = False
        self._begun = False

    def feed(self, piece: str) -> str:
        """Return what can be printed now."""
        return "".join(self._sign(sign) for sign in piece)

    def end(self) -> str:
        """Return what was held back."""
        return self._flush()

    def _sign(self, sign: str) -> str:
        if sign.isspace():
            ended = self._flush()
            self._gap += sign
            return ended
        if east_asian_width(sign) in "WF":
            ended = self._flush()
            self._word = sign
            return ended + self._flush(breaks=True)
        self._word += sign
        # A word longer than a line is given out in parts and broken by the terminal, as one word.
        return self._flush() if self._width and len(self._word) >= self._width else ""

    def _flush(self, *, breaks: bool = False) -> str:
        """Return the word, on a new line where it does not fit and a gap, or its script, lets it."""
        word, gap = self._word, self._gap if self._begun else self._gap.lstrip("\n")
        if not word:
            return ""
        self._word = self._gap = ""
        self._begun = True
        newline, indent = gap.rpartition("\n")[1:]
        self._column = 0 if newline else self._column
        at_start = self._column == 0
        self._fenced ^= at_start and word.startswith(_FENCES)
        column = self._column + cell_len(indent) + cell_len(word)
        if self._breaks_at(column) and not at_start and (gap or breaks):
            self._column = cell_len(word)
            return f"\n{word}"
        self._column = (column - 1) % self._width + 1 if self._width else column
        return f"{gap}{word}"

    def _breaks_at(self, column: int) -> bool:
        return self._width is not None and not self._fenced and column > self._width
