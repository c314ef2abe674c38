"""What of the documents no example is about: documents, sections and symbols, the largest gaps first."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from lorewright.core.records import Block, Document, Example, Place, Record
from lorewright.text.spans import Locator

Level = Literal["document", "section", "symbol"]
LEVELS: tuple[Level, ...] = ("document", "section", "symbol")
MIN_SECTION_CHARS = 80


class Unit(Record):
    """A document, a section with the text below its heading, or a class or function, and how many examples it has.

    Attributes:
        level: What it is.
        document_id: The document that it is or stands in.
        source: Of the document.
        path: Of the document.
        name: Title, headings from the top down, or qualified name.
        place: Lines or pages.
        characters: Its size: of a section without its subsections, of a symbol without those inside it.
        examples: How many examples quote it.
    """

    level: Level
    document_id: str
    source: str
    path: str
    name: str
    place: Place
    characters: int
    examples: int


class LevelCoverage(Record):
    """How much of one level has an example.

    Attributes:
        units: How many documents, sections or symbols there are.
        covered: How many of them at least one example quotes.
        characters: Of all of them.
        covered_characters: Of those with an example.
    """

    level: Level
    units: int
    covered: int
    characters: int
    covered_characters: int


class Coverage(Record):
    """What examples are about.

    Attributes:
        examples: How many there are.
        levels: Documents, sections, symbols, as far as there are any.
        gaps: Units without an example, the largest first.
    """

    examples: int
    levels: tuple[LevelCoverage, ...]
    gaps: tuple[Unit, ...]


class _Stretch(NamedTuple):
    level: Level
    name: str
    start: int
    end: int
    parts: tuple[tuple[int, int], ...]


def coverage(
    documents: Iterable[Document],
    examples: Sequence[Example],
    chunk_places: Mapping[str, Sequence[tuple[str, int]]],
) -> Coverage:
    """Return how much of the documents the examples are about; arguments as of `measure_coverage`."""
    units = list(measure_coverage(documents, examples, chunk_places))
    return Coverage(
        examples=len(examples),
        levels=tuple(
            _level(level, own) for level in LEVELS if (own := [one for one in units if one.level == level])
        ),
        gaps=tuple(worst_first(units)),
    )


def _level(level: Level, units: Sequence[Unit]) -> LevelCoverage:
    covered = [unit for unit in units if unit.examples]
    return LevelCoverage(
        level=level,
        units=len(units),
        covered=len(covered),
        characters=sum(unit.characters for unit in units),
        covered_characters=sum(unit.characters for unit in covered),
    )


def measure_coverage(
    documents: Iterable[Document],
    examples: Iterable[Example],
    chunk_places: Mapping[str, Sequence[tuple[str, int]]],
) -> Iterator[Unit]:
    """Yield every document, section and symbol with the number of examples whose evidence stands in it.

    A section is a heading with the text up to the next one; those with hardly any text of their own are passed over.
    An example counts for every place at which its quoted passage stands.

    Args:
        documents: With their blocks.
        examples: What is kept.
        chunk_places: Chunk id to every (document id, first character) where it stands.
    """
    quoted: dict[str, list[tuple[int, int, int]]] = {}
    for number, example in enumerate(examples):
        for piece in example.evidence:
            for document_id, offset in chunk_places.get(piece.chunk_id, ()):
                quoted.setdefault(document_id, []).append((offset + piece.start, offset + piece.end, number))
    for document in documents:
        stretches = list(_stretches(document))
        counts = _counts(stretches, quoted.get(document.id, []))
        locator = Locator(document.source_map, document.text)
        for stretch, count in zip(stretches, counts, strict=True):
            yield Unit(
                level=stretch.level,
                document_id=document.id,
                source=document.source,
                path=document.path,
                name=stretch.name,
                place=locator.place(stretch.start, stretch.end),
                characters=sum(end - start for start, end in stretch.parts),
                examples=count,
            )


def worst_first(units: Iterable[Unit]) -> list[Unit]:
    """Return the units without an example, the largest first."""
    return sorted(
        (unit for unit in units if not unit.examples),
        key=lambda unit: (-unit.characters, unit.source, unit.path, unit.place.first),
    )


def _counts(stretches: Sequence[_Stretch], quoted: Iterable[tuple[int, int, int]]) -> list[int]:
    """Return how many examples quote each stretch; parts of one level never overlap."""
    found: list[set[int]] = [set() for _ in stretches]
    for level in LEVELS:
        parts = sorted(
            (start, end, at)
            for at, one in enumerate(stretches)
            if one.level == level
            for start, end in one.parts
        )
        starts = [start for start, _, _ in parts]
        for first, last, number in quoted:
            for _, end, at in parts[max(0, bisect_right(starts, first) - 1) : bisect_left(starts, last)]:
                if end > first:
                    found[at].add(number)
    return [len(own) for own in found]


def _stretches(document: Document) -> Iterator[_Stretch]:
    whole = (0, len(document.text))
    yield _Stretch("document", document.title, *whole, (whole,))
    yield from _sections(document)
    yield from _symbols(document)


def _sections(document: Document) -> Iterator[_Stretch]:
    headings = [block for block in document.blocks if block.kind == "heading"]
    above: list[Block] = []
    for block, following in zip(headings, [*headings, None][1:], strict=True):
        above = [*(one for one in above if one.level < block.level), block]
        end = following.start if following else len(document.text)
        if len(document.text[block.end : end].strip()) >= MIN_SECTION_CHARS:
            name = " › ".join(one.title for one in above if one.title)
            yield _Stretch("section", name, block.start, end, ((block.start, end),))


def _symbols(document: Document) -> Iterator[_Stretch]:
    symbols = sorted(
        (block for block in document.blocks if block.kind in {"class", "function"}),
        key=lambda block: (block.start, -block.end),
    )
    inside: dict[int, list[Block]] = {}
    around: list[int] = []
    for at, block in enumerate(symbols):
        while around and symbols[around[-1]].end <= block.start:
            around.pop()
        if around:
            inside.setdefault(around[-1], []).append(block)
        around.append(at)
    for at, block in enumerate(symbols):
        yield _Stretch("symbol", block.title, block.start, block.end, _without(block, inside.get(at, ())))


def _without(block: Block, inner: Iterable[Block]) -> tuple[tuple[int, int], ...]:
    """Return the parts of a definition that stand in none of those directly inside it."""
    parts: list[tuple[int, int]] = []
    reached = block.start
    for one in inner:
        if one.start > reached:
            parts.append((reached, one.start))
        reached = max(reached, one.end)
    if reached < block.end:
        parts.append((reached, block.end))
    return tuple(parts)
