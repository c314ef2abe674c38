"""Cutting one document into passages."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise

from lorewright.chunking.cutting import Cutter, Span, trimmed
from lorewright.chunking.definitions import definition_sections
from lorewright.chunking.rulers import Characters, Ruler, TokenCounter, Tokens
from lorewright.chunking.sections import Section, heading_sections, merge_small
from lorewright.core.errors import ConfigError
from lorewright.core.making import chunk_id
from lorewright.core.records import PROSE_KINDS, Chunk, Document
from lorewright.core.trusted import trusted
from lorewright.text.spans import Locator

STRATEGIES = ("auto", "headings", "paragraphs", "windows", "code")

_WHOLE = frozenset({"code", "function"})
_PLAIN = frozenset({"text", "pdf"})
Piece = tuple[Span, tuple[str, ...]]


def chunk(
    document: Document,
    *,
    strategies: Sequence[str] = ("auto",),
    max_size: int,
    min_size: int,
    overlap: int,
    counter: TokenCounter | None = None,
) -> list[Chunk]:
    """Return a document's passages, in order, those of several strategies together.

    With every strategy, each character that is not whitespace stands in at least one passage, no passage is only
    whitespace or larger than `max_size`, and none begins or ends inside a fence, a row of a table, a function or a
    word unless that alone is larger.

    Args:
        document: What is cut.
        strategies: `headings` cuts at headings, and in code nowhere but where it must; `code` at definitions;
            `paragraphs` at paragraphs; `windows` every `max_size` with an overlap; `auto` takes code for code,
            paragraphs for text and PDF without headings, and headings for the rest: a log is one section, cut between
            its entries.
        max_size: No passage is larger. In characters, or in tokens where there is a counter.
        min_size: Smaller neighbours are joined where they belong together.
        overlap: How much of a window the next one repeats, at most; only for `windows`.
        counter: Counts tokens; None counts characters.

    Raises:
        ConfigError: A strategy is unknown or the sizes contradict each other.
    """
    _check(strategies, max_size, min_size, overlap)
    text = document.text
    if not text.strip():
        return []
    ruler: Ruler = Tokens(text, counter) if counter else Characters(text)
    whole = _WHOLE | {"other"} if document.kind == "log" else _WHOLE
    cutter = Cutter(text, document.blocks, ruler=ruler, max_size=max_size, min_size=min_size, whole=whole)
    locator = Locator(document.source_map, text)
    made: dict[tuple[str, int], Chunk] = {}
    for strategy in dict.fromkeys(_resolved(document, one) for one in strategies):
        pieces = _pieces(
            document, cutter, ruler, strategy, max_size=max_size, min_size=min_size, overlap=overlap
        )
        for span, headings in pieces:
            if kept := trimmed(text, *span):
                passage = _make(document, kept, headings, strategy, locator)
                made.setdefault((passage.id, passage.start), passage)
    return (
        sorted(made.values(), key=lambda passage: passage.start) if len(strategies) > 1 else [*made.values()]
    )


def _check(strategies: Sequence[str], max_size: int, min_size: int, overlap: int) -> None:
    unknown = [strategy for strategy in strategies if strategy not in STRATEGIES]
    if unknown or not strategies:
        named = f"unknown chunking strategy {unknown[0]!r}" if unknown else "no chunking strategy is named"
        raise ConfigError(named, hint=f"use one or more of {', '.join(STRATEGIES)}")
    if max_size < 1 or not 0 <= min_size <= max_size:
        raise ConfigError(
            f"chunks of {min_size} to {max_size} cannot be made",
            hint="set the largest size above 0 and the smallest between 0 and it",
        )
    if not 0 <= overlap < max_size:
        raise ConfigError(
            f"an overlap of {overlap} does not fit in chunks of {max_size}",
            hint="set the overlap below the largest size",
        )


def _resolved(document: Document, strategy: str) -> str:
    if strategy != "auto":
        return strategy
    if _is_code(document):
        return "code"
    has_headings = any(block.kind == "heading" for block in document.blocks)
    return "headings" if has_headings or document.kind not in _PLAIN else "paragraphs"


def _is_code(document: Document) -> bool:
    return document.kind not in PROSE_KINDS and document.kind != "log"


def _pieces(
    document: Document,
    cutter: Cutter,
    ruler: Ruler,
    strategy: str,
    *,
    max_size: int,
    min_size: int,
    overlap: int,
) -> Iterator[Piece]:
    sections = (
        definition_sections(document)
        if _is_code(document) and strategy != "headings"
        else heading_sections(document)
    )
    if strategy in {"windows", "paragraphs"}:
        cutter.read_blocks(0, len(document.text))
    if strategy == "windows":
        return _by_windows(document.text, sections, cutter, ruler, max_size=max_size, overlap=overlap)
    if strategy == "paragraphs":
        return _by_paragraphs(sections, cutter, ruler, min_size=min_size)
    return _by_sections(sections, cutter, ruler, min_size=min_size, max_size=max_size)


def _by_sections(
    sections: Sequence[Section], cutter: Cutter, ruler: Ruler, *, min_size: int, max_size: int
) -> Iterator[Piece]:
    for section in merge_small(sections, ruler=ruler, min_size=min_size, max_size=max_size):
        for span in cutter.pieces(section.start, section.end):
            yield span, section.headings


def _by_paragraphs(
    sections: Sequence[Section], cutter: Cutter, ruler: Ruler, *, min_size: int
) -> Iterator[Piece]:
    fewest = ruler.characters(min_size)
    for section in sections:
        edges = [section.start]
        for edge in cutter.block_starts(section.start, section.end):
            if min(edge - edges[-1], section.end - edge) >= fewest:
                edges.append(edge)
        for start, end in pairwise([*edges, section.end]):
            for span in cutter.pieces(start, end):
                yield span, section.headings


def _by_windows(
    text: str, sections: Sequence[Section], cutter: Cutter, ruler: Ruler, *, max_size: int, overlap: int
) -> Iterator[Piece]:
    starts = [section.start for section in sections]
    start, end, length = 0, 0, len(text)
    while end < length:
        before, end = end, length
        if not ruler.fits(start, length, max_size):
            low = start + max(1, ruler.characters(max(overlap + 1, max_size // 2)))
            end = cutter.cut(start, low, length)
        if end <= before:  # what is repeated leaves no room for anything new
            start = end = before
            continue
        index = max(0, bisect_right(starts, start) - 1)
        yield (start, end), sections[index].headings
        start = _repeated_from(text, cutter, max(start + 1, ruler.back(end, overlap)), end)


def _repeated_from(text: str, cutter: Cutter, earliest: int, end: int) -> int:
    """Return the first beginning of a word from `earliest` on that cuts nothing undivided, at most `end`."""
    position = cutter.outside(earliest)
    while position < end and not (text[position - 1].isspace() and not text[position].isspace()):
        position = cutter.outside(position + 1)
    return min(position, end)


def _make(
    document: Document, span: Span, headings: tuple[str, ...], strategy: str, locator: Locator
) -> Chunk:
    start, end = span
    text = document.text[start:end]
    return trusted(
        Chunk,
        {
            "id": chunk_id(document.kind, headings, text),
            "document_id": document.id,
            "kind": document.kind,
            "text": text,
            "start": start,
            "end": end,
            "place": locator.place(start, end),
            "headings": headings,
            "strategy": strategy,
            "metadata": {},
        },
    )
