"""Lines of rendered text whose every stretch knows the source line it came from."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lorewright.core.records import Block, BlockKind, SourceMap

Stretch = tuple[str, int]
"""Text without a newline, and its 1-based source line; 0 for markup that is not in the source."""
Line = list[Stretch]


@dataclass
class Piece:
    """A block of rendered lines. `body` is the index of the line where a definition's description begins."""

    kind: BlockKind
    lines: list[Line]
    level: int = 0
    title: str = ""
    body: int = -1


def prefixed(lines: Sequence[Line], first: str, rest: str) -> list[Line]:
    """Return lines behind a prefix; an empty line gets what is not white space of it."""
    found: list[Line] = []
    prefix = first
    for line in lines:
        begun = prefix if any(text for text, _ in line) else prefix.rstrip()
        found.append([(begun, 0), *line] if begun else line)
        prefix = rest
    return found


def joined(pieces: Iterable[Piece]) -> list[Line]:
    """Return the lines of pieces with an empty line between them, none before a list."""
    lines: list[Line] = []
    for piece in pieces:
        if lines and piece.kind != "list":
            lines.append([])
        lines.extend(piece.lines)
    return lines


def on_one_line(lines: Iterable[Line]) -> Line:
    """Return lines as one, with spaces between."""
    found: Line = []
    for line in lines:
        if line and found:
            found.append((" ", 0))
        found.extend(line)
    return found


def plain(line: Line) -> str:
    """Return the text of a line."""
    return "".join(text for text, _ in line)


def laid_out(pieces: Sequence[Piece]) -> tuple[str, SourceMap, tuple[Block, ...]]:
    """Return pieces as one text with an empty line between them, where it came from, and its blocks."""
    layout = _Layout()
    blocks: list[Block] = []
    for piece in pieces:
        if blocks:
            layout.blank(_first_number(piece.lines))
        starts = [
            layout.add(line) if line else layout.blank(_first_number(piece.lines[index + 1 : index + 2]))
            for index, line in enumerate(piece.lines)
        ]
        start = starts[0]
        body = starts[piece.body] + 4 if piece.body >= 0 else start
        end = layout.position - 1
        blocks.append(
            Block(kind=piece.kind, start=start, end=end, level=piece.level, title=piece.title, body=body)
        )
    text = "".join(layout.texts)[:-1]
    return text, SourceMap(offsets=tuple(layout.offsets), numbers=tuple(layout.numbers)), tuple(blocks)


def _first_number(lines: Iterable[Line]) -> int:
    return next((number for line in lines for _, number in line if number), 0)


class _Layout:
    """A text that grows line by line, with its source map."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.offsets: list[int] = []
        self.numbers: list[int] = []
        self.position = 0
        self._running = 1

    def add(self, line: Line) -> int:
        """Append a line; return where it starts."""
        start = self.position
        here = next((number for _, number in line if number), 0) or max(self._running - 1, 1)
        for text, number in line:
            here = number or here
            self._point(here)
            self.texts.append(text)
            self.position += len(text)
        self._end_line()
        return start

    def blank(self, following: int) -> int:
        """Append an empty line that counts on, but never past what follows it; return where it starts."""
        self._point(min(self._running, following or self._running))
        self._end_line()
        return self.position - 1

    def _end_line(self) -> None:
        self.texts.append("\n")
        self.position += 1
        self._running += 1

    def _point(self, number: int) -> None:
        if number == self._running and self.offsets:
            return
        if self.offsets and self.offsets[-1] == self.position:
            self.numbers[-1] = number
        else:
            self.offsets.append(self.position)
            self.numbers.append(number)
        self._running = number
