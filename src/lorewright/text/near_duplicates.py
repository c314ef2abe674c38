"""Texts that are nearly the same: MinHash finds candidates, the exact Jaccard similarity of their sets decides."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import NamedTuple

from lorewright.text.minhash import buckets
from lorewright.text.shingles import HashSets, shingle_sets

_MOST_ASKED = 32


class Twin(NamedTuple):
    """The earlier text that a text repeats: its position, and how similar the two are, 0 to 1."""

    position: int
    similarity: float


def clusters(texts: Sequence[str], *, threshold: float, seed: int) -> list[int]:
    """Return each text's cluster number, from 0 in order of first appearance.

    Two texts share a cluster when a chain of texts links them in which each is at least `threshold` similar to
    the next (Jaccard of three-word shingles). A pair at the threshold is found with a probability of at least 0.999;
    a pair below it is never linked.
    """
    sets = shingle_sets(texts)
    label = list(range(len(sets)))
    cluster = [[member] for member in label]
    # In each bucket by the cluster they were in when they came, so that one of a large cluster is mostly enough.
    members: dict[int, dict[int, list[int]]] = defaultdict(dict)
    for later, shared in enumerate(buckets(sets, threshold=threshold, recall=0.999, seed=seed)):
        near: dict[int, list[Iterable[int]]] = defaultdict(list)
        for bucket in shared:
            for once, those in members[bucket].items():
                near[label[once]].append(those)
        for number in _linked(sets, later, near, threshold):
            smaller, larger = sorted((number, label[later]), key=lambda one: len(cluster[one]))
            cluster[larger] += cluster[smaller]
            for member in cluster[smaller]:
                label[member] = larger
        for bucket in shared:
            members[bucket].setdefault(label[later], []).append(later)
    numbers: dict[int, int] = {}
    return [numbers.setdefault(number, len(numbers)) for number in label]


def twins(
    sets: HashSets,
    *,
    threshold: float,
    seed: int,
    groups: Sequence[Hashable] | None = None,
    same: Callable[[int, int], bool] = lambda _later, _earlier: True,
) -> list[Twin | None]:
    """Return for each text the earlier one that it repeats, the most similar; None for one that is no repetition.

    Only texts that repeat nothing themselves are repeated. A pair at the threshold is found with a probability of at
    least 0.99, one above it almost always.

    Args:
        sets: Of texts in order; of several that are alike the first stays.
        threshold: Jaccard similarity that makes two a pair.
        seed: Of the MinHash permutations.
        groups: Of each text; texts of different groups are never a pair.
        same: Whether a later and an earlier text, by their positions, can be one, however similar they are; asked of
            the 32 most similar. If it says no to 32 with the same set, this is a phrase that many share: it repeats
            none and none repeats it.
    """
    kept = _Kept()
    found: list[Twin | None] = []
    for later, shared in enumerate(buckets(sets, threshold=threshold, recall=0.99, seed=seed, groups=groups)):
        alike = _most_alike(sets, later, kept.beside(shared), threshold)
        found.append(next((twin for twin in alike if same(later, twin.position)), None))
        if found[-1] is None and not (len(alike) == _MOST_ASKED and alike[-1].similarity == 1):
            kept.add(later, shared)
    return found


class _Kept:
    """The texts of each bucket that repeat none: a number where it is one alone, as in most of millions of buckets."""

    def __init__(self) -> None:
        self._alone: dict[int, int] = {}
        self._several: dict[int, list[int]] = {}

    def beside(self, shared: Iterable[int]) -> set[int]:
        """Return the texts of some buckets."""
        alone, several = self._alone, self._several
        found = {alone[bucket] for bucket in shared if bucket in alone}
        for bucket in shared:
            if bucket in several:
                found.update(several[bucket])
        return found

    def add(self, text: int, shared: Iterable[int]) -> None:
        """Put a text into its buckets."""
        for bucket in shared:
            if self._alone.setdefault(bucket, text) != text:
                self._several.setdefault(bucket, []).append(text)


def _linked(
    sets: HashSets, own: int, near: Mapping[int, Iterable[Iterable[int]]], threshold: float
) -> list[int]:
    """Return the clusters that have a member as similar as the threshold: one of each is tried, then more."""
    left = {number: _each_once(lists) for number, lists in near.items()}
    linked: list[int] = []
    at_a_time = 1
    while left:
        tried = [(number, member) for number, those in left.items() for member in islice(those, at_a_time)]
        if not tried:
            break
        similarities = sets.similarities(own, [member for _, member in tried]).tolist()
        hits = {number for (number, _), one in zip(tried, similarities, strict=True) if one >= threshold}
        linked += sorted(hits)
        left = {number: those for number, those in left.items() if number not in hits}
        at_a_time *= 8
    return linked


def _most_alike(sets: HashSets, own: int, others: Iterable[int], threshold: float) -> list[Twin]:
    """Return those of at least the threshold, the most similar first, the earlier first among equals."""
    ordered = sorted(others)
    if not ordered:
        return []
    similarities = sets.similarities(own, ordered)
    alike = [
        Twin(ordered[place], float(similarities[place])) for place in (similarities >= threshold).nonzero()[0]
    ]
    return sorted(alike, key=lambda twin: (-twin.similarity, twin.position))[:_MOST_ASKED]


def _each_once(lists: Iterable[Iterable[int]]) -> Iterator[int]:
    seen: set[int] = set()
    for one in chain.from_iterable(lists):
        if one not in seen:
            seen.add(one)
            yield one
