"""The cells of Jupyter notebooks of format 4 and of the older ones that keep them in worksheets."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lorewright.core.errors import ParseError
from lorewright.parsing.html_lines import Line
from lorewright.parsing.notebook_json import Text

_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07]*\x07")
_PLACEHOLDER = re.compile(r"\s*<[^<>\n]*>\s*")
_OLD_TYPES = {"png": "image/png", "jpeg": "image/jpeg", "svg": "image/svg+xml", "html": "text/html"}
_NAMES = {"text/html": "html", "application/vnd.jupyter.widget-view+json": "widget"}
_NOT_DATA = frozenset(
    {"output_type", "metadata", "prompt_number", "execution_count", "name", "stream", "text", "data"}
)
_LONGEST_OUTPUT = 4000

Dropped = tuple[str, int, int]


@dataclass
class Cell:
    """A cell: its lines, what it printed, and what of its outputs is left out, with lines of the file.

    Attributes:
        kind: `markdown`, `code`, `raw` or `heading`.
        language: What an older notebook says of the cell; else empty.
        level: Of a heading.
    """

    kind: str
    lines: list[Line]
    language: str = ""
    level: int = 0
    printed: list[list[Line]] = field(default_factory=list)
    dropped: list[Dropped] = field(default_factory=list)


def cells_of(notebook: Any) -> list[Cell]:
    """Return the cells in order.

    Raises:
        ParseError: There are none, or one is not an object.
    """
    sheets = [notebook]
    if isinstance(notebook, dict) and isinstance(notebook.get("worksheets"), list):
        sheets = notebook["worksheets"]
    listed = [sheet.get("cells") for sheet in sheets if isinstance(sheet, dict)]
    raw = [cell for cells in listed if isinstance(cells, list) for cell in cells]
    if not raw:
        raise ParseError("the file is not a notebook with cells", hint="lore ingest --report")
    for number, cell in enumerate(raw, 1):
        if not isinstance(cell, dict):
            raise ParseError(f"cell {number} of the notebook is not an object", hint="lore ingest --report")
    return [_cell(cell) for cell in raw]


def _cell(raw: dict[str, Any]) -> Cell:
    source = raw.get("source", raw.get("input", raw.get("text")))
    level = raw.get("level")
    cell = Cell(
        kind=word(raw.get("cell_type")) or "raw",
        lines=_lines(source),
        language=word(raw.get("language")),
        level=level if isinstance(level, int) and 1 <= level <= 6 else 1,
    )
    _note(cell, "attachment", raw.get("attachments"))
    outputs = raw.get("outputs")
    for output in outputs if isinstance(outputs, list) else []:
        if isinstance(output, dict):
            _add_output(cell, output)
    return cell


def word(value: Any) -> str:
    """Return a string's text; empty for anything else."""
    return value.text if isinstance(value, Text) else ""


def _lines(source: Any) -> list[Line]:
    """Return a string, or strings to be joined, as lines."""
    lines: list[Line] = [[]]
    for piece in source if isinstance(source, list) else [source]:
        if isinstance(piece, Text):
            *ended, rest = piece.text.replace("\r\n", "\n").split("\n")
            for part in ended:
                lines[-1].append((part, piece.line))
                lines.append([])
            if rest:
                lines[-1].append((rest, piece.line))
    return lines


def _add_output(cell: Cell, output: dict[str, Any]) -> None:
    kind = word(output.get("output_type"))
    if kind in {"error", "pyerr"}:
        cell.printed.append(_joined(output.get("ename"), output.get("evalue")))
        _note(cell, "traceback", output.get("traceback"))
        return
    data = output.get("data")
    if not isinstance(data, dict):
        data = {_OLD_TYPES.get(key, key): output[key] for key in output if key not in _NOT_DATA}
        data["text/plain"] = output.get("text")
    plain = data.pop("text/plain", None)
    if data and _PLACEHOLDER.fullmatch("".join(text for line in _lines(plain) for text, _ in line)):
        _note(cell, "placeholder", plain)
    else:
        _print(cell, plain)
    for name, value in data.items():
        _note(cell, "image" if name.startswith("image/") else _NAMES.get(name, name), value)


def _joined(name: Any, value: Any) -> list[Line]:
    first, *rest = _lines(value)
    told = [(f"{name.text}: ", name.line)] if isinstance(name, Text) else []
    return [[*told, *first], *rest]


def _print(cell: Cell, value: Any) -> None:
    """Keep plain text without terminal escapes up to the limit; of a line drawn over itself, the last state."""
    kept: list[Line] = []
    size = 0
    lines = _lines(value)
    for count, line in enumerate(lines):
        shown = _shown(line)
        size += sum(len(text) + 1 for text, _ in shown)
        if size > _LONGEST_OUTPUT:
            numbers = [number for rest in lines[count:] for _, number in rest]
            cell.dropped.append(("long output", min(numbers), max(numbers)))
            break
        kept.append(shown)
    cell.printed.append(kept)


def _shown(line: Line) -> Line:
    shown: Line = []
    returned = False
    for text, number in line:
        for count, part in enumerate(_ESCAPES.sub("", text).split("\r")):
            returned = returned or count > 0
            if part and returned:
                shown, returned = [], False
            if part:
                shown.append((part, number))
    return shown or [("", number) for _, number in line[:1]]


def _note(cell: Cell, what: str, value: Any) -> None:
    numbers = list(_numbers(value))
    if numbers:
        cell.dropped.append((what, min(numbers), max(numbers)))


def _numbers(value: Any) -> Iterator[int]:
    """Yield the lines of all strings in a value."""
    waiting = [value]
    while waiting:
        found = waiting.pop()
        if isinstance(found, Text):
            if found.text.strip():
                yield found.line
        elif isinstance(found, dict):
            waiting.extend(found.values())
        elif isinstance(found, list):
            waiting.extend(found)
