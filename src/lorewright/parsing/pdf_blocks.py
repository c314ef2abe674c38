"""The paragraphs, lists, code and tables of a PDF's page, made of its lines."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from lorewright.core.records import BlockKind
from lorewright.parsing.pdf_headings import Heading, has_leaders
from lorewright.parsing.pdf_hyphens import Spelling
from lorewright.parsing.pdf_lines import Line

_BULLET = re.compile(r"[•◦▪‣∙·–—*-]\s+\S")
_ITEM = re.compile(r"(?:[•◦▪‣∙·–—*-]|\((?:\d{1,3}|[a-z]|[ivx]{1,5})\)|(?:\d{1,3}|[a-z]|[ivx]{1,5})[.)])\s+\S")
_ENDING = (".", "!", "?", ":", "\u3002")
_FIRST_WORD = re.compile(r"[a-z\u00df-\u00f6\u00f8-\u00ff]\w*")
_ROW_POINTS = 2.0
_COLUMN_POINTS = 4.0
_WIDE_GAP_EMS = 1.5
_SHORT = 0.75
_FULL = 0.9
_INDENT_EMS = 0.8
_MOST_INDENT_EMS = 5
_SPREAD = 1.2
_OTHER_SIZE = 0.12
_MOST_BLANK_LINES = 2
_MONO_PITCH_EMS = 0.6
_MOST_COLUMNS = 400
_TYPEWRITTEN_SHARE = 0.9
_USUAL_LEADING = 1.2


@dataclass(frozen=True, slots=True)
class Setting:
    """How a file is set: the size of most of its text in points, and the distance of lines over their size.

    Attributes:
        typewritten: Whether most of it is monospaced, so that this marks no code.
    """

    body_size: float
    leading: float
    typewritten: bool


@dataclass(slots=True)
class Part:
    """One block of a page, before it has its place in the document's text."""

    kind: BlockKind
    text: str
    level: int = 0
    title: str = ""


def page_parts(
    lines: list[Line], headings: dict[int, Heading], *, setting: Setting, spelling: Spelling
) -> list[Part]:
    """Return a page's blocks in reading order.

    Args:
        lines: The page's lines, without running headers, in reading order.
        headings: Headings by the index of their first line.
        setting: How the file is set.
        spelling: How the file spells its words.
    """
    widths = sorted(line.right - line.left for line in lines)
    page = _Page(lines, headings, setting, spelling, widths[int(len(widths) * 0.9)] if widths else 0.0)
    parts = []
    index = 0
    while index < len(lines):
        part, index = page.part(index)
        parts.append(part)
    return parts


@dataclass(slots=True)
class _Page:
    lines: list[Line]
    headings: dict[int, Heading]
    setting: Setting
    spelling: Spelling
    width: float

    def part(self, index: int) -> tuple[Part, int]:
        """Return the block that begins at a line, and the line after it."""
        heading = self.headings.get(index)
        if heading:
            end = index + heading.count
            text = self._joined(index, end)
            return Part("heading", text, heading.level, " ".join(text.split())), end
        line = self.lines[index]
        if line.turned:
            end = self._while(index, lambda at: self.lines[at].turned)
            return Part("other", "\n".join(line.text for line in self.lines[index:end])), end
        if line.mono and not self.setting.typewritten:
            end = self._while(index, lambda at: self.lines[at].mono)
            if end - index > 1 or self._isolated(index):
                return Part("code", _code(self.lines[index:end])), end
        if has_leaders(line.text):
            end = self._while(index, lambda at: has_leaders(self.lines[at].text))
            return Part("other", "\n".join(_row(line) for line in self.lines[index:end])), end
        if line.cells:
            end = self._table_end(index)
            if end > index:
                return Part("table", "\n".join(_row(line) for line in self.lines[index:end])), end
        return self._prose(index)

    def _while(self, index: int, holds: Callable[[int], bool]) -> int:
        end = index + 1
        while end < len(self.lines) and end not in self.headings and holds(end):
            end += 1
        return end

    def _isolated(self, index: int) -> bool:
        """Whether a lone monospaced line stands apart from the prose around it."""
        line = self.lines[index]
        for other in (index - 1, index + 1):
            if 0 <= other < len(self.lines) and other not in self.headings:
                beside = self.lines[other]
                near = abs(beside.baseline - line.baseline) <= _SPREAD * self.setting.leading * line.size
                if near and abs(beside.left - line.left) < _INDENT_EMS * line.size:
                    return False
        return True

    def _table_end(self, index: int) -> int:
        """Return the line after a table's last, or `index` when no two rows share a column."""
        columns = [left for _, _, left in self.lines[index].cells]
        first = self.lines[index].left
        rows, end = 1, index + 1
        last_row = end
        while end < len(self.lines) and end not in self.headings:
            line = self.lines[end]
            starts = [left for _, _, left in line.cells]
            if starts and any(abs(one - other) < _COLUMN_POINTS for one in starts for other in columns):
                rows += 1
                columns = starts if len(starts) > len(columns) else columns
                last_row = end + 1
            elif starts or not self._continues_row(end, first, columns):
                break
            else:
                last_row = end + 1
            end += 1
        return last_row if rows > 1 else index

    def _continues_row(self, index: int, first: float, columns: list[float]) -> bool:
        """Whether a line without a wide gap belongs to a table: it stands in a column, or rows go on after it."""
        line = self.lines[index]
        if any(abs(line.left - column) < _COLUMN_POINTS for column in columns):
            return True
        if abs(line.left - first) > _COLUMN_POINTS:
            return False
        after = self.lines[index + 1] if index + 1 < len(self.lines) else None
        return line.right < columns[0] or bool(
            after
            and any(abs(left - column) < _COLUMN_POINTS for _, _, left in after.cells for column in columns)
        )

    def _prose(self, index: int) -> tuple[Part, int]:
        is_list = bool(_ITEM.match(self.lines[index].text))
        start = end = index
        while True:
            end += 1
            if end >= len(self.lines) or end in self.headings or self._other_kind(end):
                break
            if is_list and self._next_item(start, end):
                start = end
            elif self._breaks(start, end, is_list=is_list):
                break
        return Part("list" if is_list else "paragraph", self._joined(index, end)), end

    def _other_kind(self, index: int) -> bool:
        line = self.lines[index]
        if line.turned or has_leaders(line.text):
            return True
        if line.mono and not self.setting.typewritten:
            after = index + 1
            followed = after < len(self.lines) and self.lines[after].mono and after not in self.headings
            return followed or self._isolated(index)
        return bool(line.cells) and self._table_end(index) > index

    def _next_item(self, start: int, index: int) -> bool:
        line, before = self.lines[index], self.lines[index - 1]
        if not _ITEM.match(line.text):
            return False
        near = 0 < before.baseline - line.baseline < 2.5 * self.setting.leading * line.size
        return near and abs(line.left - self.lines[start].left) < _MOST_INDENT_EMS * line.size

    def _breaks(self, start: int, index: int, *, is_list: bool) -> bool:
        """Whether a new block begins at a line."""
        before, line = self.lines[index - 1], self.lines[index]
        if abs(line.size - before.size) > _OTHER_SIZE * before.size or _BULLET.match(line.text):
            return True
        ended = before.text.endswith(_ENDING)
        gap = before.baseline - line.baseline
        if gap < -line.size:
            return not before.divided and (ended or not _FIRST_WORD.match(line.text))
        if gap > _SPREAD * self.setting.leading * line.size:
            return True
        short = before.right - self.lines[start].left < _SHORT * self.width
        if ended and (short or _ITEM.match(line.text)):
            return True
        indent = line.left - before.left
        step = _INDENT_EMS * line.size
        if is_list:
            return line.left < self.lines[start].left + 1 and indent < -step
        full = before.right - self.lines[start].left >= _FULL * self.width
        if indent > step:
            centred = abs(line.left + line.right - before.left - before.right) < line.size
            return ended if full else not centred
        if indent < -step and index - 1 > start:
            return ended
        return False

    def _joined(self, start: int, end: int) -> str:
        """Return lines as text, words that a hyphen divides put together."""
        text = ""
        for line in self.lines[start:end]:
            shown = _row(line, gap=" ")
            text = self.spelling.append(text, shown) if text else shown
            if line.divided:
                text += "-"
        return text


def in_rows(lines: list[Line]) -> list[Line]:
    """Return a page's lines, with those that stand on one baseline beside each other as one."""
    rows: list[Line] = []
    for line in lines:
        before = rows[-1] if rows else None
        if before is None or line.turned or before.turned or line.left < before.right - 1:
            rows.append(line)
            continue
        gap = line.left - before.right
        raised = gap < line.size and before.bottom < line.top and line.bottom < before.top
        raised = raised and abs(line.size - before.size) > _OTHER_SIZE * before.size
        if raised or abs(line.baseline - before.baseline) < _ROW_POINTS:
            rows[-1] = _beside(before, line, gap)
        else:
            rows.append(line)
    return rows


def _beside(before: Line, line: Line, gap: float) -> Line:
    space = "" if 0 <= gap < 0.12 * before.size else " "
    offset = len(before.text) + len(space)
    cells = list(before.cells)
    if gap > _WIDE_GAP_EMS * max(line.size, before.size):
        cells.append((offset, before.right, line.left))
    cells += [(offset + start, right, left) for start, right, left in line.cells]
    main = before if before.size >= line.size else line
    return Line(
        text=before.text + space + line.text,
        left=before.left,
        right=line.right,
        bottom=min(before.bottom, line.bottom),
        top=max(before.top, line.top),
        baseline=main.baseline,
        size=main.size,
        font=main.font,
        mono=before.mono and line.mono,
        bold=before.bold and line.bold,
        divided=line.divided,
        cells=tuple(cells),
    )


def _row(line: Line, gap: str = "  ") -> str:
    if not line.cells:
        return line.text
    starts = [0, *(start for start, _, _ in line.cells), len(line.text)]
    return gap.join(line.text[start:end].rstrip() for start, end in pairwise(starts))


def _code(lines: list[Line]) -> str:
    """Return monospaced lines with the page's indentation and blank lines."""
    start = min(line.left for line in lines)
    longest = max(lines, key=lambda line: len(line.text))
    pitch = (longest.right - longest.left) / len(longest.text)
    if not 0.3 * longest.size < pitch < longest.size:
        pitch = _MONO_PITCH_EMS * longest.size or 1.0
    gaps = [one.baseline - other.baseline for one, other in pairwise(lines)]
    usual = min((gap for gap in gaps if gap > 0.8 * longest.size), default=0.0)
    text = ""
    for line, gap in zip(lines, [0.0, *gaps], strict=True):
        blank = min(_MOST_BLANK_LINES, round(gap / usual) - 1) if usual and gap > 0 else 0
        text += (
            "\n" * max(0, blank)
            + " " * round(min((line.left - start) / pitch, _MOST_COLUMNS))
            + line.text
            + "\n"
        )
    return text.rstrip()


def setting_of(pages: list[list[Line]]) -> Setting:
    """Return how a file's pages are set."""
    sizes: dict[tuple[bool, float], int] = {}
    characters = mono = 0
    for lines in pages:
        for line in lines:
            count = len(line.text)
            characters += count
            if line.mono:
                mono += count
            kind = line.mono, round(line.size, 1)
            sizes[kind] = sizes.get(kind, 0) + count
    typewritten = mono > _TYPEWRITTEN_SHARE * characters
    body = {size: count for (is_mono, size), count in sizes.items() if is_mono == typewritten}
    body_size = max(body, key=lambda size: body[size]) if body else 0.0
    return Setting(body_size, _leading(pages, body_size), typewritten)


def _leading(pages: list[list[Line]], body_size: float) -> float:
    ratios = Counter(
        round((one.baseline - other.baseline) / other.size, 2)
        for lines in pages
        for one, other in pairwise(lines)
        if abs(other.size - body_size) < 0.2
        and 0.8 * other.size < one.baseline - other.baseline < 2.5 * other.size
    )
    return ratios.most_common(1)[0][0] if ratios else _USUAL_LEADING
