"""Sections: what stands under one heading, or one definition in code."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from lorewright.chunking.rulers import Ruler
from lorewright.core.records import Block, Document

_TOP = -2


class Section(NamedTuple):
    """A stretch of a document that belongs together.

    Attributes:
        start: First character.
        end: One past the last.
        headings: Titles from the top down to its own.
        number: Its own, for those it holds; -1 where it holds none.
        parent: Number of the section that holds it.
        leaf: Whether it holds no other section.
        bare: Whether nothing but its heading stands in it.
    """

    start: int
    end: int
    headings: tuple[str, ...]
    parent: int
    number: int = -1
    leaf: bool = True
    bare: bool = False


@dataclass(frozen=True)
class _Scope:
    """A module or class whose members are being listed: where it ends, its headings, its number."""

    end: int
    headings: tuple[str, ...]
    number: int


def heading_sections(document: Document) -> list[Section]:
    """Return the stretches from each heading to the next, and what stands before the first."""
    headings = [block for block in document.blocks if block.kind == "heading" and block.start < block.end]
    title = (document.title,) if document.titled else ()
    top = () if any(block.level <= 1 for block in headings) else title
    edges = [block.start for block in headings] + [len(document.text)]
    sections = [Section(0, edges[0], title, parent=_TOP)] if edges[0] else []
    stack: list[tuple[int, str, int]] = []
    for index, block in enumerate(headings):
        while stack and stack[-1][0] >= block.level:
            stack.pop()
        parent = stack[-1][2] if stack else _TOP
        stack.append((block.level, block.title, index))
        following = headings[index + 1] if index + 1 < len(headings) else None
        end = edges[index + 1]
        sections.append(
            Section(
                block.start,
                end,
                top + tuple(name for _, name, _ in stack if name),
                parent=parent,
                number=index,
                leaf=following is None or following.level <= block.level,
                bare=not document.text[block.end : end].strip(),
            )
        )
    return sections


def definition_sections(document: Document) -> list[Section]:
    """Return a module's stretches: each function, each class's head, each method, and the code between them.

    A class without methods is one stretch. Comments directly above a definition belong to it.
    """
    text = document.text
    cuts = _definitions(document)
    sections: list[Section] = []
    position = 0
    top = (document.title,) if document.titled else ()
    enclosing = [_Scope(len(text), top, 0)]
    for number, block in enumerate(cuts, 1):
        while block.start >= enclosing[-1].end:
            position = _close(sections, text, enclosing, position)
        start = max(position, _comments_above(text, block.start))
        _gap(sections, text, enclosing[-1], position, start)
        headings = (*enclosing[-1].headings, block.title.rsplit(".", 1)[-1])
        end = _line_end(text, block.end)
        position = start
        if number < len(cuts) and cuts[number].start < end:
            enclosing.append(_Scope(end, headings, number))
        else:
            sections.append(Section(start, end, headings, parent=enclosing[-1].number))
            position = end
    while enclosing:
        position = _close(sections, text, enclosing, position)
    return sections


def merge_small(
    sections: Iterable[Section], *, ruler: Ruler, min_size: int, max_size: int
) -> Iterator[Section]:
    """Join neighbours that are both smaller than `min_size`, where one parent holds them or one holds the other.

    What is joined carries the headings that both share, and is never larger than `max_size`. A heading with nothing
    under it goes with the section that follows, which it holds, else with its neighbour before.
    """
    pending: Section | None = None
    for section in _without_bare(sections):
        if pending is None:
            pending = section
            continue
        related = section.leaf and (
            section.parent == pending.number or (section.parent == pending.parent and pending.leaf)
        )
        small = section.bare or (
            min_size and all(ruler.fits(one.start, one.end, min_size - 1) for one in (pending, section))
        )
        if related and small and ruler.fits(pending.start, section.end, max_size):
            headings = pending.headings if section.bare else _common(pending.headings, section.headings)
            pending = pending._replace(end=section.end, headings=headings)
        else:
            yield pending
            pending = section
    if pending is not None:
        yield pending


def _without_bare(sections: Iterable[Section]) -> Iterator[Section]:
    start: int | None = None
    for section in sections:
        whole = section if start is None else section._replace(start=start)
        start = whole.start if whole.bare and not whole.leaf else None
        if start is None:
            yield whole


def _common(one: Sequence[str], other: Sequence[str]) -> tuple[str, ...]:
    shared = 0
    while shared < min(len(one), len(other)) and one[shared] == other[shared]:
        shared += 1
    return tuple(one[:shared])


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
    if text[start:end].strip():
        sections.append(Section(start, end, scope.headings, parent=scope.number))


def _close(sections: list[Section], text: str, enclosing: list[_Scope], position: int) -> int:
    scope = enclosing.pop()
    end = max(position, scope.end)
    _gap(sections, text, scope, position, end)
    return end


def _line_end(text: str, position: int) -> int:
    """A comment behind the last statement belongs to it."""
    newline = text.find("\n", position)
    return len(text) if newline < 0 else newline


def _comments_above(text: str, start: int) -> int:
    """Return where the comment lines directly above a definition begin, or its own line."""
    line_start = text.rfind("\n", 0, start) + 1
    if text[line_start:start].strip():
        return start
    while line_start:
        previous = text.rfind("\n", 0, line_start - 1) + 1
        if not text[previous:line_start].lstrip().startswith("#"):
            break
        line_start = previous
    return line_start
