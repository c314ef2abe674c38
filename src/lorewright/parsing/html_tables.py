"""Tables of a page as pipe tables: every cell kept, spans filled."""

import re
from collections.abc import Callable, Iterator
from itertools import chain

from lorewright.parsing.html_lines import Line, on_one_line
from lorewright.parsing.html_tree import CODE, HEADING, TABLE, Element

_CODE_CELL = re.compile(r"[ _-](?:blob-code|hljs-ln-code|code-line|js-file-line)[ _-]")
_WIDEST_SPAN, _LONGEST_REPEATED = 100, 200
_PADDING = 20

_Cells = dict[int, Line]


def is_code_table(table: Element) -> bool:
    """Say whether each row of a table is a line of code."""
    return any(_CODE_CELL.search(cell.names) for row, _ in _rows(table) for cell in _cells(row) if cell.names)


def is_data(table: Element) -> bool:
    """Say whether a table holds data and is no layout: several rows and columns, or heads, and nothing large."""
    if table.holds & (HEADING | TABLE | CODE) or table.attributes.get("role") in {"presentation", "none"}:
        return False
    rows = [list(_cells(row)) for row, _ in _rows(table)]
    headed = any(cell.tag == "th" for cells in rows for cell in cells)
    return headed or (len(rows) > 1 and any(len(cells) > 1 for cells in rows))


def table_lines(table: Element, render: Callable[[Element], list[Line]]) -> list[Line]:
    """Return a table as lines: heads, a rule, rows. `render` makes lines of a cell.

    A cell that spans rows is told in each of them if it is short; one that spans columns in the first.
    """
    grid, head_rows = _grid(table, render)
    if not grid:
        return []
    width = max(max(row, default=0) for row in grid) + 1
    if width * len(grid) > _PADDING * sum(map(len, grid)) + 1000:
        lines = [_line(row, max(row, default=0) + 1) for row in grid]
    else:
        lines = [_line(row, width) for row in grid]
    number = next((number for _, number in chain(*lines) if number), 0)
    if not head_rows:
        lines.insert(0, [("|" + "   |" * width, number)])
    lines.insert(1, [("|" + " --- |" * width, number)])
    return lines


def _grid(table: Element, render: Callable[[Element], list[Line]]) -> tuple[list[_Cells], bool]:
    """Return the rows that hold words, each from column to cell, and whether the first is a head."""
    grid: list[_Cells] = []
    headed = False
    spanning: dict[int, tuple[int, Line]] = {}
    for row, in_head in _rows(table):
        cells: _Cells = {}
        column = 0
        found = list(_cells(row))
        for cell in found:
            column = _fill(cells, spanning, column)
            line = _cell_line(render(cell))
            cells[column] = line
            repeated = line if sum(len(text) for text, _ in line) <= _LONGEST_REPEATED else []
            rows = _span(cell, "rowspan") - 1
            for covered in range(column, column + _span(cell, "colspan")):
                cells.setdefault(covered, [])
                if rows > 0:
                    spanning[covered] = (rows, repeated if covered == column else [])
            column += _span(cell, "colspan")
        told = any(cells.values())
        _fill(cells, spanning, column, to_the_end=True)
        if told:
            headed = headed if grid else in_head or all(cell.tag == "th" for cell in found)
            grid.append(cells)
    return grid, headed


def _fill(
    cells: _Cells, spanning: dict[int, tuple[int, Line]], column: int, *, to_the_end: bool = False
) -> int:
    """Put cells of rows above that reach down here; return the next free column."""
    while column in spanning:
        _reach(cells, spanning, column)
        column += 1
    if to_the_end:
        for covered in [other for other in spanning if other not in cells]:
            _reach(cells, spanning, covered)
    return column


def _reach(cells: _Cells, spanning: dict[int, tuple[int, Line]], column: int) -> None:
    rows, line = spanning.pop(column)
    cells[column] = line
    if rows > 1:
        spanning[column] = (rows - 1, line)


def _cell_line(lines: list[Line]) -> Line:
    return [(text.replace("|", "\\|"), number) for text, number in on_one_line(_stripped(lines))]


def _stripped(lines: list[Line]) -> Iterator[Line]:
    """Yield lines without the indentation that nesting gave them, and without the fences of code."""
    for line in lines:
        if line and not line[0][0].strip() and len(line) > 1:
            yield line[1:]
        elif not (line and line[0][0].startswith("```")):
            yield line


def _line(row: _Cells, width: int) -> Line:
    line: Line = []
    for column in range(width):
        line += [("| " if column == 0 else " | ", 0), *row.get(column, [])]
    return [*line, (" |", 0)]


def _span(cell: Element, name: str) -> int:
    told = (cell.attributes.get(name) or "").strip()
    return min(max(int(told), 1), _WIDEST_SPAN) if told.isdecimal() and len(told) < 7 else 1


def _rows(table: Element) -> Iterator[tuple[Element, bool]]:
    """Yield rows, each with whether it is in the table's head."""
    for child in table.children:
        if isinstance(child, Element) and child.tag in {"thead", "tbody", "tfoot"}:
            for row in child.children:
                if isinstance(row, Element) and row.tag == "tr":
                    yield row, child.tag == "thead"


def _cells(row: Element) -> Iterator[Element]:
    return (cell for cell in row.children if isinstance(cell, Element) and cell.tag in {"td", "th"})
