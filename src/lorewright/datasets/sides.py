"""The side and group of documents: by a field value of their examples, or by their content."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from lorewright.core.records import Assignment, Example
from lorewright.datasets.bridges import bridges
from lorewright.datasets.draws import Ratios, content_key, draw, ensure_sides, moved, side, train_side
from lorewright.datasets.evidence import ChunkPlaces, spans
from lorewright.datasets.fields import field_value
from lorewright.text.near_duplicates import clusters

LEFT_OUT = "left_out"
"""The `Assignment.split` of a document that would bridge two sides."""


class Dealt(NamedTuple):
    """Documents dealt out to sides.

    Attributes:
        assignments: The side and the group of each.
        filled: Groups that were put on another side than the one drawn, with that side: without them it would be
            empty. They may go back when documents are added; no others ever change their side.
    """

    assignments: list[Assignment]
    filled: dict[str, str]


def field_values(
    examples: Iterable[Example], chunk_places: ChunkPlaces, split_by: str
) -> dict[str, set[str]]:
    """Return the values of a metadata field by document: those of the examples that quote it."""
    values: dict[str, set[str]] = {}
    for example in examples:
        value = field_value(example, split_by)
        if value:
            for span in spans(example, chunk_places):
                values.setdefault(span.document_id, set()).add(value)
    return values


def by_field(values: Mapping[str, set[str]], *, ratios: Ratios, split_by: str, seed: int) -> Dealt:
    """Return each document on the side of its value; one with values of several sides is left out."""
    labels = {value: f"{split_by}={value}" for value in set().union(*values.values())}
    drawn = {label: draw(label, seed=seed) for label in labels.values()}
    sides = ensure_sides(drawn, ratios)
    assignments = []
    for document_id, own in values.items():
        groups = sorted(labels[value] for value in own)
        met = {sides[group] for group in groups}
        split = met.pop() if len(met) == 1 else LEFT_OUT
        assignments.append(Assignment(document_id=document_id, group=groups[0], split=split))
    return Dealt(assignments, moved(drawn, sides, ratios))


def by_content(
    texts: Mapping[str, str],
    *,
    ratios: Ratios,
    near_duplicate_threshold: float,
    max_test_chars: int,
    seed: int,
) -> Dealt:
    """Return each document on the side drawn by its content; near duplicates on one side are one group.

    One longer than `max_test_chars` is on the train side: a single huge page would else be most of a test, and to
    balance sizes in any other way would move documents when others are added.
    """
    ids = sorted(texts)
    own_draw = {key: draw(content_key(texts[key], seed=seed), seed=seed) for key in ids}
    huge = [key for key in ids if len(texts[key]) > max_test_chars]
    own_draw |= {key: train_side(own_draw[key], ratios) for key in huge}
    own_side = {key: side(own_draw[key], ratios) for key in ids}
    members: dict[int, list[str]] = {}
    numbers = clusters([texts[key] for key in ids], threshold=near_duplicate_threshold, seed=seed)
    for key, number in zip(ids, numbers, strict=True):
        members.setdefault(number, []).append(key)
    left_out: set[str] = set()
    group_of: dict[str, str] = {}
    for cluster in members.values():
        left_out |= bridges(cluster, texts=texts, sides=own_side, threshold=near_duplicate_threshold)
        first_on: dict[str, str] = {}
        for key in cluster:
            if key not in left_out:
                group_of[key] = first_on.setdefault(own_side[key], key)
    group_draw: dict[str, float] = {}
    for key, group in group_of.items():
        group_draw[group] = min(own_draw[key], group_draw.get(group, 1.0))
    sides = ensure_sides(group_draw, ratios)
    assignments = [
        Assignment(
            document_id=key,
            group=group_of.get(key, key),
            split=sides[group_of[key]] if key in group_of else LEFT_OUT,
        )
        for key in ids
    ]
    return Dealt(assignments, moved(group_draw, sides, ratios))
