"""The lines of a PDF's page, each with where it stands and how it is set.

PDFium's own text order and line ends are taken as they are; per-character questions are asked once or twice a line,
since each call costs about as much as PDFium needs for the text of ten characters.
"""

import ctypes
import math
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

# A line ends at a line break, or at PDFium's mark of a hyphen that divides a word, which stands for the break too.
_LINE = re.compile("[^\r\n\x02\ufffe]+")
_DIVIDED = ("\x02", "\ufffe")
_SOFT_HYPHEN = "\u00ad"
_WORD = re.compile(r"\S+")
_MONOSPACED = re.compile(
    rb"cour|mono|consol|typewriter|menlo|monaco|fixed|inconsolata|nimbusmon|fira ?code|source ?code|pcrr|pcrb"
    # TeX's: CMTT10, ECTT1000, LMTT, t1xtt, SFTT; the second group slanted, italic or light.
    rb"|(?:^|\+)[a-z0-9]{0,6}tt(?:$|[-_,\d])|(?:^|\+)(?:cm|ec|sf|la)(?:sl|it|v)?tt",
    re.IGNORECASE,
)
_BOLD = re.compile(rb"bold|black|heavy|demi|medi$|-bd|cmbx|sfbx|ecbx|cmssbx", re.IGNORECASE)
_LIGATURES = str.maketrans(
    {
        "\ufb00": "ff",
        "\ufb01": "fi",
        "\ufb02": "fl",
        "\ufb03": "ffi",
        "\ufb04": "ffl",
        "\ufb05": "st",
        "\ufb06": "st",
        "\u00a0": " ",
        "\u00ad": "-",
    }
)
_WIDE_GAP_EMS = 1.5
_TALL_EMS = 2.2
# The mean width of a character, spaces included, is about half an em; more hints at a gap within one show string.
_WIDE_TEXT_EMS = 0.62
_SAME_TURN_DEGREES = 5
_FONT_NAME_BYTES = 128
_MOST_COLUMNS = 400
_FAR_POINTS = 1e6
_WIDTHS = 8
_FEWEST_WIDTHS = 4
_SAME_WIDTH = 0.02


@dataclass(frozen=True, slots=True)
class Font:
    """A font by its name, and what the name says of it."""

    name: bytes
    mono: bool
    bold: bool


@dataclass(slots=True, eq=False)
class Line:
    """One line of a page; coordinates in points, upwards and rightwards as one reads.

    Attributes:
        text: Without the hyphen that divides its last word, if `divided`.
        cells: Where in `text` each part after a wide gap begins, and the gap's left and right edge.
        font: The one it begins in.
        mono: Whether it is monospaced from end to end.
        bold: Whether it begins and ends in bold.
        turned: Whether it is set in another direction than most of its page.
        mapped: Whether its font says which characters it shows.
    """

    text: str
    left: float
    right: float
    bottom: float
    top: float
    baseline: float
    size: float
    font: Font
    mono: bool
    bold: bool
    divided: bool = False
    turned: bool = False
    mapped: bool = True
    cells: tuple[tuple[int, float, float], ...] = ()


@dataclass(slots=True)
class PageLines:
    """The lines of one page, in PDFium's order."""

    number: int
    lines: list[Line] = field(default_factory=list)


class LineReader:
    """Reads the lines of one file's pages; holds the buffers that PDFium's answers come in."""

    def __init__(self) -> None:
        from pypdfium2 import raw

        self._pdfium = raw
        self._numbers = (ctypes.c_double * 4)()
        start = ctypes.addressof(self._numbers)
        double = ctypes.POINTER(ctypes.c_double)
        self._edges = [ctypes.cast(start + 8 * index, double) for index in range(4)]
        self._matrix = raw.FS_MATRIX()
        self._to_matrix = ctypes.byref(self._matrix)
        self._loose = raw.FS_RECTF()
        self._to_loose = ctypes.byref(self._loose)
        self._name = ctypes.create_string_buffer(_FONT_NAME_BYTES)
        self._to_flags = ctypes.byref(ctypes.c_int())
        self._fonts: dict[bytes, Font] = {}
        self._pitch = 0.0

    def read(self, words: Any, number: int) -> PageLines:
        """Return the lines of a loaded text page."""
        text, indices = self._text(words)
        found = []
        for match in _LINE.finditer(text):
            shown = match[0].strip()
            if not shown or shown == "\x00":
                continue
            first = match.start() + match[0].index(shown[0])
            after = text[match.end() : match.end() + 1]
            found += self._lines(words, shown, indices(first), after)
        return PageLines(number, _upright(found))

    def _text(self, words: Any) -> tuple[str, Any]:
        """Return the page's text, and the function from its offsets to PDFium's numbers of characters."""
        count = self._pdfium.FPDFText_CountChars(words)
        units = (ctypes.c_ushort * (2 * count + 2))()
        written = self._pdfium.FPDFText_GetText(words, 0, count, units)
        text = bytes(units)[: 2 * max(0, written - 1)].decode("utf-16-le", "replace")
        if len(text) == count:
            return text, int
        place = self._pdfium.FPDFText_GetCharIndexFromTextIndex
        return text, lambda offset: max(0, place(words, offset))

    def _lines(self, words: Any, text: str, first: int, after: str) -> list[tuple[float, Line]]:
        """Return one line, or several where PDFium goes on in another direction without a line end."""
        turn, line = self._line(words, text, first, after)
        across = line.right - line.left if turn else line.top - line.bottom
        if across < _TALL_EMS * line.size:
            return [(turn, line)]
        stretches: list[tuple[float, int, int]] = []
        for match in _WORD.finditer(text):
            turn, _ = self._turn_and_size(words, first + match.start())
            if stretches and stretches[-1][0] == turn:
                stretches[-1] = turn, stretches[-1][1], match.end()
            else:
                stretches.append((turn, match.start(), match.end()))
        if len(stretches) == 1:
            return [(turn, line)]
        return [
            self._line(words, text[start:end], first + start, after if end == len(text) else "")
            for _, start, end in stretches
        ]

    def _line(self, words: Any, text: str, first: int, after: str) -> tuple[float, Line]:
        """Return a line and the angle it is set at; its middle tells size and height, as its ends may be raised."""
        pdfium, edges = self._pdfium, self._edges
        last = first + len(text) - 1
        middle = (first + last) // 2
        while text[middle - first].isspace():
            middle += 1
        left, right, bottom, top, gap = self._box(words, first, len(text))
        turn, size = self._turn_and_size(words, middle)
        font = self._font(words, first)
        if font.name:
            mono = font.mono and self._font(words, last).mono and self._font(words, middle).mono
        else:
            mono = self._has_one_width(words, text, first)
        pdfium.FPDFText_GetCharOrigin(words, middle, edges[0], edges[1])
        divided = bool(after) and after in _DIVIDED
        if text.endswith(_SOFT_HYPHEN):
            text, divided = text[:-1], True
        line = Line(
            text,
            left,
            right,
            bottom,
            top,
            self._numbers[0 if turn else 1],
            size,
            font,
            mono,
            font.bold and self._font(words, last).bold,
            divided,
            False,
            not pdfium.FPDFText_HasUnicodeMapError(words, middle),
        )
        if not -_FAR_POINTS < left + right + bottom + top + line.baseline + size < _FAR_POINTS:
            _bring_near(line)
        if turn:
            return turn, line
        if mono:
            self._set_in_grid(words, line, first)
        elif gap > _WIDE_GAP_EMS * size or right - left > _WIDE_TEXT_EMS * size * len(text):
            line.cells = self._cells(words, text, first, size)
        return turn, line

    def _box(self, words: Any, first: int, count: int) -> tuple[float, float, float, float, float]:
        """Return left, right, bottom, top of some characters' ink, and the widest gap between two runs of them."""
        pdfium, numbers, edges = self._pdfium, self._numbers, self._edges
        runs = pdfium.FPDFText_CountRects(words, first, count)
        if runs < 1:
            pdfium.FPDFText_GetCharOrigin(words, first, edges[0], edges[1])
            x, y = numbers[0], numbers[1]
            return x, x, y, y, 0.0
        pdfium.FPDFText_GetRect(words, 0, *edges)
        left, top, right, bottom = numbers
        gap = 0.0
        for index in range(1, runs):
            pdfium.FPDFText_GetRect(words, index, *edges)
            run_left, run_top, run_right, run_bottom = numbers
            gap = max(gap, run_left - right)
            left = min(left, run_left)
            right = max(right, run_right)
            top, bottom = max(top, run_top), min(bottom, run_bottom)
        return left, right, bottom, top, gap

    def _turn_and_size(self, words: Any, index: int) -> tuple[float, float]:
        """Return the angle of a character in degrees, and its size in points as shown."""
        matrix = self._matrix
        size = self._pdfium.FPDFText_GetFontSize(words, index)
        if not self._pdfium.FPDFText_GetMatrix(words, index, self._to_matrix):
            return 0.0, size
        size *= math.hypot(matrix.c, matrix.d)
        if not matrix.b and matrix.a > 0:
            return 0.0, size
        return round(math.degrees(math.atan2(matrix.b, matrix.a))) % 360, size

    def _font(self, words: Any, index: int) -> Font:
        name = self._name
        name.value = b""
        self._pdfium.FPDFText_GetFontInfo(words, index, name, _FONT_NAME_BYTES, self._to_flags)
        key = name.value
        known = self._fonts.get(key)
        if known is None:
            known = self._fonts[key] = Font(key, bool(_MONOSPACED.search(key)), bool(_BOLD.search(key)))
        return known

    def _cells(self, words: Any, text: str, first: int, size: float) -> tuple[tuple[int, float, float], ...]:
        cells = []
        before = math.inf
        for match in _WORD.finditer(text):
            left, _ = self._span(words, first + match.start())
            if left - before > _WIDE_GAP_EMS * size:
                cells.append((match.start(), before, left))
            _, before = self._span(words, first + match.end() - 1)
        return tuple(cells)

    def _set_in_grid(self, words: Any, line: Line, first: int) -> None:
        """Give a monospaced line as many spaces between its words as the page shows."""
        left, right = self._span(words, first)
        pitch = right - left
        line.left = left
        if not 0.3 * line.size < pitch < line.size or line.right - left < (len(line.text) + 0.5) * pitch:
            return
        shown = ""
        for match in _WORD.finditer(line.text):
            at, _ = self._span(words, first + match.start())
            column = round(min(_MOST_COLUMNS, max(0, (at - left) / pitch)))
            shown = shown.ljust(max(column, len(shown) + 1 if shown else 0)) + match[0]
        line.text = shown

    def _has_one_width(self, words: Any, text: str, first: int) -> bool:
        """Whether the characters of a font without a name are all as wide as each other."""
        sample = {character: index for index, character in enumerate(text) if not character.isspace()}
        spans = [self._span(words, first + at) for at in list(sample.values())[:_WIDTHS]]
        widths = [right - left for left, right in spans]
        widest = max(widths)
        if widest - min(widths) > _SAME_WIDTH * widest:
            return False
        if len(widths) >= _FEWEST_WIDTHS:
            self._pitch = widest
        return abs(widest - self._pitch) <= _SAME_WIDTH * widest

    def _span(self, words: Any, index: int) -> tuple[float, float]:
        """Return the left and right edge of a character, side bearings included."""
        self._pdfium.FPDFText_GetLooseCharBox(words, index, self._to_loose)
        return self._loose.left, self._loose.right


def _upright(found: list[tuple[float, Line]]) -> list[Line]:
    """Return the lines as one reads them: a page that is set sideways turned, lines in other directions marked."""
    weights: Counter[float] = Counter()
    for turn, line in found:
        weights[turn] += len(line.text)
    usual = max(weights, key=lambda turn: weights[turn]) if weights else 0.0
    lines = []
    for turn, line in found:
        apart = abs(turn - usual) % 360
        line.turned = min(apart, 360 - apart) > _SAME_TURN_DEGREES
        if not line.turned and usual:
            _turn(line, usual)
        if not line.text.isascii():
            _spell_out_ligatures(line)
        lines.append(line)
    return lines


def _bring_near(line: Line) -> None:
    """Give a line that damaged numbers put beyond any page a place that can be reckoned with."""
    for name in ("left", "right", "bottom", "top", "baseline", "size"):
        value = getattr(line, name)
        setattr(line, name, min(max(value, -_FAR_POINTS), _FAR_POINTS) if math.isfinite(value) else 0.0)


def _spell_out_ligatures(line: Line) -> None:
    text = line.text
    line.text = text.translate(_LIGATURES)
    if line.cells and len(line.text) != len(text):
        line.cells = tuple(
            (len(text[:start].translate(_LIGATURES)), right, left) for start, right, left in line.cells
        )


def _turn(line: Line, degrees: float) -> None:
    left, right, bottom, top = line.left, line.right, line.bottom, line.top
    quarter = round(degrees / 90) % 4
    if quarter == 1:
        line.left, line.right, line.bottom, line.top = bottom, top, -right, -left
        line.baseline = -line.baseline
    elif quarter == 2:
        line.left, line.right, line.bottom, line.top = -right, -left, -top, -bottom
        line.baseline = line.bottom
    elif quarter == 3:
        line.left, line.right, line.bottom, line.top = -top, -bottom, left, right
