"""Texts as sets of words or of runs of three, each a 64-bit hash: eight bytes, compared without Python objects."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, islice, pairwise
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from lorewright.text.tokens import ngrams, squash, words

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

Hashes: TypeAlias = "npt.NDArray[np.uint64]"
Positions: TypeAlias = "npt.NDArray[np.int64]"

T = TypeVar("T")
SHINGLE_WORDS = 3
_TEXTS_AT_A_TIME = 256
_KNOWN_WORDS = 1 << 17
# The golden ratio of 64 bits: a run's hash mixes those of its words, which are random already.
_ODD = 0x9E3779B97F4A7C15
EMPTY = (1 << 64) - 1
"""Stands for no word."""


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
        places = np.asarray(others, dtype=np.int64)
        firsts = self.starts[places]
        sizes = self.starts[places + 1] - firsts
        begins = np.cumsum(sizes) - sizes
        theirs = self.hashes[np.repeat(firsts - begins, sizes) + np.arange(int(sizes.sum()))]
        found = own[np.searchsorted(own[:-1], theirs)] == theirs
        shared = np.add.reduceat(found, begins, dtype=np.int64)
        return np.asarray(shared / (len(own) + sizes - shared), dtype=np.float64)


def shingle_sets(texts: Iterable[str]) -> HashSets:
    """Return the runs of texts: what `runs` says, as hashes that are the same in every process."""
    return run_sets((words(text) or [squash(text)] for text in texts), length=SHINGLE_WORDS)


def run_sets(found: Iterable[Sequence[str]], *, length: int) -> HashSets:
    """Return the sets of each text's runs of so many of its words; fewer words are one run, so are none."""
    return joined(
        # A text of too few words is filled up, so that it has one run.
        run_hashes(*_flat([[*map(word_hash, own), *[EMPTY] * (length - len(own))] for own in batch]), length)
        for batch in _batches(found)
    )


def _batches(items: Iterable[T]) -> Iterator[list[T]]:
    left = iter(items)
    while batch := list(islice(left, _TEXTS_AT_A_TIME)):
        yield batch


def joined(parts: "Iterable[tuple[Hashes, Positions]]") -> HashSets:
    """Return the sets of the hashes of each text, given one text after another, with how many each has: one or more."""
    import numpy as np

    hashes: list[Hashes] = [np.zeros(0, dtype=np.uint64)]
    sizes: list[Positions] = [np.zeros(1, dtype=np.int64)]
    for own, counts in parts:
        edges = [0, *np.cumsum(counts).tolist()]
        for start, end in pairwise(edges):
            own[start:end].sort()
        first = np.ones(len(own), dtype=bool)
        first[1:] = own[1:] != own[:-1]
        first[edges[:-1]] = True
        hashes.append(own[first])
        sizes.append(np.add.reduceat(first, edges[:-1], dtype=np.int64))
    return HashSets(np.concatenate(hashes), np.cumsum(np.concatenate(sizes)))


def _flat(found: Sequence[list[int]]) -> tuple[Hashes, Positions]:
    import numpy as np

    counts = np.fromiter(map(len, found), dtype=np.int64, count=len(found))
    total = int(counts.sum())
    return np.fromiter(chain.from_iterable(found), dtype=np.uint64, count=total), counts


def run_hashes(each: Hashes, counts: Positions, length: int) -> tuple[Hashes, Positions]:
    """Return the hashes of texts' runs one after another, and how many each has.

    Args:
        each: Hashes of words, one text after another; `EMPTY` where a text has too few for a run.
        counts: How many words each text has, at least `length`.
        length: Of a run.
    """
    import numpy as np

    places = len(each) - length + 1
    mixed = each[:places].copy()
    for ahead in range(1, length):
        mixed *= np.uint64(_ODD)
        mixed ^= mixed >> np.uint64(32)
        mixed += each[ahead : ahead + places]
    inside = np.ones(len(each), dtype=bool)
    ends = np.cumsum(counts)
    for back in range(1, length):
        inside[ends - back] = False
    return mixed[inside[:places]], counts - (length - 1)


@lru_cache(maxsize=_KNOWN_WORDS)
def word_hash(word: str) -> int:
    """Return a word's 64 bits, the same in every process."""
    data = word.encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "little")
