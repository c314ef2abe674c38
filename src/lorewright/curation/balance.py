"""How much of the examples one group may be: what exceeds its share is left out, small groups may be repeated."""

from collections.abc import Callable, Sequence

from lorewright.core.ids import short_id
from lorewright.core.records import Example, Rejection
from lorewright.curation.curate import is_accepted
from lorewright.curation.rejecting import rejection

REPEATS = "repeats"
"""Metadata of an example that training is to see several times: how often."""


def cap_groups(
    examples: Sequence[Example], *, group_of: Callable[[Example], str], max_share: float, seed: int
) -> list[Example | Rejection]:
    """Return for each example in order itself, or its rejection where its group exceeds its share of what is kept.

    Of a group that is too large the accepted ones stay first, then those that a stable hash draws. Where the groups
    are too few for the share (two groups cannot both have 40%), they become equal.

    Args:
        examples: What the other filters kept.
        group_of: The group of an example.
        max_share: Largest share of one group, above 0 and at most 1.
        seed: Of the draw.
    """
    members = _members(examples, group_of)
    most = largest_size([len(positions) for positions in members.values()], max_share=max_share)
    results: list[Example | Rejection] = list(examples)
    for group, positions in members.items():
        drawn = sorted(positions, key=lambda position: _order(examples[position], seed))
        for position in drawn[most:]:
            results[position] = rejection(
                examples[position],
                filter_name="balance",
                reason=f"{group} has {len(positions):,} examples, {most:,} are at most {max_share:.0%} of all",
            )
    return results


def repeat_small_groups(
    examples: Sequence[Example], *, group_of: Callable[[Example], str], max_repeats: int
) -> list[Example]:
    """Return the examples, those of small groups marked to be seen several times in training.

    Each group is brought up to at most the size of the largest, by whole repeats.

    Args:
        examples: What is kept.
        group_of: The group of an example.
        max_repeats: How often one example may be seen.
    """
    members = _members(examples, group_of)
    largest = max((len(positions) for positions in members.values()), default=0)
    results = list(examples)
    for positions in members.values():
        repeats = min(max_repeats, largest // len(positions))
        for position in positions if repeats > 1 else ():
            one = examples[position]
            results[position] = one.model_copy(update={"metadata": {**one.metadata, REPEATS: repeats}})
    return results


def largest_size(sizes: Sequence[int], *, max_share: float) -> int:
    """Return the largest size n so that, with every group cut to n, none is more than `max_share` of what is left.

    Where no size does that, the groups being too few, the size of the smallest group.
    """
    if not sizes:
        return 0
    low, high = min(sizes), max(sizes)
    while low < high:
        middle = (low + high + 1) // 2
        if middle <= max_share * sum(min(size, middle) for size in sizes):
            low = middle
        else:
            high = middle - 1
    return low


def _members(examples: Sequence[Example], group_of: Callable[[Example], str]) -> dict[str, list[int]]:
    members: dict[str, list[int]] = {}
    for position, example in enumerate(examples):
        members.setdefault(group_of(example), []).append(position)
    return members


def _order(example: Example, seed: int) -> tuple[bool, str]:
    return not is_accepted(example), short_id("balance", seed, example.id)
