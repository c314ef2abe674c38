"""Which texts may be alike: those that share a band of their MinHash signatures.

Leskovec, Rajaraman, Ullman, Mining of Massive Datasets, 3.4: two sets of similarity s agree in a band of r numbers
with a probability of s**r, and share one of b bands with 1 - (1 - s**r)**b.
"""

import math
from collections.abc import Hashable, Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from lorewright.text.shingles import Hashes, HashSets

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_MOST_PERMUTATIONS = 200
_TEXTS_AT_A_TIME = 256
_MIX = 0x9E3779B97F4A7C15


def buckets(
    sets: HashSets,
    *,
    threshold: float,
    recall: float,
    seed: int,
    groups: Sequence[Hashable] | None = None,
) -> Iterator[Sequence[int]]:
    """Yield for each text the numbers of the buckets it is in; texts of one group that may be alike share one.

    A bucket holds at least two texts, so most texts are in none. A pair at the threshold shares one with a probability
    of `recall` or more.
    """
    import numpy as np

    if len(sets) < 2:
        yield from ([] for _ in range(len(sets)))
        return
    rows, bands = _shape(threshold, recall)
    signatures = _signatures(sets, rows * bands, seed)
    numbers_of: dict[Hashable, int] = {}
    group_of = [numbers_of.setdefault(group, len(numbers_of)) for group in groups or [None] * len(sets)]
    salts = np.array(group_of, dtype=np.uint64)
    members: list[npt.NDArray[np.int64]] = []
    numbers: list[npt.NDArray[np.int64]] = []
    count = 0
    for band in range(bands):
        for same, number in _shared(signatures[:, band * rows : (band + 1) * rows], salts):
            members.append(same)
            numbers.append(number + count)
            count += int(number.max()) + 1
    if not members:
        yield from ([] for _ in range(len(sets)))
        return
    member, number = np.concatenate(members), np.concatenate(numbers)
    order = np.argsort(member, kind="stable")
    edges = np.searchsorted(member[order], np.arange(len(sets) + 1))
    ordered = number[order].tolist()
    yield from (ordered[start:end] for start, end in pairwise(edges.tolist()))


def _shape(threshold: float, recall: float) -> tuple[int, int]:
    """Return how many numbers a band has, as many as can be, and how many bands find a pair at the threshold."""
    for rows in range(_MOST_PERMUTATIONS, 1, -1):
        missed = 1 - threshold**rows
        bands = math.ceil(math.log(1 - recall) / math.log(missed)) if 0 < missed < 1 else 1
        if missed < 1 and rows * bands <= _MOST_PERMUTATIONS:
            return rows, bands
    return 1, _MOST_PERMUTATIONS


def _signatures(sets: HashSets, permutations: int, seed: int) -> "npt.NDArray[np.uint32]":
    import numpy as np
    from rensa import RMinHash

    signatures = np.empty((len(sets), permutations), dtype=np.uint32)
    for first in range(0, len(sets), _TEXTS_AT_A_TIME):
        edges = sets.starts[first : first + _TEXTS_AT_A_TIME + 1]
        matrix = RMinHash.digest_matrix_from_flat_token_hashes(
            sets.hashes[edges[0] : edges[-1]], (edges - edges[0]).astype(np.uint64), permutations, seed
        )
        signatures[first : first + len(edges) - 1] = matrix.to_rows()
    return signatures


def _shared(
    band: "npt.NDArray[np.uint32]", salts: Hashes
) -> "Iterator[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]":
    """Yield the texts that share this band and their salt with another, and the number from 0 of what they share."""
    import numpy as np

    keys: Hashes = salts.copy()
    for column in band.T:
        keys = (keys ^ column) * np.uint64(_MIX)
        keys ^= keys >> np.uint64(29)
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    follows = np.zeros(len(keys) + 1, dtype=bool)
    follows[1:-1] = ordered[1:] == ordered[:-1]
    shared = follows[:-1] | follows[1:]
    if shared.any():
        yield order[shared], np.cumsum(~follows[:-1][shared]) - 1
