"""Words that a hyphen divides at a line end, put together as the file itself spells them elsewhere."""

import re
from collections.abc import Iterable

from lorewright.parsing.pdf_lines import Line

_LOWER = "a-z\u00df-\u00f6\u00f8-\u00ff"
_COMPOUND = re.compile(rf"(?<!\w)\w+-[{_LOWER}]\w*")
_HEAD = re.compile(r"(\w+)-$")
_TAIL = re.compile(rf"[{_LOWER}]\w*")
_WORD = re.compile(r"[^\W\d_]{3,}")
_LONGEST_WORD = 64


class Spelling:
    """How one file spells its words, as far as joining divided ones needs it."""

    def __init__(self, lines: Iterable[Line]) -> None:
        tokens = {token for line in lines for token in _whole_words(line).split()}
        self._words = {word for token in tokens for word in _WORD.findall(token)}
        self._compounds = {word for token in tokens if "-" in token for word in _COMPOUND.findall(token)}

    def append(self, text: str, line: str) -> str:
        """Return a text with one more line, without the line end and the hyphen where these divide a word."""
        head = _HEAD.search(text[-_LONGEST_WORD:]) if text.endswith("-") else None
        tail = _TAIL.match(line) if head else None
        if not head or not tail:
            return f"{text}\n{line}"
        return text + line if self._is_compound(head[1], tail[0]) else text[:-1] + line

    def _is_compound(self, head: str, tail: str) -> bool:
        if head + tail in self._words:
            return False
        return f"{head}-{tail}" in self._compounds or {head, tail} <= self._words


def _whole_words(line: Line) -> str:
    """Return a line's text without the divided word at its end."""
    if line.divided or line.text.endswith("-"):
        return line.text.rpartition(" ")[0]
    return line.text
