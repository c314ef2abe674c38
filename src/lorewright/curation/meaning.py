"""Examples that say in other words what an earlier one says: found by the vectors of an embedder."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, TypeAlias

from lorewright.core.records import Example, Rejection
from lorewright.curation.rejecting import rejection
from lorewright.curation.sameness import answered, contradict, is_shown, said
from lorewright.curation.turns import STRUCTURED_TASKS, refuses

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

Vectors: TypeAlias = "npt.NDArray[np.float32]"
Embed = Callable[[Sequence[str]], Vectors]
"""Texts to vectors of length 1, a row a text."""

_ALIKE_ANSWERS = 0.45
_ROWS, _COLUMNS = 1024, 8192


def drop_same_meaning(
    examples: Sequence[Example], *, embed: Embed, threshold: float
) -> list[Example | Rejection]:
    """Leave out examples that say what a kept one says, in other words.

    Two are one when question and answer together have a cosine of `threshold` where both rest on one passage, of
    (1 + threshold) / 2 elsewhere; when the answers alone have one of 0.45; and when not each of the two gives a name
    or number that the other lacks. Refusals and structured tasks pass.

    Args:
        examples: In order; of several that say the same the first stays.
        embed: Asked once for all examples, and once for the answers of those that may be one.
        threshold: As it was measured with all-MiniLM-L6-v2; other embedders have other scales.
    """
    places = [
        place for place, one in enumerate(examples) if one.task not in STRUCTURED_TASKS and not refuses(one)
    ]
    chosen = [examples[place] for place in places]
    results: list[Example | Rejection] = list(examples)
    if len(chosen) < 2:
        return results
    pairs = _near(chosen, embed([said(one) for one in chosen]), threshold)
    pairs = _of_like_answers(chosen, pairs, embed)
    left_out: set[int] = set()
    for later in sorted(pairs):
        by_cosine = sorted(pairs[later].items(), key=lambda pair: (-pair[1], pair[0]))
        for earlier, cosine in by_cosine:
            if earlier not in left_out and not contradict(said(chosen[later]), said(chosen[earlier])):
                left_out.add(later)
                results[places[later]] = rejection(
                    chosen[later],
                    filter_name="same_meaning",
                    reason=f"question and answer mean what the twin's mean: cosine {cosine:.2f}",
                    twin=chosen[earlier].id,
                )
                break
    return results


def _near(examples: Sequence[Example], vectors: Vectors, threshold: float) -> dict[int, dict[int, float]]:
    """Return for later examples the earlier ones that are near enough, with the cosine."""
    found: dict[int, dict[int, float]] = defaultdict(dict)
    for later, earlier in _of_one_passage(examples):
        cosine = float(vectors[later] @ vectors[earlier])
        if cosine >= threshold:
            found[later][earlier] = cosine
    for later, earlier, cosine in _nearest(vectors, (1 + threshold) / 2):
        found[later][earlier] = cosine
    return {
        later: kept
        for later, those in found.items()
        if (kept := {one: cosine for one, cosine in those.items() if _comparable(examples, later, one)})
    }


def _of_one_passage(examples: Sequence[Example]) -> Iterator[tuple[int, int]]:
    """Yield pairs (later, earlier) that rest on one chunk."""
    of_chunk: dict[str, list[int]] = defaultdict(list)
    for place, one in enumerate(examples):
        for chunk_id in {piece.chunk_id for piece in one.evidence}:
            of_chunk[chunk_id].append(place)
    for places in of_chunk.values():
        for earlier, later in combinations(places, 2):
            yield later, earlier


def _nearest(vectors: Vectors, limit: float) -> Iterator[tuple[int, int, float]]:
    """Yield pairs (later, earlier, cosine) with a cosine of at least the limit, a tile of the products at a time."""
    import numpy as np

    for top in range(0, len(vectors), _ROWS):
        rows = vectors[top : top + _ROWS]
        for left in range(0, top + len(rows), _COLUMNS):
            tile = rows @ vectors[left : min(left + _COLUMNS, top + len(rows))].T
            for row, column in zip(*np.nonzero(tile >= limit), strict=True):
                later, earlier = top + int(row), left + int(column)
                if earlier < later:
                    yield later, earlier, float(tile[row, column])


def _comparable(examples: Sequence[Example], one: int, other: int) -> bool:
    return is_shown(examples[one]) == is_shown(examples[other])


def _of_like_answers(
    examples: Sequence[Example], pairs: Mapping[int, Mapping[int, float]], embed: Embed
) -> dict[int, dict[int, float]]:
    """Return the pairs whose answers alone are near too."""
    asked = sorted({*pairs, *(earlier for those in pairs.values() for earlier in those)})
    if not asked:
        return {}
    row = {place: number for number, place in enumerate(asked)}
    vectors = embed([answered(examples[place]) for place in asked])
    return {
        later: {
            earlier: cosine
            for earlier, cosine in those.items()
            if float(vectors[row[later]] @ vectors[row[earlier]]) >= _ALIKE_ANSWERS
        }
        for later, those in pairs.items()
    }
