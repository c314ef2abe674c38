"""The held-out questions about documents that are trained on."""

from collections.abc import Sequence

from lorewright.core.records import Example
from lorewright.datasets.draws import draw
from lorewright.datasets.evidence import ChunkPlaces, overlapping, spans
from lorewright.text.near_duplicates import clusters

_FEWEST_CLUSTERS = 3


def hold_out(
    examples: Sequence[Example],
    chunk_places: ChunkPlaces,
    *,
    ratio: float,
    near_duplicate_threshold: float,
    seed: int,
) -> set[int]:
    """Return the positions of the examples to test on, about `ratio` of the clusters, never a part of one.

    A cluster holds the examples of a document whose evidence overlaps or whose questions are near duplicates. It
    is drawn by its smallest example id, so other documents do not matter. Of three clusters or more at least one
    is held out.
    """
    roots = list(range(len(examples)))
    for one, other in _links(examples, chunk_places, near_duplicate_threshold, seed):
        first, second = sorted((_root(roots, one), _root(roots, other)))
        roots[second] = first
    members: dict[int, list[int]] = {}
    for position in range(len(examples)):
        members.setdefault(_root(roots, position), []).append(position)
    drawn = {
        root: draw("seen:" + min(examples[position].id for position in positions), seed=seed)
        for root, positions in members.items()
    }
    held = {root for root, value in drawn.items() if value < ratio}
    if not held and ratio > 0 and len(members) >= _FEWEST_CLUSTERS:
        held = {min(drawn, key=lambda root: (drawn[root], examples[root].id))}
    return {position for root in held for position in members[root]}


def _links(
    examples: Sequence[Example], chunk_places: ChunkPlaces, threshold: float, seed: int
) -> list[tuple[int, int]]:
    """Return pairs of positions that belong together."""
    found = [
        (span, position) for position, example in enumerate(examples) for span in spans(example, chunk_places)
    ]
    links = overlapping(found)
    asked: dict[str, dict[int, str]] = {}
    for span, position in found:
        prompt = "\n".join(turn.content for turn in examples[position].messages[:-1])
        asked.setdefault(span.document_id, {})[position] = prompt
    for prompts in asked.values():
        first_of: dict[int, int] = {}
        numbers = clusters(list(prompts.values()), threshold=threshold, seed=seed)
        for position, number in zip(prompts, numbers, strict=True):
            links.append((first_of.setdefault(number, position), position))
    return links


def _root(roots: list[int], member: int) -> int:
    while roots[member] != member:
        roots[member] = roots[roots[member]]
        member = roots[member]
    return member
