"""Passages that repeat or overlap each other become one, so that every place in a prompt says something new."""

from collections.abc import Sequence

from lorewright.core.records import Passage, Place
from lorewright.retrieval.index import Index

MIN_OVERLAP_CHARS = 20


def best_passages(
    index: Index,
    question: str,
    *,
    k: int,
    kinds: Sequence[str] | None = None,
    sources: Sequence[str] | None = None,
    path_glob: str | None = None,
) -> list[Passage]:
    """Return up to k passages for a question, best first, none repeating another; filters as in `Index.search`."""
    found = index.search(question, k=2 * k, kinds=kinds, sources=sources, path_glob=path_glob)
    return merge(found)[:k]


def merge(passages: Sequence[Passage]) -> list[Passage]:
    """Return passages without those whose text another holds, and with overlapping ones of a document joined.

    A joined passage keeps the rank, score and chunk id of its better part; its place spans both.
    """
    kept: list[Passage] = []
    for passage in passages:
        for number, other in enumerate(kept):
            if joined := _join(other, passage):
                kept[number] = joined
                break
        else:
            kept.append(passage)
    return kept


def _join(better: Passage, other: Passage) -> Passage | None:
    if other.text.strip() in better.text:
        return better
    if other.document_id != better.document_id:
        return None
    if better.text.strip() in other.text:
        text = other.text
    else:
        text = _overlapped(better.text, other.text) or _overlapped(other.text, better.text)
    return (
        better.model_copy(update={"text": text, "place": _span(better.place, other.place)}) if text else None
    )


def _overlapped(first: str, second: str) -> str:
    """Return both texts as one where the first ends with what the second begins with, else an empty text."""
    longest = min(len(first), len(second))
    for size in range(longest, MIN_OVERLAP_CHARS - 1, -1):
        if first.endswith(second[:size]):
            return first + second[size:]
    return ""


def _span(one: Place, two: Place) -> Place:
    return Place(unit=one.unit, first=min(one.first, two.first), last=max(one.last, two.last))
