"""Texts as sets of words or of runs of three, each a 64-bit hash: eight bytes, compared without Python objects."""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, pairwise
from typing import TYPE_CHECKING, TypeAlias

from lorewright.text.tokens import ngrams, squash, words

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

Hashes: TypeAlias = "npt.NDArray[np.uint64]"
Positions: TypeAlias = "npt.NDArray[np.int64]"

SHINGLE_WORDS = 3
_TEXTS_AT_A_TIME = 2048
_KNOWN_WORDS = 1 << 17
# Odd numbers of 64 bits: a run's hash is a polynomial in the hashes of its words, which are random already.
_FIRST, _SECOND = 0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F
_EMPTY = (1 << 64) - 1


def runs(text: str) -> set[str]:
    """Return a text's runs of three words; a shorter text is one run, one without words itself."""
    found = words(text)
    if not found:
        return {squash(text)}
    return {" ".join(run) for run in ngrams(found, SHINGLE_WORDS) or [tuple(found)]}


@dataclass(frozen=True)
class HashSets:
    """The sets of many texts: that of text `n` is `hashes[starts[n]:starts[n + 1]]`, sorted, each hash once.

    Attributes:
        hashes: Of all texts, one after another. Two words or runs have the same by chance once in 2**64 pairs.
        starts: One more than there are texts; no set is empty.
    """

    hashes: Hashes
    starts: Positions

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __getitem__(self, position: int) -> Hashes:
        return self.hashes[self.starts[position] : self.starts[position + 1]]

    def similarities(self, position: int, others: Sequence[int]) -> "npt.NDArray[np.float64]":
        """Return the Jaccard similarity of one text with each of some others, at least one."""
        import numpy as np

        own = self[position]
        parts = [self[other] for other in others]
        sizes = np.fromiter(map(len, parts), dtype=np.int64, count=len(parts))
        theirs = np.concatenate(parts)
        found = own[np.searchsorted(own[:-1], theirs)] == theirs
        shared = np.add.reduceat(found, np.cumsum(sizes) - sizes, dtype=np.int64)
        return np.asarray(shared / (len(own) + sizes - shared), dtype=np.float64)


def shingle_sets(texts: Iterable[str]) -> HashSets:
    """Return the runs of texts: what `runs` says, as hashes that are the same in every process."""
    return _joined(map(_hashed, _batches(texts)))


def word_sets(found: Iterable[Collection[str]]) -> HashSets:
    """Return the sets of some words of each text; two without words are alike."""
    import numpy as np

    hashed = (sorted({_word_hash(word) for word in words} or {_EMPTY}) for words in found)
    return _joined((np.array(own, dtype=np.uint64), np.array([len(own)], dtype=np.int64)) for own in hashed)


def _joined(parts: "Iterable[tuple[Hashes, Positions]]") -> HashSets:
    import numpy as np

    hashes: list[Hashes] = [np.zeros(0, dtype=np.uint64)]
    sizes: list[Positions] = [np.zeros(1, dtype=np.int64)]
    for own, counts in parts:
        hashes.append(own)
        sizes.append(counts)
    return HashSets(np.concatenate(hashes), np.cumsum(np.concatenate(sizes)))


def _batches(texts: Iterable[str]) -> Iterator[list[str]]:
    left = iter(texts)
    while batch := list(islice(left, _TEXTS_AT_A_TIME)):
        yield batch


def _hashed(texts: Sequence[str]) -> tuple[Hashes, Positions]:
    """Return the sorted shingles of texts one after another, and how many each has."""
    import numpy as np

    found = [list(map(_word_hash, words(text))) for text in texts]
    # A text of one or two words is filled up, so that it has one run; no word has the hash that stands for none.
    found = [
        own + [_EMPTY] * (SHINGLE_WORDS - len(own)) if own else [_hash(squash(text), b"text"), _EMPTY, _EMPTY]
        for text, own in zip(texts, found, strict=True)
    ]
    lengths = np.fromiter(map(len, found), dtype=np.int64, count=len(found))
    each = np.fromiter((one for own in found for one in own), dtype=np.uint64, count=int(lengths.sum()))
    mixed = (each[:-2] * np.uint64(_FIRST) + each[1:-1]) * np.uint64(_SECOND) + each[2:]
    mixed ^= mixed >> np.uint64(32)
    ends = np.cumsum(lengths)
    counts = lengths - (SHINGLE_WORDS - 1)
    inside = np.ones(len(each), dtype=bool)
    for back in range(1, SHINGLE_WORDS):
        inside[ends - back] = False
    kept = mixed[inside[: len(mixed)]]
    edges = [0, *np.cumsum(counts).tolist()]
    for start, end in pairwise(edges):
        kept[start:end].sort()
    first = np.ones(len(kept), dtype=bool)
    first[1:] = kept[1:] != kept[:-1]
    first[edges[:-1]] = True
    return kept[first], np.add.reduceat(first, edges[:-1], dtype=np.int64)


@lru_cache(maxsize=_KNOWN_WORDS)
def _word_hash(word: str) -> int:
    return _hash(word, b"word")


def _hash(text: str, purpose: bytes) -> int:
    data = text.encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(data, digest_size=8, person=purpose).digest(), "little")
