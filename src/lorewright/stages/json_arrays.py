"""A JSON array read value by value, however long it is."""

import json
import re
from collections.abc import Iterator
from typing import IO, Any

from lorewright.core.errors import DatasetError

_SPACE = re.compile(r"[ \t\r\n]*")
_AFTER_A_VALUE = ",] \t\r\n"
_CHUNK_CHARS = 1 << 18
_HINT = "write one JSON array of objects, or one object a line"


def array_values(stream: IO[str]) -> Iterator[tuple[int, Any]]:
    """Yield the values of an array with the number of the line on which each begins.

    Raises:
        DatasetError: It is no array, or is broken; the message has the line.
    """
    window = _Window(stream)
    if window.next_character() != "[":
        raise DatasetError("it is no JSON array.", _HINT)
    window.skip(1)
    if window.next_character() == "]":
        return
    while True:
        window.next_character()
        yield window.line, window.value()
        follows = window.next_character()
        if follows == "]":
            return
        if follows != ",":
            found = repr(follows) if follows else "the end of the file"
            raise DatasetError(f"line {window.line}: a comma or ] is missing before {found}.", _HINT)
        window.skip(1)


class _Window:
    """The part of a text that is being read.

    Attributes:
        line: The number of the line that is read next.
    """

    def __init__(self, stream: IO[str]) -> None:
        self.line = 1
        self._stream = stream
        self._text = ""
        self._at = 0
        self._ended = False
        self._decode = json.JSONDecoder().raw_decode

    def next_character(self) -> str:
        """Return the next character that is no space, which stays; empty at the end."""
        while True:
            match = _SPACE.match(self._text, self._at)
            self.skip((match.end() if match else self._at) - self._at)
            if self._at < len(self._text) or not self._more():
                return self._text[self._at : self._at + 1]

    def skip(self, characters: int) -> None:
        """Go on by some characters."""
        self.line += self._text.count("\n", self._at, self._at + characters)
        self._at += characters

    def value(self) -> Any:
        """Return the value that begins here, and go on behind it."""
        while True:
            try:
                found, end = self._decode(self._text, self._at)
            except (ValueError, RecursionError) as error:
                if isinstance(error, RecursionError) or not self._more():
                    raise DatasetError(f"line {self.line}: {error}.", _HINT) from error
                continue
            # A number may go on in what was not read yet, as `1` does in `1.5`.
            follows = self._text[end : end + 1]
            if (follows and follows in _AFTER_A_VALUE) or not self._more():
                self.skip(end - self._at)
                return found

    def _more(self) -> bool:
        """Read on, twice as much as is waiting, so that a long value is not begun too often."""
        if self._ended:
            return False
        waiting = self._text[self._at :]
        read = self._stream.read(max(_CHUNK_CHARS, len(waiting)))
        self._text, self._at, self._ended = waiting + read, 0, not read
        return not self._ended
