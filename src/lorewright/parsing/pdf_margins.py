"""What stands at the edges of a PDF's pages and is no part of its text: running headers and footers, page numbers.

A line is one when it repeats, but for its numbers, at the same height of several pages near each other; or when it
stands where on most pages such a line stands. Recorded with their pages, never dropped from one or two pages alone.
"""

import re
from collections import defaultdict
from dataclasses import dataclass

from lorewright.parsing.pdf_headings import Outline, title_key
from lorewright.parsing.pdf_lines import Line, PageLines

_NUMBER = re.compile(r"\d+|\b[ivxlcdm]+\b", re.IGNORECASE)
_AROUND_NUMBER = " -–—.|/"
_MOST_DIGITS = 5
_ROW_POINTS = 2.0
_ROWS_AN_EDGE = 2
_FEWEST_PAGES = 3
_DENSITY = 0.4
_SLOT_DENSITY = 0.6
_LARGE = 1.15
_SAME_SIZE = 0.5
_APART_EMS = 1.6
_EDGE_QUANTILE = 0.05

Dropped = list[dict[str, str | int]]


def without_margins(pages: list[PageLines], *, outline: Outline, body_size: float) -> Dropped:
    """Take the running headers, footers and page numbers out of the pages, and return what was dropped where.

    Text set sideways beyond the page's own text (a stamp, a watermark in the margin) goes too.

    Args:
        pages: The pages' lines, changed in place.
        outline: Titles by page; a line that is one stays.
        body_size: Points of most of the text.
    """
    gone: dict[str, set[int]] = defaultdict(set)
    for edge in ("header", "footer"):
        for _ in range(_ROWS_AN_EDGE):
            rows = {index: row for index, page in enumerate(pages) if (row := _outer_row(page.lines, edge))}
            running = _running(rows, pages=len(pages), body_size=body_size)
            running = [index for index in running if not _is_named(rows[index], outline.get(index + 1, {}))]
            for index in running:
                pages[index].lines = _without(pages[index].lines, rows[index].lines)
                gone[_what(rows[index].lines, edge)].add(index + 1)
    for page in pages:
        numbered = {page.number - 1, page.number + 1} & gone["page number"]
        for what, lines in (
            ("margin text", _stamps(page.lines)),
            ("page number", _turned_numbers(page.lines)),
        ):
            if lines and (numbered or what != "page number"):
                page.lines = _without(page.lines, lines)
                gone[what].add(page.number)
    return [
        {"what": what, "first": first, "last": last}
        for what in sorted(what for what in gone if gone[what])
        for first, last in _stretches(gone[what])
    ]


@dataclass(slots=True)
class _Row:
    """The outermost row of a page; `apart` from the next as running lines are, None when it is the only one."""

    lines: list[Line]
    apart: bool | None

    @property
    def text(self) -> str:
        return " ".join(line.text for line in self.lines)

    @property
    def size(self) -> float:
        return max(line.size for line in self.lines)


def _outer_row(lines: list[Line], edge: str) -> _Row | None:
    level = [line for line in lines if not line.turned]
    if not level:
        return None
    heights = [line.baseline for line in level]
    outer = max(heights) if edge == "header" else min(heights)
    row = [line for line in level if abs(line.baseline - outer) < _ROW_POINTS]
    distance = min(
        (abs(height - outer) for height in heights if abs(height - outer) >= _ROW_POINTS), default=None
    )
    return _Row(row, None if distance is None else distance > _APART_EMS * row[0].size)


def _is_named(row: _Row, titles: dict[str, int]) -> bool:
    return bool(titles) and title_key(row.text) in titles


def _what(lines: list[Line], edge: str) -> str:
    only_number = not any(_NUMBER.sub("", line.text).strip(_AROUND_NUMBER) for line in lines)
    return "page number" if only_number else f"running {edge}"


def _running(rows: dict[int, _Row], *, pages: int, body_size: float) -> list[int]:
    """Return the indices of the pages whose outer row repeats on others."""
    alike: dict[tuple[int, str], list[int]] = defaultdict(list)
    slots: dict[int, list[int]] = defaultdict(list)
    for index, row in rows.items():
        height = round(row.lines[0].baseline)
        large = row.size > _LARGE * body_size
        alike[height, row.text if large else _NUMBER.sub("#", row.text)].append(index)
        slots[height].append(index)
    running = _numbered(rows, slots, body_size)
    for indices in alike.values():
        if _repeats(indices, rows, pages=pages, body_size=body_size):
            running.update(index for index in indices if rows[index].apart is not False)
    for indices in slots.values():
        sure = [index for index in indices if index in running]
        if len(sure) >= max(_FEWEST_PAGES, _SLOT_DENSITY * len(indices)):
            size = max(rows[index].size for index in sure) + _SAME_SIZE
            running.update(index for index in indices if rows[index].apart and rows[index].size <= size)
    return sorted(running)


def _numbered(rows: dict[int, _Row], slots: dict[int, list[int]], body_size: float) -> set[int]:
    """Return the indices of the pages whose outer row is their number, or begins or ends with it as others there."""
    alone: dict[int, set[int]] = defaultdict(set)
    beside: dict[tuple[int, int], set[int]] = defaultdict(set)
    for height, indices in slots.items():
        for index in indices:
            row = rows[index]
            words = row.text.strip(_AROUND_NUMBER).split()
            if not row.apart or not words or row.size > _LARGE * body_size:
                continue
            for word in {words[0], words[-1]}:
                if word.isdecimal() and len(word) <= _MOST_DIGITS:
                    (alone[int(word) - index] if len(words) == 1 else beside[height, int(word) - index]).add(
                        index
                    )
    found = {index for indices in alone.values() if len(indices) >= _FEWEST_PAGES for index in indices}
    for (height, _), pages in beside.items():
        if len(pages) >= max(_FEWEST_PAGES, _SLOT_DENSITY * len(slots[height])):
            found |= pages
    return found


def _repeats(indices: list[int], rows: dict[int, _Row], *, pages: int, body_size: float) -> bool:
    apart = sum(bool(rows[index].apart) for index in indices)
    if apart < max(_FEWEST_PAGES, len(indices) / 2):
        return False
    row = rows[indices[0]]
    if row.size > _LARGE * body_size or all(line.mono for line in row.lines):
        return len(indices) >= _SLOT_DENSITY * pages
    return len(indices) >= _DENSITY * (indices[-1] - indices[0] + 1)


def _without(lines: list[Line], gone: list[Line]) -> list[Line]:
    known = {id(line) for line in gone}
    return [line for line in lines if id(line) not in known]


def _stamps(lines: list[Line]) -> list[Line]:
    turned = [line for line in lines if line.turned]
    if not turned:
        return []
    level = [line for line in lines if not line.turned]
    if not level:
        return []
    few = int(len(level) * _EDGE_QUANTILE)
    left = sorted(line.left for line in level)[few]
    right = sorted((line.right for line in level), reverse=True)[few]
    return [line for line in turned if line.right < left or line.left > right]


def _turned_numbers(lines: list[Line]) -> list[Line]:
    """Return the numbers that stand upright on a page set sideways."""
    return [
        line for line in lines if line.turned and line.text.isdecimal() and len(line.text) <= _MOST_DIGITS
    ]


def _stretches(pages: set[int]) -> list[tuple[int, int]]:
    stretches: list[tuple[int, int]] = []
    for page in sorted(pages):
        if stretches and page == stretches[-1][1] + 1:
            stretches[-1] = stretches[-1][0], page
        else:
            stretches.append((page, page))
    return stretches
