"""Where an example's evidence stands: spans of documents, whichever chunks they were quoted from."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from lorewright.core.records import Example

ChunkPlaces = Mapping[str, Sequence[tuple[str, int]]]
"""Chunk id to every (document id, first character) where that chunk stands."""


class Span(NamedTuple):
    """Characters `start` to `end` (exclusive) of a document's text."""

    document_id: str
    start: int
    end: int


def spans(example: Example, chunk_places: ChunkPlaces) -> list[Span]:
    """Return the document spans of an example's evidence, sorted, one for each place of each quoted chunk."""
    return sorted(
        Span(document_id, offset + piece.start, offset + piece.end)
        for piece in example.evidence
        for document_id, offset in chunk_places.get(piece.chunk_id, ())
    )


def own_spans(examples: Sequence[Example], chunk_places: ChunkPlaces) -> list[list[Span]]:
    """Return the spans of each example's own evidence: of its quotes those that the fewest examples share.

    A row of a table is quoted together with the table's header; the header must not tie all rows together.
    """
    shared = Counter(
        (piece.chunk_id, piece.start, piece.end) for example in examples for piece in example.evidence
    )
    owned: list[list[Span]] = []
    for example in examples:
        counts = [shared[piece.chunk_id, piece.start, piece.end] for piece in example.evidence]
        fewest = tuple(
            piece for piece, count in zip(example.evidence, counts, strict=True) if count == min(counts)
        )
        owned.append(spans(example.model_copy(update={"evidence": fewest}), chunk_places))
    return owned


def overlapping(found: Sequence[tuple[Span, int]]) -> list[tuple[int, int]]:
    """Return pairs of owners whose spans overlap, enough of them to link all that do; `found` is (span, owner)."""
    pairs: list[tuple[int, int]] = []
    reach: tuple[Span, int] | None = None
    for span, owner in sorted(found):
        if reach and reach[0].document_id == span.document_id and span.start < reach[0].end:
            pairs.append((reach[1], owner))
            if span.end <= reach[0].end:
                continue
        reach = (span, owner)
    return pairs


def meeting(owners: Sequence[Sequence[Span]], others: Sequence[Span]) -> list[int]:
    """Return the positions of the owners that have a span overlapping one of the others."""
    starts: dict[str, list[int]] = {}
    furthest: dict[str, list[int]] = {}
    for span in sorted(others):
        starts.setdefault(span.document_id, []).append(span.start)
        ends = furthest.setdefault(span.document_id, [])
        ends.append(max(span.end, ends[-1] if ends else 0))

    def meets(span: Span) -> bool:
        before = bisect_left(starts.get(span.document_id, ()), span.end)
        return before > 0 and furthest[span.document_id][before - 1] > span.start

    return [position for position, own in enumerate(owners) if any(meets(span) for span in own)]
