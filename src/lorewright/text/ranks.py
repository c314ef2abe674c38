"""How early what is looked for is found: ranks, recall among the first, and the mean reciprocal rank."""

from collections.abc import Iterable, Sequence


def first_rank(answering: Iterable[bool]) -> int | None:
    """Return the rank of the first result that answers, from 1; None where none does.

    Args:
        answering: Whether each result answers, best first.
    """
    return next((rank for rank, answers in enumerate(answering, start=1) if answers), None)


def recall_at(ranks: Sequence[int | None], k: int) -> float:
    """Return the share of questions whose answer is among the first k results; 0 without questions."""
    return sum(rank is not None and rank <= k for rank in ranks) / max(len(ranks), 1)


def mean_reciprocal_rank(ranks: Sequence[int | None]) -> float:
    """Return the mean of 1 / rank, 0 where nothing is found (Voorhees, TREC-8's question answering track, 1999)."""
    return sum(1 / rank for rank in ranks if rank is not None) / max(len(ranks), 1)
