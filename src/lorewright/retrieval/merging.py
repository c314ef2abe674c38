"""Passages for a prompt or an answer: what repeats or overlaps becomes one, and room left over goes to neighbours."""

from collections.abc import Iterator, Sequence

from lorewright.core.records import Passage, Place
from lorewright.retrieval.filters import EVERYWHERE, Filters
from lorewright.retrieval.search import Index, Mode


def best_passages(
    index: Index, question: str, *, k: int, filters: Filters = EVERYWHERE, mode: Mode | None = None
) -> list[Passage]:
    """Return up to k passages for a question, best first, none repeating another; arguments as in `Index.search`."""
    return merge(index.search(question, k=2 * k, filters=filters, mode=mode))[:k]


def merge(passages: Sequence[Passage]) -> list[Passage]:
    """Return passages without those whose text another holds, and with overlapping ones of a document joined.

    A joined passage keeps the rank, score and chunk id of its better part; its place spans both.
    """
    kept: list[Passage] = []
    for passage in passages:
        for number, other in enumerate(kept):
            if joined := _merged(other, passage):
                kept[number] = joined
                break
        else:
            kept.append(passage)
    return kept


def widen(index: Index, passages: Sequence[Passage], *, max_chars: int) -> list[Passage]:
    """Return passages with the chunks around them, as far as a budget goes; the best passages grow first.

    A passage grows by what follows it, then by what stands before it, by whole chunks, and never into another
    passage. Passages that exceed the budget already are returned as they are.

    Args:
        index: Where the passages were found.
        passages: Of `best_passages`, best first.
        max_chars: Of all texts together, in characters.
    """
    wide = list(passages)
    room = max_chars - sum(len(passage.text) for passage in passages)
    for number, passage in enumerate(wide):
        if room <= 0:
            break
        others = [one for one in wide if one.document_id == passage.document_id and one is not passage]
        grown = passage
        for neighbour in _neighbours(index, passage):
            wider = _joined(grown, neighbour)
            added = len(wider.text) - len(grown.text)
            if added <= room and not any(_touch(wider, other) for other in others):
                grown, room = wider, room - added
        wide[number] = grown
    return wide


def _neighbours(index: Index, passage: Passage) -> Iterator[Passage]:
    """Yield the chunk after a passage, then the one before it."""
    chunks = index.around(passage.document_id)
    yield from [one for one in chunks if one.start >= passage.end][:1]
    yield from [one for one in chunks if one.end <= passage.start][-1:]


def _touch(one: Passage, two: Passage) -> bool:
    return one.start < two.end and two.start < one.end


def _merged(better: Passage, other: Passage) -> Passage | None:
    if other.text.strip() in better.text:
        return better
    if other.document_id == better.document_id and (
        _touch(better, other) or better.text.strip() in other.text
    ):
        return _joined(better, other)
    return None


def _joined(better: Passage, other: Passage) -> Passage:
    """Return two passages of a document as one: the rank of the better, the text and the place of both."""
    first, last = sorted((better, other), key=lambda passage: (passage.start, -passage.end))
    if last.end <= first.end:
        text = first.text
    elif last.start <= first.end:
        text = first.text + last.text[first.end - last.start :]
    else:
        text = f"{first.text.rstrip()}\n\n{last.text.lstrip()}"
    spanned = {
        "text": text,
        "start": first.start,
        "end": max(first.end, last.end),
        "place": _span(first.place, last.place),
    }
    return better.model_copy(update=spanned)


def _span(one: Place, two: Place) -> Place:
    return Place(unit=one.unit, first=min(one.first, two.first), last=max(one.last, two.last))
