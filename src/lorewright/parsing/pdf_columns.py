"""Two columns put one after the other, on the pages whose file goes from line to line across both.

Most files hold their columns one after the other already, and PDFium's order is kept. Only a page where many lines
stand beside each other across one empty vertical strip, both sides set like prose, is taken apart.
"""

from dataclasses import replace
from itertools import pairwise
from statistics import median

from lorewright.parsing.pdf_lines import Line

_FEWEST_ROWS = 6
_PROSE_CHARACTERS = 18
_FULL = 0.75
_FULL_SHARE = 0.5
_SPANNING_SHARE = 0.35
_ROW_POINTS = 2.0


def in_reading_order(lines: list[Line]) -> list[Line]:
    """Return a page's lines, two columns one after the other between the lines that span both."""
    beside = sum(abs(one.baseline - other.baseline) < _ROW_POINTS for one, other in pairwise(lines))
    if beside + sum(len(line.cells) for line in lines) < _FEWEST_ROWS:
        return lines
    pieces = [piece for line in lines for piece in (_pieces(line) if line.cells else [line])]
    gaps = [
        (one.right, other.left)
        for one, other in pairwise(pieces)
        if abs(one.baseline - other.baseline) < _ROW_POINTS and one.right < other.left
    ]
    if len(gaps) < _FEWEST_ROWS:
        return lines
    gutter = _gutter(gaps)
    left = [piece for piece in pieces if piece.right <= gutter]
    right = [piece for piece in pieces if piece.left > gutter]
    spanning = len(pieces) - len(left) - len(right)
    if spanning > _SPANNING_SHARE * len(pieces) or not (_is_prose(left) and _is_prose(right)):
        return lines
    return _ordered(pieces, gutter)


def _pieces(line: Line) -> list[Line]:
    """Return the parts of a line between its wide gaps."""
    starts = [0, *(start for start, _, _ in line.cells), len(line.text)]
    lefts = [line.left, *(left for _, _, left in line.cells)]
    rights = [*(right for _, right, _ in line.cells), line.right]
    return [
        replace(
            line,
            text=line.text[start:end].rstrip(),
            left=left,
            right=right,
            cells=(),
            divided=line.divided and end == len(line.text),
        )
        for start, end, left, right in zip(starts, starts[1:], lefts, rights, strict=False)
    ]


def _gutter(gaps: list[tuple[float, float]]) -> float:
    """Return the place that lies in most of the gaps."""
    edges = sorted((right, -1) for right, _ in gaps) + sorted((left, 1) for _, left in gaps)
    best, place, inside = 0, 0.0, 0
    for edge, kind in sorted(edges):
        inside -= kind
        if inside > best:
            best, place = inside, edge
    return place


def _is_prose(column: list[Line]) -> bool:
    """Whether lines fill a column as prose does; the cells of a table are short, or end anywhere."""
    if len(column) < _FEWEST_ROWS or median(len(line.text) for line in column) < _PROSE_CHARACTERS:
        return False
    start = min(line.left for line in column)
    width = max(line.right for line in column) - start
    full = sum(line.right - start >= _FULL * width for line in column)
    return full >= _FULL_SHARE * len(column)


def _ordered(pieces: list[Line], gutter: float) -> list[Line]:
    ordered: list[Line] = []
    left: list[Line] = []
    right: list[Line] = []
    for piece in sorted(pieces, key=lambda piece: (piece.turned, -piece.baseline, piece.left)):
        if piece.right <= gutter:
            left.append(piece)
        elif piece.left > gutter:
            right.append(piece)
        else:
            ordered += [*left, *right, piece]
            left, right = [], []
    return [*ordered, *left, *right]
