"""Texts that are nearly the same: MinHash finds candidates, exact Jaccard similarity decides."""

from collections.abc import Iterator, Sequence

from lorewright.text.components import join, root
from lorewright.text.tokens import ngrams, squash, words

SHINGLE_WORDS = 3
_PERMUTATIONS = 128
_CANDIDATE_RECALL = 0.999

Shingles = frozenset[tuple[str, ...]]


def shingles(text: str) -> Shingles:
    """Return the set of a text's runs of three words; a shorter text is one run, one without words itself."""
    found = words(text)
    if not found:
        return frozenset([(squash(text),)])
    return frozenset(ngrams(found, SHINGLE_WORDS) or [tuple(found)])


def similarity(one: Shingles, other: Shingles) -> float:
    """Return the Jaccard similarity of two sets of shingles: shared over all, 0 to 1."""
    shared = len(one & other)
    return shared / (len(one) + len(other) - shared)


def clusters(texts: Sequence[str], *, threshold: float, seed: int) -> list[int]:
    """Return each text's cluster number, from 0 in order of first appearance.

    Two texts share a cluster when a chain of texts links them in which each is at least `threshold` similar to
    the next (Jaccard of three-word shingles). A pair at the threshold is found with a probability of at least
    0.999 (MinHash banding, Leskovec et al., Mining of Massive Datasets, 3.4); a pair below it is never linked.
    """
    numbers: dict[Shingles, int] = {}
    member_of = [numbers.setdefault(shingles(text), len(numbers)) for text in texts]
    distinct = list(numbers)
    parents = list(range(len(distinct)))
    for one, other in _candidates(distinct, threshold, seed):
        linked = root(parents, one) == root(parents, other)
        if not linked and similarity(distinct[one], distinct[other]) >= threshold:
            join(parents, one, other)
    renumbered: dict[int, int] = {}
    return [renumbered.setdefault(root(parents, member), len(renumbered)) for member in member_of]


def _candidates(sets: Sequence[Shingles], threshold: float, seed: int) -> Iterator[tuple[int, int]]:
    """Yield pairs (earlier, later) that share a band of their MinHash signatures."""
    if len(sets) < 2:
        return
    from rensa import RMinHash, RMinHashLSH

    tokens = [[" ".join(shingle).encode("utf-8", "surrogatepass") for shingle in members] for members in sets]
    signatures = RMinHash.from_token_sets(tokens, _PERMUTATIONS, seed)
    index = RMinHashLSH(threshold, _PERMUTATIONS, _bands(threshold))
    for later, signature in enumerate(signatures):
        for earlier in sorted(index.query(signature)):
            yield earlier, later
        index.insert(later, signature)


def _bands(threshold: float) -> int:
    """Return the smallest number of bands that finds a pair at the threshold often enough."""
    for rows in (32, 16, 8, 4, 2):
        bands = _PERMUTATIONS // rows
        if 1 - (1 - threshold**rows) ** bands >= _CANDIDATE_RECALL:
            return bands
    return _PERMUTATIONS
