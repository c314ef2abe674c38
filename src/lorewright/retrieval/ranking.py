"""Hits in order: each chunk once, ties by place, two rankings fused into one."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

# Reciprocal rank fusion: Cormack, Clarke and Buettcher, SIGIR 2009, where 60 was found to do well.
RANK_CONSTANT = 60


class Hit(NamedTuple):
    """A row that was found; `rowid` is the table's own number of it."""

    chunk_id: str
    score: float
    source: str
    path: str
    first: int
    rowid: int


def best_hits(fetch: Callable[[int], Sequence[Hit]], k: int) -> list[Hit]:
    """Return the best hits of up to k chunks, each at its first place.

    Hits of one score are ordered by source, path and line, so that the order never depends on how the index came to
    be: hence the search goes on where the limit cut through hits of one score, or copies of few chunks filled it.

    Args:
        fetch: Returns the best hits of all, at most as many as it is told.
        k: How many chunks at most.
    """
    limit = 2 * k + 16
    while True:
        found = fetch(limit)
        hits = _distinct(found)
        cut = len(found) >= limit and (len(hits) <= k or hits[k - 1].score <= found[-1].score)
        if not cut:
            return hits[:k]
        limit *= 4


def fused(rankings: Iterable[tuple[float, Sequence[Hit]]], k: int) -> list[Hit]:
    """Return the k best of several rankings by weighted reciprocal rank; their scores are the sums."""
    sums: dict[str, float] = {}
    hits: dict[str, Hit] = {}
    for weight, ranking in rankings:
        for rank, hit in enumerate(ranking, start=1):
            sums[hit.chunk_id] = sums.get(hit.chunk_id, 0.0) + weight / (RANK_CONSTANT + rank)
            hits.setdefault(hit.chunk_id, hit)
    return sorted((hits[one]._replace(score=score) for one, score in sums.items()), key=_order)[:k]


def _distinct(found: Iterable[Hit]) -> list[Hit]:
    best: dict[str, Hit] = {}
    for hit in sorted(found, key=_order):
        best.setdefault(hit.chunk_id, hit)
    return list(best.values())


def _order(hit: Hit) -> tuple[float, str, str, int, str]:
    return (-hit.score, hit.source, hit.path, hit.first, hit.chunk_id)
