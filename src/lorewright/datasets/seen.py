"""The held-out questions about documents that are trained on."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from lorewright.core.records import Example
from lorewright.datasets.draws import draw
from lorewright.datasets.evidence import ChunkPlaces, overlapping, own_spans
from lorewright.text.components import join, root
from lorewright.text.near_duplicates import clusters

_FEWEST_CLUSTERS = 3


class HeldOut(NamedTuple):
    """What is held out.

    Attributes:
        positions: Of the examples.
        filled: Whether a cluster was taken though its draw is above the ratio, for the test would be empty.
    """

    positions: set[int]
    filled: bool


def hold_out(
    examples: Sequence[Example],
    chunk_places: ChunkPlaces,
    *,
    ratio: float,
    near_duplicate_threshold: float,
    seed: int,
) -> HeldOut:
    """Return the positions of the examples to test on, about `ratio` of the clusters, never a part of one.

    A cluster holds the examples of a document whose own evidence overlaps or whose questions are near duplicates. It
    is drawn by its smallest example id alone: what other documents hold, and how much of its own is held out, does not
    matter. A group of which all is held out was not seen; of the groups with one cluster, `ratio` are such. Where
    nothing could be tested, and there are three clusters or more, the lowest draw of a group that can spare it is
    taken.
    """
    drawn = sorted(
        (draw("seen:" + min(examples[position].id for position in members), seed=seed), members)
        for members in _clusters(examples, chunk_places, near_duplicate_threshold, seed)
    )
    sizes = Counter(example.group for example in examples)

    def spared(members: Iterable[int]) -> bool:
        taken = Counter(examples[position].group for position in members)
        return any(count < sizes[group] for group, count in taken.items())

    held = {position for value, members in drawn if value < ratio for position in members}
    if spared(held) or not ratio or len(drawn) < _FEWEST_CLUSTERS:
        return HeldOut(held, filled=False)
    filling = next((set(members) for _, members in drawn if spared(held.union(members))), set())
    return HeldOut(held | filling, filled=bool(filling))


def _clusters(
    examples: Sequence[Example], chunk_places: ChunkPlaces, threshold: float, seed: int
) -> list[list[int]]:
    """Return the positions that belong together."""
    parents = list(range(len(examples)))
    for one, other in _links(examples, chunk_places, threshold, seed):
        join(parents, one, other)
    members: dict[int, list[int]] = {}
    for position in range(len(examples)):
        members.setdefault(root(parents, position), []).append(position)
    return list(members.values())


def _links(
    examples: Sequence[Example], chunk_places: ChunkPlaces, threshold: float, seed: int
) -> list[tuple[int, int]]:
    """Return pairs of positions that belong together."""
    found = [
        (span, position) for position, own in enumerate(own_spans(examples, chunk_places)) for span in own
    ]
    links = overlapping(found)
    asked: dict[str, dict[int, str]] = {}
    for span, position in found:
        asked.setdefault(span.document_id, {})[position] = examples[position].prompt
    for prompts in asked.values():
        first_of: dict[int, int] = {}
        numbers = clusters(list(prompts.values()), threshold=threshold, seed=seed)
        for position, number in zip(prompts, numbers, strict=True):
            links.append((first_of.setdefault(number, position), position))
    return links
