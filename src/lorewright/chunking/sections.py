"""Sections: what stands under one heading."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from lorewright.chunking.rulers import Ruler
from lorewright.core.records import Document

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


def heading_sections(document: Document) -> list[Section]:
    """Return the stretches from each heading to the next, and what stands before the first."""
    text = document.text
    headings = [block for block in document.blocks if block.kind == "heading" and block.start < block.end]
    title = (document.title,) if document.titled else ()
    top = () if any(block.level <= 1 for block in headings) else title
    ends = [block.start for block in headings[1:]] + [len(text)]
    levels = [block.level for block in headings[1:]] + [-1]
    first = headings[0].start if headings else len(text)
    sections = [Section(0, first, title, _TOP)] if first else []
    above: list[tuple[int, int, tuple[str, ...]]] = [(-1, _TOP, top)]
    for number, (block, end, following) in enumerate(zip(headings, ends, levels, strict=False)):
        level = block.level
        while len(above) > 1 and above[-1][0] >= level:
            above.pop()
        _, parent, path = above[-1]
        names = (*path, block.title) if block.title else path
        above.append((level, number, names))
        bare = not text[block.end : end].strip()
        sections.append(Section(block.start, end, names, parent, number, following <= level, bare))
    return sections


def merge_small(
    sections: Iterable[Section], *, ruler: Ruler, min_size: int, max_size: int
) -> Iterator[Section]:
    """Join neighbours that are both smaller than `min_size`, where one parent holds them or one holds the other.

    What is joined carries the headings that both share, and is never larger than `max_size`. A heading with nothing
    under it goes with the section that follows, which it holds, else with its neighbour before.
    """
    fewest = ruler.characters(min_size)
    pending: Section | None = None
    for section in _without_bare(sections):
        if pending is None:
            pending = section
            continue
        related = section.leaf and (
            section.parent == pending.number or (section.parent == pending.parent and pending.leaf)
        )
        small = section.bare or max(pending.end - pending.start, section.end - section.start) < fewest
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
