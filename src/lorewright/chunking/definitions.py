"""Sections of code: what stands in one definition, and what stands between two."""

import re
from dataclasses import dataclass

from lorewright.chunking.sections import Section
from lorewright.core.records import Block, Document

_LONGEST_REST = 200
_CLOSING = re.compile(r"(?:\W|\bend\b|#endif.*)*")


@dataclass(frozen=True)
class _Scope:
    """A file or class whose members are being listed: where it ends, its name, its headings, its number."""

    end: int
    title: str
    headings: tuple[str, ...]
    number: int


def definition_sections(document: Document) -> list[Section]:
    """Return a file's stretches: each function, each class's head, each method, and the code between them.

    A class without methods is one stretch. Headings name a definition below what holds it.
    """
    text = document.text
    cuts = _definitions(document)
    sections: list[Section] = []
    position = 0
    enclosing = [_Scope(len(text), "", (document.title,) if document.titled else (), 0)]
    for number, block in enumerate(cuts, 1):
        while block.start >= enclosing[-1].end:
            position = _close(sections, text, enclosing, position, block.start)
        scope = enclosing[-1]
        start = _line_start(text, position, block.start)
        _gap(sections, text, scope, position, start)
        headings = (*scope.headings, block.title.removeprefix(f"{scope.title}."))
        following = cuts[number].start if number < len(cuts) else len(text)
        position = start
        if following < block.end:
            enclosing.append(_Scope(block.end, block.title, headings, number))
        else:
            position = _line_end(text, block.end, following)
            sections.append(Section(start, position, headings, parent=scope.number))
    while enclosing:
        position = _close(sections, text, enclosing, position, len(text))
    return sections


def _definitions(document: Document) -> list[Block]:
    """Classes, and functions that no function holds."""
    found: list[Block] = []
    function_end = 0
    for block in document.blocks:
        if block.start < function_end or block.kind not in {"class", "function"}:
            continue
        found.append(block)
        if block.kind == "function":
            function_end = block.end
    return found


def _gap(sections: list[Section], text: str, scope: _Scope, start: int, end: int) -> None:
    if not text[start:end].strip():
        return
    closes = end - start <= _LONGEST_REST and _CLOSING.fullmatch(text, start, end)
    if closes and sections and sections[-1].end == start:
        sections[-1] = sections[-1]._replace(end=end)
    else:
        sections.append(Section(start, end, scope.headings, parent=scope.number))


def _close(sections: list[Section], text: str, enclosing: list[_Scope], position: int, limit: int) -> int:
    scope = enclosing.pop()
    end = max(position, _line_end(text, scope.end, limit))
    _gap(sections, text, scope, position, end)
    return end


def _line_start(text: str, earliest: int, position: int) -> int:
    """The indentation before a definition belongs to it."""
    start = text.rfind("\n", earliest, position) + 1 or earliest
    return position if text[start:position].strip() else start


def _line_end(text: str, position: int, limit: int) -> int:
    """A comment or a sign behind a definition belongs to it, further code on a long line does not."""
    newline = text.find("\n", position, limit)
    end = limit if newline < 0 else newline
    if end - position > _LONGEST_REST:
        return position
    ends_line = newline >= 0 or limit == len(text)
    return end if ends_line or _CLOSING.fullmatch(text, position, end) else position
