"""Jupyter notebooks as Markdown-like text: prose, fenced code and what it printed.

The JSON is read here and not by nbformat: that returns values without the lines of the file they stand in, and
validates against a schema that notebooks in the wild often miss by a trifle.
"""

from collections.abc import Sequence
from typing import Any

from lorewright.core.errors import ParseError
from lorewright.core.records import Block, Parsed, SourceMap
from lorewright.parsing.html_lines import Line, Piece, laid_out, plain
from lorewright.parsing.html_preformatted import fenced
from lorewright.parsing.html_source import Dropped
from lorewright.parsing.notebook_cells import Cell, cells_of, word
from lorewright.parsing.notebook_json import read_json
from lorewright.text.spans import Locator


def parse_notebook(text: str) -> Parsed:
    r"""Return what a Jupyter notebook holds.

    Markdown cells keep their text and structure, code cells become fences with the kernel's language, raw cells
    stay as they are. Printed text follows its code in a fence of `text`, up to a limit; images, HTML, widgets and
    tracebacks are left out and listed in `metadata["dropped"]`. Lines are those of the notebook's file.

    Args:
        text: Decoded, with newlines as "\n".

    Raises:
        ParseError: The text is no JSON, is cut short, is no notebook, or its cells hold no text.
    """
    notebook = read_json(text)
    cells = cells_of(notebook)
    language, kernel = _kernel(notebook)
    built = _Text()
    for cell in cells:
        _add(built, cell, cell.language or language)
    if not built.blocks:
        raise ParseError("the notebook's cells hold no text", hint="lore ingest --report")
    top = (block.title for block in built.blocks if block.kind == "heading" and block.level == 1)
    dropped = built.dropped.listed()
    metadata: dict[str, Any] = {"cells": len(cells)}
    metadata |= {"language": language} if language else {}
    metadata |= {"kernel": kernel} if kernel else {}
    metadata |= {"dropped": dropped} if dropped else {}
    return Parsed(
        kind="notebook",
        title=next(top, ""),
        text="".join(built.texts),
        source_map=SourceMap(offsets=tuple(built.offsets), numbers=tuple(built.numbers)),
        blocks=tuple(built.blocks),
        metadata=metadata,
    )


def _kernel(notebook: dict[str, Any]) -> tuple[str, str]:
    """Return the language and the name of the kernel, as far as the notebook tells."""
    metadata = _object(notebook.get("metadata"))
    specification, information = _object(metadata.get("kernelspec")), _object(metadata.get("language_info"))
    language = word(information.get("name")) or word(specification.get("language"))
    kernel = word(specification.get("display_name")) or word(specification.get("name"))
    return language.lower(), kernel


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


class _Text:
    """The text of a notebook as it grows, with its source map and blocks."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.offsets: list[int] = []
        self.numbers: list[int] = []
        self.blocks: list[Block] = []
        self.dropped = Dropped()
        self._position = 0
        self._running = 0

    def append(self, text: str, points: Sequence[tuple[int, int]], blocks: Sequence[Block]) -> None:
        """Append text after an empty line; `points` are its offsets and the lines that they stand on."""
        if self.texts:
            self._count("\n\n", [(0, self._running), (1, self._running)])
        start = self._position
        self._count(text, points)
        self.blocks += (
            block._replace(start=block.start + start, end=block.end + start, body=block.body + start)
            for block in blocks
        )

    def _count(self, text: str, points: Sequence[tuple[int, int]]) -> None:
        counted = 0
        for offset, number in points:
            self._running += text.count("\n", counted, offset)
            counted = offset
            if number != self._running:
                self.offsets.append(self._position + offset)
                self.numbers.append(number)
                self._running = number
        self._running += text.count("\n", counted)
        self._position += len(text)
        self.texts.append(text)


def _add(built: _Text, cell: Cell, language: str) -> None:
    lines = _without_blank_ends(cell.lines)
    if lines:
        if cell.kind == "code":
            _add_pieces(built, [fenced(lines, language)])
        elif cell.kind == "markdown":
            _add_markdown(built, lines)
        elif cell.kind == "heading":
            marked: list[Line] = [[(f"{'#' * cell.level} ", 0), *lines[0]], *lines[1:]]
            _add_markdown(built, marked)
        else:
            _add_pieces(built, [Piece("other", lines)])
    for printed in cell.printed:
        shown = _without_blank_ends(printed)
        if shown:
            _add_pieces(built, [fenced(shown, "text")])
    for what, first, last in cell.dropped:
        built.dropped.add(what, first, last)


def _without_blank_ends(lines: list[Line]) -> list[Line]:
    told = [index for index, line in enumerate(lines) if plain(line).strip()]
    if not told:
        return []
    kept = lines[told[0] : told[-1] + 1]
    last = list(kept[-1])
    while not last[-1][0].strip():
        last.pop()
    last[-1] = (last[-1][0].rstrip(), last[-1][1])
    return [*kept[:-1], last]


def _add_pieces(built: _Text, pieces: Sequence[Piece]) -> None:
    text, source_map, blocks = laid_out(pieces)
    built.append(text, list(zip(source_map.offsets, source_map.numbers, strict=True)), blocks)


def _add_markdown(built: _Text, lines: list[Line]) -> None:
    from lorewright.parsing.markdown import parse_markdown

    numbers = [_number(line) for line in lines]
    source = "\n".join(map(plain, lines))
    try:
        parsed = parse_markdown(source)
    except ParseError:  # nothing but what a Markdown file would leave out: here it may be all there is to say
        _add_pieces(built, [Piece("other", lines)])
        return
    locator = Locator(parsed.source_map, parsed.text)
    starts = {0, *(index + 1 for index, character in enumerate(parsed.text) if character == "\n")}
    points = [
        (offset, numbers[locator.place(offset, offset + 1).first - 1])
        for offset in sorted(starts | set(parsed.source_map.offsets))
    ]
    built.append(parsed.text, points, parsed.blocks)
    for entry in parsed.metadata.get("dropped", []):
        built.dropped.add(entry["what"], numbers[entry["first"] - 1], numbers[entry["last"] - 1])


def _number(line: Line) -> int:
    return next((number for _, number in line if number), 1)
