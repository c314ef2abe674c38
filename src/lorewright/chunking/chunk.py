"""Cutting one document into passages."""

from bisect import bisect_right
from collections.abc import Iterator
from itertools import pairwise

from lorewright.chunking.cutting import Cutter, Span, trimmed
from lorewright.chunking.sections import Section, definition_sections, heading_sections, merge_small
from lorewright.core.errors import ConfigError
from lorewright.core.records import Chunk, Document, chunk_id
from lorewright.text.spans import Locator

STRATEGIES = ("auto", "headings", "paragraphs", "windows")

_BY_HEADINGS = {"markdown", "rest", "python"}


def chunk(
    document: Document, *, strategy: str, max_chars: int, min_chars: int, overlap_chars: int
) -> list[Chunk]:
    """Return a document's passages, in order.

    Every character that is not whitespace stands in at least one passage, no passage is only whitespace, and none
    begins or ends inside a word unless that one word is longer than `max_chars`.

    Args:
        document: What is cut.
        strategy: `headings` cuts at headings, or definitions in code; `paragraphs` at paragraphs; `windows` every
            `max_chars` characters with an overlap; `auto` takes headings for Markdown, reStructuredText and code,
            paragraphs for the rest.
        max_chars: No passage is longer, in characters.
        min_chars: Shorter neighbours are joined where they belong together.
        overlap_chars: How much of a window the next one repeats, at most; only for `windows`.

    Raises:
        ConfigError: The strategy is unknown or the sizes contradict each other.
    """
    _check(strategy, max_chars, min_chars, overlap_chars)
    if not document.text.strip():
        return []
    if strategy == "auto":
        strategy = "headings" if document.kind in _BY_HEADINGS else "paragraphs"
    cutter = Cutter(document.text, document.blocks, max_chars=max_chars, min_chars=min_chars)
    if strategy == "headings":
        spans = _by_headings(document, cutter, min_chars=min_chars, max_chars=max_chars)
    elif strategy == "paragraphs":
        spans = _by_paragraphs(document, cutter, min_chars=min_chars)
    else:
        spans = _by_windows(document, cutter, max_chars=max_chars, overlap_chars=overlap_chars)
    locator = Locator(document.source_map, document.text)
    made = (_make(document, span, headings, strategy, locator) for span, headings in spans)
    return [passage for passage in made if passage is not None]


def _check(strategy: str, max_chars: int, min_chars: int, overlap_chars: int) -> None:
    if strategy not in STRATEGIES:
        raise ConfigError(
            f"unknown chunking strategy {strategy!r}", hint=f"use one of {', '.join(STRATEGIES)}"
        )
    if max_chars < 1 or not 0 <= min_chars <= max_chars:
        raise ConfigError(
            f"chunks of {min_chars} to {max_chars} characters cannot be made",
            hint="set chunking.max_chars above 0 and chunking.min_chars between 0 and it",
        )
    if not 0 <= overlap_chars < max_chars:
        raise ConfigError(
            f"an overlap of {overlap_chars} characters does not fit in chunks of {max_chars}",
            hint="set chunking.overlap_chars below chunking.max_chars",
        )


def _sections(document: Document) -> list[Section]:
    return definition_sections(document) if document.kind == "python" else heading_sections(document)


def _by_headings(
    document: Document, cutter: Cutter, *, min_chars: int, max_chars: int
) -> Iterator[tuple[Span, tuple[str, ...]]]:
    for section in merge_small(_sections(document), min_chars=min_chars, max_chars=max_chars):
        for span in cutter.pieces(section.start, section.end):
            yield span, section.headings


def _by_paragraphs(
    document: Document, cutter: Cutter, *, min_chars: int
) -> Iterator[tuple[Span, tuple[str, ...]]]:
    for section in _sections(document):
        edges = [section.start]
        for edge in cutter.block_starts(section.start, section.end):
            if edge - edges[-1] >= min_chars and section.end - edge >= min_chars:
                edges.append(edge)
        for start, end in pairwise([*edges, section.end]):
            for span in cutter.pieces(start, end):
                yield span, section.headings


def _by_windows(
    document: Document, cutter: Cutter, *, max_chars: int, overlap_chars: int
) -> Iterator[tuple[Span, tuple[str, ...]]]:
    sections = _sections(document)
    starts = [section.start for section in sections]
    start, end, length = 0, 0, len(document.text)
    while end < length:
        end = length
        if length - start > max_chars:
            end = cutter.cut(start, start + max(overlap_chars + 1, max_chars // 2), start + max_chars)
        index = max(0, bisect_right(starts, start) - 1)
        yield (start, end), sections[index].headings
        start = _repeated_from(document.text, max(start + 1, end - overlap_chars), end)


def _repeated_from(text: str, earliest: int, end: int) -> int:
    """Return the first beginning of a word from `earliest` on, at most `end`."""
    position = earliest
    while position < end and not (text[position - 1].isspace() and not text[position].isspace()):
        position += 1
    return min(position, end)


def _make(
    document: Document, span: Span, headings: tuple[str, ...], strategy: str, locator: Locator
) -> Chunk | None:
    kept = trimmed(document.text, *span)
    if kept is None:
        return None
    start, end = kept
    text = document.text[start:end]
    return Chunk(
        id=chunk_id(document.kind, headings, text),
        document_id=document.id,
        kind=document.kind,
        text=text,
        start=start,
        end=end,
        place=locator.place(start, end),
        headings=headings,
        strategy=strategy,
    )
